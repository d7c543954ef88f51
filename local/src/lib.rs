//! The shop on your machine: everything the payment verifier talks to, and the verifier itself, in one process.
//!
//! ```text
//! HTTP ─ Front ─ event ─ Function ─┬─ iamport_sim::Simulator    the gateway
//!                                  └─ Aws ─┬─ DynamoDB          dynoxide, or an engine of yours
//!                                          ├─ Secrets Manager   answered here
//!                                          └─ SNS               answered here
//! ```
//!
//! * [`Shop`] opens it all and hands out [`Function`]s, cold, with the settings you like.
//! * [`Function`] is invoked as Lambda would: by event, by HTTP request, or by a verb.
//! * [`lambda`] drives the real program: a process, and the Runtime API it asks for work.
//! * [`Aws`] counts the function's calls and breaks them on demand; [`Table`] reads and writes rows behind its back.
//! * [`samples`] stocks it for `events/`.
//! * [`Front`] listens for people, browsers and `curl`.

mod answer;
pub mod aws;
mod error;
pub mod event;
mod front;
mod function;
pub mod lambda;
mod row;
pub mod samples;
mod server;
mod shop;
mod table;

pub use answer::Answer;
pub use aws::{Aws, Sms};
pub use error::Error;
pub use front::Front;
pub use function::Function;
pub use row::{Item, shops_own};
pub use shop::{Options, Shop};
pub use table::{Key, Table};

/// The region everything pretends to be in: Seoul.
const REGION: &str = "ap-northeast-2";
