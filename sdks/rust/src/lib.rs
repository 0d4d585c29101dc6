#![doc = include_str!("../README.md")]

mod client;
mod error;
mod follow;
#[allow(unused_imports, clippy::all, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, rustdoc::all)]
#[rustfmt::skip]
mod generated;
mod jobs;
#[rustfmt::skip]
mod problem_types;
mod retry;
mod sse;
mod webhook;

pub use client::{Ally, AllyBuilder, Token};
pub use error::{Error, ProblemError};
pub use follow::{Follow, JobNews, JobNewsItem};
pub use generated::{ByteStream, Client, ResponseValue, builder, types};
pub use jobs::JobNotEnded;
pub use problem_types::{PROBLEM_TYPES, ProblemKind};
pub use retry::{RetryLimits, Retrying};
pub use webhook::{WebhookVerificationError, verify_webhook};
