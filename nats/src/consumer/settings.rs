//! A durable consumer on the server beside what its role needs: looked at again and again, made and changed when its role
//! begins to pull and by a command.
//!
//! A role that finds its consumer changed by somebody says so and pulls on; it changes nothing back while it pulls, since two
//! versions of a role may be running. Deliberately not here: what a consumer must be (`config`).

use std::time::Duration;

use async_nats::jetstream::consumer::{self, IntoConsumerConfig, pull};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::ConsumerErrorKind;
use serde::Serialize;
use serde_json::{Value, json};

use super::config::{ConsumerConfig, Given};
use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::names::{self, CONSUMER_SETTINGS, StreamName};
use crate::settings;

/// The pause between two looks of a role at its consumer.
pub(super) const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// The server's codes for what it will refuse the next time too.
const REFUSED: [usize; 2] = [400, 500];
/// The server's code for what is not there.
const NOT_FOUND: usize = 404;

/// Why a consumer does not bring its role all that it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "camelCase", tag = "fault")]
pub enum ConsumerFault {
    /// It is not there: its role never started, or somebody deleted it.
    #[error("the consumer {consumer} is not there: nobody is given its messages, and how many wait is not known")]
    Missing {
        /// The durable name.
        consumer: String,
    },
    /// It has another setting.
    #[error("the consumer {consumer} has {setting} {found} where {needed} is needed")]
    Differs {
        /// The durable name.
        consumer: String,
        /// The setting as the server spells it.
        setting: String,
        /// What it is.
        found: String,
        /// What it must be.
        needed: String,
    },
}

impl ConsumerFault {
    /// The durable name of the consumer.
    #[must_use]
    pub fn consumer(&self) -> &str {
        match self {
            Self::Missing { consumer } | Self::Differs { consumer, .. } => consumer,
        }
    }

    /// What an operator does about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Missing { .. } => {
                "start its role or run `ally consumers apply`: either makes it, and nothing is lost"
            }
            Self::Differs { .. } => {
                "`ally consumers apply --dry-run` shows all that differs, `ally consumers apply` or a restart of its role mends it"
            }
        }
    }
}

/// All that is wrong, in one sentence; none when nothing is.
pub(super) fn sentence(faults: &[ConsumerFault]) -> Option<String> {
    let remedy = faults.first()?.remedy();
    let mut parts: Vec<_> = faults.iter().map(ToString::to_string).collect();
    parts.push(remedy.to_owned());
    Some(parts.join("; "))
}

impl JetStream {
    /// Looks at a durable consumer and says what is wrong with it; nothing is changed.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn look_at_consumer(&self, config: &ConsumerConfig) -> Result<Vec<ConsumerFault>, JetStreamError> {
        match self.stream(config.stream).await?.consumer_info(&config.name).await {
            Ok(info) => Ok(faults(&config.name, &info.config, &config.on_server(self).into_consumer_config())),
            Err(error) if matches!(error.kind(), ConsumerInfoErrorKind::NotFound) => {
                Ok(vec![ConsumerFault::Missing { consumer: config.name.clone() }])
            }
            Err(error) => Err(unavailable(&config.name, &error)),
        }
    }

    /// Makes a durable consumer, or brings it up to date. Where subjects are added to what it is given, it begins again behind
    /// the last message up to which all are settled.
    ///
    /// # Errors
    /// When JetStream does not answer, and when the server refuses: some settings cannot be changed once a consumer is there.
    pub async fn apply_consumer(&self, config: &ConsumerConfig) -> Result<(), JetStreamError> {
        let stream = self.stream(config.stream).await?;
        let mut needed = config.on_server(self);
        let widened = match stream.consumer_info(&config.name).await {
            Ok(info) => {
                // Who has paused it stays known, also after a worker has started.
                needed.metadata.clone_from(&info.config.metadata);
                if matches!(config.given, Given::AllOf { .. }) {
                    // Where it began cannot be changed, and it is past that.
                    needed.deliver_policy = info.config.deliver_policy;
                }
                is_narrower(&info.config, &needed)
            }
            Err(error) if matches!(error.kind(), ConsumerInfoErrorKind::NotFound) => false,
            Err(error) => return Err(unavailable(&config.name, &error)),
        };
        let created = stream.create_consumer(needed).await;
        created.map_err(|error| match error.kind() {
            ConsumerErrorKind::JetStream(refusal) if REFUSED.contains(&refusal.code()) => JetStreamError::Refused {
                what: format!("the consumer {}", config.name),
                reason: format!(
                    "{error}; where a setting cannot be changed, delete it (`nats consumer rm {} {}`): it is made anew and \
                     delivers from the beginning, which does nothing twice",
                    self.names().stream(config.stream),
                    config.name
                ),
            },
            _ => unavailable(&config.name, &error),
        })?;
        if widened { self.begin_behind_settled(config).await } else { Ok(()) }
    }

    /// Deletes a durable consumer. One that is not there is none to delete.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn delete_consumer(&self, stream: StreamName, name: &str) -> Result<(), JetStreamError> {
        match self.stream(stream).await?.delete_consumer(name).await {
            Ok(_) => Ok(()),
            Err(error) => match error.kind() {
                ConsumerErrorKind::JetStream(refusal) if refusal.code() == NOT_FOUND => Ok(()),
                _ => Err(unavailable(name, &error)),
            },
        }
    }

    /// A pull moves the server past every message that the filters of that moment leave out, and adding a filter moves it
    /// back to none of them: without this they would wait for the reconciler, and where nobody pulls, for the next message.
    async fn begin_behind_settled(&self, config: &ConsumerConfig) -> Result<(), JetStreamError> {
        let subject = names::consumer_reset(&self.names().stream(config.stream), &config.name);
        let answer: Result<Response<Value>, _> = self.context().request(subject, &json!({})).await;
        match answer.map_err(|error| unavailable(&config.name, &error))? {
            Response::Ok(_) => Ok(()),
            Response::Err { error } => Err(unavailable(&config.name, &error)),
        }
    }
}

/// Whether a consumer on the server leaves out subjects that it must be given.
fn is_narrower(found: &consumer::Config, needed: &pull::Config) -> bool {
    let single = Some(&found.filter_subject).filter(|filter| !filter.is_empty());
    let mut given = found.filter_subjects.iter().chain(single).peekable();
    // Without a filter it is given everything.
    given.peek().is_some() && !given.any(|filter| *filter == needed.filter_subject)
}

fn unavailable(consumer: &str, error: &dyn std::fmt::Display) -> JetStreamError {
    JetStreamError::Unavailable { what: format!("the consumer {consumer}"), reason: error.to_string() }
}

fn faults(consumer: &str, found: &consumer::Config, needed: &consumer::Config) -> Vec<ConsumerFault> {
    let differing = settings::differing(found, needed, &CONSUMER_SETTINGS);
    let fault = |it: settings::Differing| ConsumerFault::Differs {
        consumer: consumer.to_owned(),
        setting: it.setting.to_owned(),
        found: it.found,
        needed: it.needed,
    };
    differing.into_iter().map(fault).collect()
}
