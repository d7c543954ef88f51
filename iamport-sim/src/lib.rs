//! A faithful Iamport (`PortOne` V1) gateway, for tests and local work.
//!
//! ```no_run
//! # async fn shop() -> Result<(), Box<dyn std::error::Error>> {
//! use iamport_sim::{Delivery, Fault, Route, Settings, Simulator, WebhookTarget};
//!
//! let gateway = Simulator::start(Settings::default()).await?;
//! gateway.set_webhook(WebhookTarget::json("http://127.0.0.1:3000/payments/webhook"))?;
//! let imp_uid = gateway.create(r#"{"merchant_uid": "ORD-1", "amount": 14.20, "currency": "USD"}"#)?;
//! gateway.fault(Fault::status(500).on(Route::LookUp).times(1));
//! let answers = gateway.webhook(&imp_uid, Delivery::Duplicated(2)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! What the real gateway is known to do, this one does to the byte: envelopes, messages, key order, escapes, token
//! reuse, sandbox hiding, cancellation arithmetic, webhooks. Numbers are printed as they were given; no amount is
//! ever a float. Where the real one's answer is not documented, a comment says so, and it is best not relied on.
//! Sources are named in the docs: OAS is the official V1 `OpenAPI` schema (`v1.openapi.json`), WH the webhook guide
//! (`readme-v1`), PAYRQ the SDK's payment request, HELP the help centre.
//!
//! A call goes `server` → `request` → `state` (with the `fault` that befalls it) → `api` → `answer` → `body`;
//! the binary's `control` API moves the same state by hand. `payment` and `token` are what the gateway knows
//! and know no I/O; `core` holds the one lock and sends `webhook`s.

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
mod overrides;
mod payment;
mod post;
mod random;
mod request;
mod route;
mod server;
mod settings;
mod simulator;
mod state;
mod template;
mod token;
mod webhook;

pub use call::Call;
pub use error::Error;
pub use fault::Fault;
pub use route::Route;
pub use settings::Settings;
pub use simulator::Simulator;
pub use webhook::{ContentType, Delivery, Notice, Receipt, Sent, WebhookTarget};
