//! A hostile world: attacks kept as data, canaries in everything private, and bounds on what is read.
//!
//! * [`attacks`] plays every attack of `attacks/*.json`, and next to each its honest twin, which is accepted.
//! * [`leaks_of_the_binary`] runs the real binary through every outcome and every trouble, and reads all that it says;
//!   [`leaks_in_errors`] reads the errors.
//! * [`limits`] sends more than the function is willing to read; `memory_of_sweeps` lists more.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod attack;
mod attacks;
mod canaries;
mod canary_shop;
mod gateway_troubles;
mod http_server;
mod leaks_in_errors;
mod leaks_of_the_binary;
mod limits;
#[cfg(target_os = "linux")]
mod memory_of_sweeps;
mod rows;
mod scripted_aws;
mod sent;
mod world;
