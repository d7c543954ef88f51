//! Black-box tests: HTTP events in, answers and table rows out.
//!
//! Every test opens a shop of its own: the embedded engine, or DynamoDB Local where `DYNAMODB_ENDPOINT` says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod accounts;
mod amounts;
mod answers;
mod attempts;
mod bodies;
mod costs;
mod deadline;
mod edits;
mod events;
mod expression;
mod facts;
mod identifiers;
mod lives;
mod logs;
mod lost;
mod nonsense;
mod orders;
mod post;
mod routes;
mod row;
mod rush;
mod sandbox;
mod says;
mod secrets;
mod settings;
mod stale;
mod sweep;
mod texts;
mod thrice;
mod till;
mod tokens;
mod trouble;
mod unmatched;
mod webhooks;
mod worthless;
