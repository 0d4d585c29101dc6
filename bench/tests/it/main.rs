//! The bench itself, on a handful of jobs: every figure is there, and what was lost would be seen. No time is judged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod fake_gateway;
mod load;
mod whole;
