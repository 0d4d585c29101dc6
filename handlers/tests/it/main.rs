//! The handlers over the in-memory event store: what they append, and how they answer, whatever comes twice or in between.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bench;
mod channel;
mod corrupt;
mod counts;
mod health;
mod job_feed;
mod llm;
mod newer;
mod onboarding;
mod planner;
mod presence;
mod progress;
mod reconciler;
mod replan;
mod schedule;
mod stopped;
mod submit;
mod unread;
mod webhooks;
