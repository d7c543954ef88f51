//! Verifies Iamport payments.
pub mod app;
pub mod config;
