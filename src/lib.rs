//! Verifies Iamport (PortOne V1) payments against the orders in DynamoDB.
//!
//! One request: [`app::App::handle`] → [`http`] finds the route and the ids → [`settle`] looks the payment up
//! ([`iamport`] over [`exchange`], with credentials from [`secrets`]), screens it ([`payment`]), and records it on its order with one
//! conditional write ([`orders`]); what the write refuses, [`verdict`] explains from the old row;
//! a new virtual account is told to the customer ([`notice`], [`customers`]) → an [`outcome::Outcome`] becomes the answer.
//! All calls leave through one HTTP [`client`], those of the AWS SDK by way of [`aws`].
//!
//! Everything that decides is a pure function ([`payment`], [`verdict`], [`outcome`], [`decimal`]); everything that
//! waits is at the edge. The order's row is the only record and its conditional write the only lock.

pub mod app;
pub mod aws;
pub mod client;
pub mod config;
pub mod customers;
pub mod decimal;
pub mod exchange;
mod facts;
pub mod http;
pub mod iamport;
mod json;
pub mod log;
pub mod notice;
pub mod orders;
pub mod outcome;
pub mod payment;
pub mod secrets;
pub mod settle;
pub mod verdict;
