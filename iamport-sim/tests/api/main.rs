//! The gateway through HTTP, as its clients see it.

mod cancel;
mod control;
mod faults;
mod fixture;
mod look_up;
mod port;
mod prepare;
mod program;
mod search;
mod token;
mod webhooks;
