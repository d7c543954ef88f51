//! The binary. Not in the process of the other tests: a child holds their ports until it has become a program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod bad_input;
#[expect(dead_code, reason = "the other tests need all of it")]
#[path = "../api/fixture.rs"]
mod fixture;
mod running;
mod scenarios;
mod serve;
mod verbs;
