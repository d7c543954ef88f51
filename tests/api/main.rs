//! Black-box tests: HTTP events in, answers and table rows out.
//!
//! Every test opens a shop of its own: the embedded engine, or DynamoDB Local where `DYNAMODB_ENDPOINT` says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod accounts;
mod amounts;
mod answers;
mod assertions;
mod attempts;
mod bodies;
mod by_order;
mod confirm;
mod costs;
mod deadline;
mod edits;
mod events;
mod expression;
mod facts;
mod gateway_nonsense;
mod gateway_trouble;
mod identifiers;
mod late_deliveries;
mod lives;
mod log_lines;
mod lost_replies;
mod orders;
mod prepare;
mod redirect;
mod refunds;
mod routes;
mod row;
mod sandbox;
mod secrets;
mod settings;
mod simultaneous;
mod sweep;
mod test_shop;
mod text_limit;
mod texts;
mod tokens;
mod unmatched;
mod unpaid_attempts;
mod webhooks;
