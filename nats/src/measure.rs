//! Measuring the store: the account's figures, asked from the server again and again.

use std::time::Duration;

use ally_telemetry::names;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::capacity::{StoreFigures, StoreLevel};
use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::names::StreamName;

impl JetStream {
    /// Measures the store every so often until the token is cancelled, and keeps [`Self::capacity`] and its gauges.
    pub async fn measure_store(&self, every: Duration, stop: &CancellationToken) {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut last = StoreLevel::Free;
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            // A server that does not answer has not got fuller meanwhile.
            let Ok(figures) = self.store_figures().await else { continue };
            metrics::gauge!(names::JETSTREAM_STORAGE_BYTES).set(figures.used_bytes as f64);
            if let Some(limit) = figures.limit_bytes {
                metrics::gauge!(names::JETSTREAM_STORAGE_LIMIT_BYTES).set(limit as f64);
            }
            self.capacity().measured(figures);
            let level = self.capacity().level();
            match self.capacity().warning() {
                Some(warning) if level > last => tracing::warn!(warning, "the store fills up"),
                None if level < last => tracing::info!(used_bytes = figures.used_bytes, "the store has room again"),
                _ => {}
            }
            last = level;
        }
    }

    /// What the streams take of one server's store, and what they may take. The account's figures count every replica.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn store_figures(&self) -> Result<StoreFigures, JetStreamError> {
        let unavailable =
            |reason: String| JetStreamError::Unavailable { what: "its account information".to_owned(), reason };
        let answer: Value =
            self.context().request("INFO", &()).await.map_err(|error| unavailable(error.to_string()))?;
        let Some(stored) = answer.get("storage").and_then(Value::as_u64) else {
            let refused = answer.pointer("/error/description").and_then(Value::as_str);
            return Err(unavailable(refused.unwrap_or("it tells no storage").to_owned()));
        };
        // As the stream has them: a process may be configured for others.
        let plans = self.stream(StreamName::Plans).await?.get_info().await;
        let replicas = plans.map_err(|error| unavailable(error.to_string()))?.config.num_replicas.max(1) as u64;
        // -1 is without a limit of the account's own.
        let of_account = answer.pointer("/limits/max_storage").and_then(Value::as_u64).filter(|limit| *limit > 0);
        let limit_bytes = self.config().store_limit_bytes.or(of_account.map(|limit| limit / replicas));
        Ok(StoreFigures { used_bytes: stored / replicas, limit_bytes })
    }
}
