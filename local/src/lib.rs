//! The shop on your machine.
