//! What the events of an endpoint add up to.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::event::{DisableCause, EndpointEvent};
use crate::ids::is_token;
use crate::webhook::{EndpointUrl, MessageType};

/// A text that is no name of an app.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no name of an app: use 1 to 64 letters, digits, '-' or '_'")]
pub struct InvalidApp {
    text: String,
}

/// The app that an endpoint belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppName(String);

impl AppName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AppName {
    type Err = InvalidApp;

    fn from_str(text: &str) -> Result<Self, InvalidApp> {
        if is_token(text) { Ok(Self(text.to_owned())) } else { Err(InvalidApp { text: text.to_owned() }) }
    }
}

impl TryFrom<String> for AppName {
    type Error = InvalidApp;

    fn try_from(text: String) -> Result<Self, InvalidApp> {
        text.parse()
    }
}

impl From<AppName> for String {
    fn from(name: AppName) -> Self {
        name.0
    }
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Whose it is.
    pub app: AppName,
    /// Where it is.
    pub url: EndpointUrl,
    /// Which messages it gets.
    pub types: BTreeSet<MessageType>,
    /// What it is, for people.
    pub description: Option<String>,
    /// The sequence of the last event of jobs that it does not get.
    pub since: u64,
    /// The number of its secret, from 1.
    pub secret: u32,
    /// Until when the secret before signs too.
    pub previous_until: Option<OffsetDateTime>,
    /// Since when it does not take its messages.
    pub failing_since: Option<OffsetDateTime>,
    /// Why it gets nothing, where it does not.
    pub disabled: Option<DisableCause>,
}

impl Endpoint {
    /// Whether it is sent what happens.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.disabled.is_none()
    }

    /// Whether it is sent messages of a type.
    #[must_use]
    pub fn takes(&self, message_type: MessageType) -> bool {
        self.is_enabled() && self.types.contains(&message_type)
    }

    /// The numbers of the secrets that sign at a time, the newest first.
    #[must_use]
    pub fn secrets_at(&self, at: OffsetDateTime) -> Vec<u32> {
        let overlaps = self.secret > 1 && self.previous_until.is_some_and(|until| at < until);
        if overlaps { vec![self.secret, self.secret - 1] } else { vec![self.secret] }
    }
}

/// Where an endpoint stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum EndpointState {
    /// Nobody registered it.
    #[default]
    Unknown,
    /// It is there.
    There(Box<Endpoint>),
    /// It is forgotten.
    Removed,
}

impl EndpointState {
    /// The endpoint, where it is there.
    #[must_use]
    pub fn endpoint(&self) -> Option<&Endpoint> {
        match self {
            Self::There(endpoint) => Some(endpoint),
            Self::Unknown | Self::Removed => None,
        }
    }

    pub(super) fn evolve(self, event: &EndpointEvent) -> Self {
        if let EndpointEvent::EndpointRegistered(registered) = event {
            let registered = registered.clone();
            return Self::There(Box::new(Endpoint {
                app: registered.app,
                url: registered.url,
                types: registered.types,
                description: registered.description,
                since: registered.since,
                secret: 1,
                previous_until: None,
                failing_since: None,
                disabled: None,
            }));
        }
        let Self::There(mut endpoint) = self else { return self };
        match event {
            EndpointEvent::EndpointRegistered(_) => {}
            EndpointEvent::EndpointUpdated(updated) => {
                endpoint.url = updated.url.clone();
                endpoint.types.clone_from(&updated.types);
                endpoint.description.clone_from(&updated.description);
            }
            EndpointEvent::SecretRotated(rotated) => {
                endpoint.secret = rotated.number;
                endpoint.previous_until = Some(rotated.previous_until);
            }
            EndpointEvent::EndpointFailing(failing) => endpoint.failing_since = Some(failing.since),
            EndpointEvent::EndpointRecovered(_) => endpoint.failing_since = None,
            EndpointEvent::EndpointDisabled(disabled) => endpoint.disabled = Some(disabled.cause),
            EndpointEvent::EndpointEnabled(enabled) => {
                endpoint.disabled = None;
                endpoint.failing_since = None;
                endpoint.since = enabled.since;
            }
            EndpointEvent::EndpointRemoved(_) => return Self::Removed,
        }
        Self::There(endpoint)
    }
}
