//! The streams on the server beside what this version needs: looked at by every role, made and changed by a command alone.
//!
//! A role that finds a stream gone or otherwise says so and waits; it never makes or changes one (ADR 0054). Deliberately
//! not here: what the streams must be (`topology`).

mod apply;
mod compare;
mod fault;
mod state;

use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::Config;
use futures::future::try_join_all;
use tokio_util::sync::CancellationToken;

use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::names::StreamName;

pub use apply::{Applied, Replicas};
pub use fault::{StreamDifference, StreamFault};
pub(crate) use state::StreamState;

/// The pause between two looks while all is well: a stream that is deleted is noticed within it.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);
/// The pause while something is not: a role goes on soon after it was mended.
const WAITING_INTERVAL: Duration = Duration::from_millis(500);

impl JetStream {
    /// Looks at every stream and says what is wrong with it; nothing is changed. What was seen holds for
    /// [`Self::streams_ready`] until the next look.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn look_at_streams(&self) -> Result<Vec<StreamFault>, JetStreamError> {
        let state = self.stream_state();
        let found = match self.streams_found().await {
            Ok(found) => found,
            Err(error) => {
                state.set(Err(&error));
                return Err(error);
            }
        };
        state.set_replicated(found.iter().filter_map(|(_, config)| Some(config.as_ref()?.num_replicas)).max());
        let faults = compare::faults(self, &found, state.were_there());
        state.set(Ok(&faults));
        Ok(faults)
    }

    /// Looks again and again until the token is cancelled.
    pub async fn watch_streams(&self, cancel: &CancellationToken) {
        let work = async {
            loop {
                let well = self.look_at_streams().await.is_ok_and(|faults| faults.is_empty());
                tokio::time::sleep(if well { LOOK_INTERVAL } else { WAITING_INTERVAL }).await;
            }
        };
        let _: Option<()> = cancel.run_until_cancelled(work).await;
    }

    /// Whether the streams were as they must be at the last look; the error is a sentence that says what is not.
    ///
    /// # Errors
    /// While a stream is gone, has other settings or those of a newer version, or none was looked at yet.
    pub fn streams_ready(&self) -> Result<(), String> {
        self.stream_state().ready()
    }

    /// Waits until the streams are as they must be. Somebody must look: see [`Self::watch_streams`].
    pub async fn established(&self) {
        self.stream_state().established().await;
    }

    /// Whether a direct read may be answered by a server that lags behind; yes until the streams were looked at.
    pub(crate) fn is_replicated(&self) -> bool {
        self.stream_state().is_replicated()
    }

    /// Each stream with its settings; none where it is not there.
    async fn streams_found(&self) -> Result<Vec<(StreamName, Option<Config>)>, JetStreamError> {
        try_join_all(StreamName::ALL.map(async |stream| {
            let name = self.names().stream(stream);
            match self.context().get_stream(&name).await {
                Ok(found) => Ok((stream, Some(found.cached_info().config.clone()))),
                Err(error) => match error.kind() {
                    GetStreamErrorKind::JetStream(refusal) if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                        Ok((stream, None))
                    }
                    _ => Err(JetStreamError::Unavailable {
                        what: format!("the stream {name}"),
                        reason: error.to_string(),
                    }),
                },
            }
        }))
        .await
    }
}
