//! The layer against a small server that cuts, refuses and splits its bytes anywhere.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod double;
mod follow;
mod requests;
mod webhook;
