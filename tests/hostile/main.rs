//! A hostile world: attacks kept as data, canaries in everything private, and bounds on what is read.
//!
//! * [`attacks`] plays every attack of `attacks/*.json`, and next to each its honest twin, which is accepted.
//! * [`canaries`] runs the real binary through every outcome and every trouble, and reads all that it says.
//! * [`memory`] sends more than the function is willing to read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod attack;
mod attacks;
mod cage;
mod canaries;
mod canary;
mod cloud;
mod errors;
mod event;
mod loopback;
mod memory;
mod rows;
mod troubles;
mod world;
