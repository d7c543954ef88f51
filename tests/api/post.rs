//! HTTP API events made by hand, for what no well-behaved client sends.

pub(crate) use local::event::{FORM, JSON, Post, request as event};
