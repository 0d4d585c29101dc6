//! Consumers as operators read them.

use poem_openapi::Object;

use crate::operations::ConsumerState;

/// How a consumer of workers stands.
#[derive(Object)]
#[oai(rename = "Consumer", rename_all = "camelCase")]
pub(crate) struct ConsumerBody {
    /// Its name.
    pub name: String,
    /// Whether deliveries are stopped.
    pub paused: bool,
    /// Who stopped them: `operator:kim`.
    #[oai(skip_serializing_if_is_none)]
    pub paused_by: Option<String>,
    /// Seconds until a pause ends by itself; 0 when there is none.
    pub pause_left_seconds: u64,
    /// Messages that wait for their first delivery.
    pub pending: u64,
    /// Messages that a worker has in hand.
    pub in_hand: u64,
    /// Messages that were delivered more than once and are not settled.
    pub redelivered: u64,
    /// Requests of workers for more.
    pub free_pulls: u64,
    /// Seconds that the oldest unsettled message waits.
    pub oldest_age_seconds: u64,
}

/// The consumers of the workers.
#[derive(Object)]
#[oai(rename = "Consumers")]
pub(crate) struct ConsumersBody {
    /// Those that a worker has made.
    pub consumers: Vec<ConsumerBody>,
}

impl From<ConsumerState> for ConsumerBody {
    fn from(it: ConsumerState) -> Self {
        Self {
            name: it.name,
            paused: it.paused.is_some(),
            paused_by: it.paused_by,
            pause_left_seconds: it.paused.unwrap_or_default().as_secs(),
            pending: it.pending,
            in_hand: it.in_hand,
            redelivered: it.redelivered,
            free_pulls: it.free_pulls,
            oldest_age_seconds: it.oldest_age.as_secs(),
        }
    }
}
