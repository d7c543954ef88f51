//! A faithful Iamport (`PortOne` V1) gateway, for tests and local work.

mod answer;
mod api;
mod body;
mod call;
mod clock;
mod control;
mod core;
mod error;
mod fault;
mod json;
mod money;
mod payment;
mod post;
mod random;
mod request;
mod server;
mod settings;
mod simulator;
mod state;
mod token;
mod webhook;

pub use call::Call;
pub use error::Error;
pub use fault::{Fault, Route};
pub use settings::Settings;
pub use simulator::Simulator;
pub use webhook::{ContentType, Delivery, Notice, Receipt, Sent, WebhookTarget};
