//! A hostile network: faults between the function and everything it talks to, and what must hold all the same.
//!
//! `cargo test --test chaos` tries a little of each; `make chaos` (`WHOLE=true`) all of it, and time bounds too.
//! `SEED` sets what is drawn, `PAYMENTS` and `ROUNDS` how much of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod any_order;
mod blips;
mod call;
mod crashes;
mod environment;
mod http;
mod life;
mod lost;
mod matrix;
mod network_fault;
mod outage;
mod proxy;
mod refunds;
mod rounds;
mod setting;
mod storm;
mod story;
mod sweeps_at_once;
mod tally;
mod wire;
mod worst_moment;
mod writes;
