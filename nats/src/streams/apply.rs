//! Making the streams and bringing them up to date: by `ally streams apply`, and for servers that Ally starts itself.

use async_nats::jetstream::context::{CreateStreamErrorKind, UpdateStreamErrorKind};
use async_nats::jetstream::stream::Config;

use super::compare::{differences, newer, schema};
use super::fault::{StreamDifference, StreamFault};
use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::topology::{SCHEMA, stream_config};

/// The setting that says how many servers hold a stream.
const REPLICAS: &str = "num_replicas";

/// How many servers are to hold each stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replicas {
    /// As many as do; a new stream as many as the others have, else one.
    AsFound,
    /// So many or more: none is taken away.
    AtLeast(usize),
    /// So many.
    Exactly(usize),
}

impl Replicas {
    fn of(self, found: Option<usize>, most: usize) -> usize {
        match self {
            Self::AsFound => found.unwrap_or(most).max(1),
            Self::AtLeast(least) => found.unwrap_or(most).max(least),
            Self::Exactly(number) => number,
        }
    }
}

/// What became of streams that were to be made or changed.
#[derive(Debug, Default)]
pub struct Applied {
    /// What was changed.
    pub changed: Vec<StreamDifference>,
    /// What the server said of each stream that it refused.
    pub refusals: Vec<JetStreamError>,
}

/// A stream to make or to change.
struct Change {
    exists: bool,
    config: Config,
    differences: Vec<StreamDifference>,
}

impl JetStream {
    /// What [`Self::apply_streams`] would change; nothing where all is as needed.
    ///
    /// # Errors
    /// When the server does not answer, and when a newer version has written the streams.
    pub async fn stream_changes(&self, replicas: Replicas) -> Result<Vec<StreamDifference>, JetStreamError> {
        Ok(self.changes(replicas).await?.into_iter().flat_map(|change| change.differences).collect())
    }

    /// Makes the streams that are not there and changes those that have other settings, each by itself: one that the server
    /// refuses keeps no other from being made. Doing it twice, or from several processes at once, changes nothing more.
    /// Placement and foreign metadata stay.
    ///
    /// # Errors
    /// When the server does not answer, and, before anything is changed, when a newer version has written the streams.
    pub async fn apply_each_stream(&self, replicas: Replicas) -> Result<Applied, JetStreamError> {
        let mut applied = Applied::default();
        for change in self.changes(replicas).await? {
            match self.apply(&change).await {
                Ok(()) => applied.changed.extend(change.differences),
                Err(refusal @ JetStreamError::Refused { .. }) => applied.refusals.push(refusal),
                Err(error) => return Err(error),
            }
        }
        self.look_at_streams().await?;
        Ok(applied)
    }

    /// The same where all of them are needed: says what was changed.
    ///
    /// # Errors
    /// As [`Self::apply_each_stream`], and when the server refuses a stream; the others are applied all the same.
    pub async fn apply_streams(&self, replicas: Replicas) -> Result<Vec<StreamDifference>, JetStreamError> {
        let Applied { changed, refusals } = self.apply_each_stream(replicas).await?;
        refusals.into_iter().next().map_or(Ok(changed), Err)
    }

    /// The streams of servers that belong to this process, made at their first start and brought up to date by a later
    /// version. A stream that was there and is gone is not made anew: what it held is lost, and somebody must know.
    ///
    /// # Errors
    /// As [`Self::apply_streams`], and when a stream is gone.
    pub async fn apply_own_streams(&self) -> Result<Vec<StreamDifference>, JetStreamError> {
        let found = self.streams_found().await?;
        let known = found.iter().filter_map(|(_, config)| config.as_ref()).any(|config| schema(config) >= SCHEMA);
        match found.iter().find(|(_, config)| known && config.is_none()) {
            Some((stream, _)) => Err(JetStreamError::StreamGone { stream: self.names().stream(*stream) }),
            None => self.apply_streams(Replicas::AsFound).await,
        }
    }

    async fn changes(&self, replicas: Replicas) -> Result<Vec<Change>, JetStreamError> {
        let found = self.streams_found().await?;
        let configs = || found.iter().filter_map(|(_, config)| config.as_ref());
        if let Some(StreamFault::Newer { stream, found, known }) = configs().find_map(newer) {
            return Err(JetStreamError::NewerSchema { stream, found, known });
        }
        let most = configs().map(|config| config.num_replicas).max().unwrap_or(1);
        let changes = found.iter().map(|(stream, config)| {
            let needed = stream_config(self, *stream);
            match config {
                None => to_make(needed, replicas.of(None, most)),
                Some(config) => to_change(config, needed, replicas.of(Some(config.num_replicas), most)),
            }
        });
        Ok(changes.filter(|change| !change.differences.is_empty()).collect())
    }

    async fn apply(&self, change: &Change) -> Result<(), JetStreamError> {
        let what = || format!("the stream {}", change.config.name);
        let unavailable = |reason: String| JetStreamError::Unavailable { what: what(), reason };
        let refused = |reason: String| JetStreamError::Refused { what: what(), reason };
        if change.exists {
            let updated = self.context().update_stream(&change.config).await;
            return updated.map(|_| ()).map_err(|error| match error.kind() {
                UpdateStreamErrorKind::TimedOut | UpdateStreamErrorKind::Response => unavailable(error.to_string()),
                _ => refused(error.to_string()),
            });
        }
        let created = self.context().create_stream(change.config.clone()).await;
        created.map(|_| ()).map_err(|error| match error.kind() {
            CreateStreamErrorKind::TimedOut | CreateStreamErrorKind::Response => unavailable(error.to_string()),
            _ => refused(error.to_string()),
        })
    }
}

fn to_make(needed: Config, replicas: usize) -> Change {
    let difference = |setting: &str, needed_value: String| StreamDifference {
        stream: needed.name.clone(),
        setting: setting.to_owned(),
        found: "none".to_owned(),
        needed: needed_value,
    };
    let differences = vec![difference("stream", "a new one".to_owned()), difference(REPLICAS, replicas.to_string())];
    Change { exists: false, config: Config { num_replicas: replicas, ..needed }, differences }
}

fn to_change(found: &Config, needed: Config, replicas: usize) -> Change {
    let mut differences = differences(found, &needed);
    if found.num_replicas != replicas {
        differences.push(StreamDifference {
            stream: found.name.clone(),
            setting: REPLICAS.to_owned(),
            found: found.num_replicas.to_string(),
            needed: replicas.to_string(),
        });
    }
    // The server keeps notes of its own there and fills them in by itself.
    let mut metadata = found.metadata.clone();
    metadata.retain(|key, _| !key.starts_with('_'));
    metadata.extend(needed.metadata);
    let config = Config {
        num_replicas: replicas,
        placement: found.placement.clone(),
        first_sequence: found.first_sequence,
        consumer_limits: found.consumer_limits.clone(),
        metadata,
        ..needed
    };
    Change { exists: true, config, differences }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_taken_away_by_an_exact_number_only() {
        assert_eq!(Replicas::AsFound.of(Some(3), 3), 3);
        assert_eq!(Replicas::AsFound.of(None, 3), 3, "a new stream is held by as many servers as the others");
        assert_eq!(Replicas::AtLeast(1).of(Some(3), 3), 3);
        assert_eq!(Replicas::AtLeast(3).of(Some(1), 1), 3);
        assert_eq!(Replicas::Exactly(1).of(Some(3), 3), 1);
    }
}
