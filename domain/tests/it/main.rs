//! The domain's tests from outside: the plan engine over the whole space of answers, and the golden events.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod engine;
mod golden;
