//! Verifies Iamport (PortOne V1) payments against the orders in DynamoDB.
//!
//! One request: [`app::App::handle`] → [`api`] finds the route and the ids → [`verify`] looks the payment up
//! ([`gateway`]), screens it ([`payment`]) and records it on its order with one conditional write ([`orders`], which
//! also explains what it refused) → money that no order took goes on the list of [`unmatched`] payments → a new virtual
//! account is told to the customer ([`vbank_notice`], [`customers`]) → an [`outcome::Outcome`] becomes the answer, and one
//! line of the [`log`].
//!
//! A request that names only the order settles every attempt that the gateway knows ([`by_order`]); before there is a
//! payment, `prepare` registers the order's amount at the gateway, and `confirm` tells the gateway whether to approve.
//!
//! One sweep: the scheduler's event → [`sweep`] lists what the gateway has and settles each payment as a webhook would
//! → looks again at the open unmatched ones → [`refund`], where that is switched on → a summary, in one line of the log.
//!
//! [`dynamodb`] knows tables, conditions and updates; [`retry`] is where a call is tried again; all calls leave through one
//! HTTP client ([`http_client`]), those of the AWS SDK by way of [`aws`].
//!
//! Everything that decides is a pure function ([`payment`], [`state`], `orders::condition`, `orders::row`, [`verdict`],
//! [`unmatched::condition`], the guards in [`refund`], [`outcome`], [`decimal`]); everything that waits is at the edge. The
//! order's row is the only record of an order and its conditional write the only lock.
//!
//! Sources of gateway facts, named in comments: "OAS" is the official V1 `OpenAPI` schema (`v1.openapi.json`), "AUTH" its page
//! on tokens, "WH" the webhook guide (`readme-v1`), "PAYRT" the SDK's page on results, "HELP" the help centre, "WOO" the
//! official `WooCommerce` plugin.

pub mod api;
pub mod app;
pub mod aws;
pub mod by_order;
mod clock;
pub mod config;
mod confirm;
pub mod customers;
pub mod decimal;
pub mod dynamodb;
pub mod gateway;
pub mod http_client;
mod json;
pub mod log;
pub mod orders;
pub mod outcome;
pub mod payment;
mod prepare;
pub mod refund;
pub mod retry;
pub mod state;
pub mod sweep;
pub mod unmatched;
pub mod vbank_notice;
pub mod verdict;
pub mod verify;
