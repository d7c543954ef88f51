//! Black-box tests: HTTP events in, answers and table rows out.
//!
//! Every test opens a shop of its own: the embedded engine, or DynamoDB Local where `DYNAMODB_ENDPOINT` says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod amounts;
mod answers;
mod attempts;
mod bodies;
mod edits;
mod expression;
mod facts;
mod identifiers;
mod lives;
mod malformed;
mod notes;
mod orders;
mod post;
mod routes;
mod row;
mod says;
mod stale;
mod till;
