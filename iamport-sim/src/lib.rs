#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! A call goes `server` → `request` → `core` (with the `fault` that befalls it) → `api` → `answer` → `body`;
//! the `control` API moves the same `state` by hand. `payment`, `window` and `token` are what the gateway knows, and
//! know no I/O; `core` holds the one lock, sends `webhook`s and asks for a `confirm`ation. Whoever listens is told by
//! `follow`; `client` is the control API from outside, and all that the program's verbs know of the library.
//!
//! Sources are named where they matter: OAS is the official V1 `OpenAPI` schema (`v1.openapi.json`), WH the webhook
//! guide (`readme-v1`), PAYRQ and PAYRT the SDK's payment request and answer (`payrq`, `payrt`), DOC other pages of the
//! developer guide, OLD the guide that it replaced in 2024, HELP the help centre.

mod answer;
mod api;
mod body;
mod browser;
mod call;
mod client;
mod clock;
mod confirm;
mod control;
mod core;
mod error;
mod fault;
mod follow;
mod http;
mod json;
mod money;
mod overrides;
mod payment;
mod post;
mod random;
mod refund;
mod request;
mod route;
mod server;
mod settings;
mod simulator;
mod state;
mod template;
mod token;
mod webhook;
mod window;

pub use call::Call;
pub use client::{Control, Follow};
pub use confirm::Confirm;
pub use error::Error;
pub use fault::Fault;
pub use post::Receipt;
pub use refund::Refund;
pub use route::Route;
pub use settings::{NoPage, Pages, Settings};
pub use simulator::Simulator;
pub use webhook::{ContentType, Delivery, Notice, Sent, WebhookTarget};
pub use window::{Outcome, Redirect, Sdk, Window};
