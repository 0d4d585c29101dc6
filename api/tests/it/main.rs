//! The API over real TCP: an in-memory log behind the real commands, folds and layers, a real client in front.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, also in what it calls"
)]

mod asyncapi;
mod auth;
mod authorization;
mod bad_input;
mod batch;
mod bodies;
mod cached;
mod compressed;
mod cors;
mod document;
mod drain;
mod events;
mod exercises;
mod exports;
mod formats;
mod harness;
mod health;
mod hostile;
mod identity;
mod jobs;
mod limits;
mod lists;
mod observed;
mod old_names;
mod onboarding;
mod operator;
mod outages;
mod pages;
mod plans;
mod positions;
mod presence;
mod profile;
mod queries;
mod queue;
mod quotas;
mod ranges;
mod receiver;
mod refusals;
mod repeated;
mod response_headers;
mod retry;
mod sampling;
mod scheduled;
mod texts;
mod time_crunch;
mod traces;
mod training;
mod webhooks;
