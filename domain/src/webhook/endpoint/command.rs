//! What one may wish of an endpoint.

use std::collections::BTreeSet;
use std::time::Duration;

use time::OffsetDateTime;

use super::event::DisableCause;
use super::state::AppName;
use crate::webhook::{EndpointUrl, MessageType};

/// The most characters of a description.
pub const MAX_DESCRIPTION_CHARS: usize = 200;
/// The most endpoints of an app: each of them is sent each message.
pub const MAX_ENDPOINTS_PER_APP: u16 = 20;
/// For how long the secret before signs too where the caller does not say.
pub const USUAL_OVERLAP: Duration = Duration::from_secs(24 * 3_600);
/// The longest time for which the secret before may sign too.
pub const LONGEST_OVERLAP: Duration = Duration::from_secs(7 * 24 * 3_600);

/// What an app says of its endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Whose it is.
    pub app: AppName,
    /// Where it is.
    pub url: EndpointUrl,
    /// Which messages it gets.
    pub types: BTreeSet<MessageType>,
    /// What it is, for people.
    pub description: Option<String>,
}

/// Everything one may wish of an endpoint.
#[derive(Debug, Clone)]
pub enum EndpointCommand {
    /// Register it: it gets what happens behind a place in the log of jobs.
    Register {
        /// What its app says of it.
        registration: Registration,
        /// The sequence of the last event that it does not get.
        since: u64,
    },
    /// Say something else of it; what is absent stays.
    Update {
        /// Where it is.
        url: Option<EndpointUrl>,
        /// Which messages it gets.
        types: Option<BTreeSet<MessageType>>,
        /// What it is; an inner `None` takes it away.
        description: Option<Option<String>>,
    },
    /// Give it another secret. The one before signs too until a time.
    RotateSecret {
        /// Until when.
        previous_until: OffsetDateTime,
    },
    /// Note that it did not take a message.
    NoteFailure {
        /// When.
        at: OffsetDateTime,
        /// How long it may fail before it is disabled.
        allowed: Duration,
    },
    /// Note that it took a message.
    NoteSuccess,
    /// Send it nothing more.
    Disable {
        /// Why.
        cause: DisableCause,
    },
    /// Send it messages again: what happens behind a place in the log of jobs.
    Enable {
        /// The sequence of the last event that it does not get.
        since: u64,
    },
    /// Forget it.
    Remove,
}
