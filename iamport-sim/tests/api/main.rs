//! The gateway through HTTP, as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod accounts;
mod browser;
mod cancel;
mod clock;
mod confirm;
mod control;
mod control_window;
mod faults;
mod fixture;
mod follow;
mod lists;
mod look_up;
mod lost;
mod notice;
mod params;
mod port;
mod prepare;
mod refunds;
mod search;
mod settings;
mod token;
mod webhooks;
mod window;
