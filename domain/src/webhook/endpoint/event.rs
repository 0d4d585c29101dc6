//! What happens to an endpoint: facts, past tense, versioned.
//!
//! No secret is in them: a secret is derived from the deployment's key, the endpoint's id and the secret's number.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::state::AppName;
use crate::webhook::{EndpointUrl, MessageType};

/// An app has an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointRegistered {
    /// Whose it is.
    pub app: AppName,
    /// Where it is.
    pub url: EndpointUrl,
    /// Which messages it gets.
    pub types: BTreeSet<MessageType>,
    /// What it is, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The sequence of the last event of jobs that it does not get.
    pub since: u64,
}

/// Something else is true of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointUpdated {
    /// Where it is now.
    pub url: EndpointUrl,
    /// Which messages it gets now.
    pub types: BTreeSet<MessageType>,
    /// What it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// It has another secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretRotated {
    /// The number of the secret, from 1 for the first.
    pub number: u32,
    /// Until when the one before signs too.
    #[serde(with = "time::serde::rfc3339")]
    pub previous_until: OffsetDateTime,
}

/// It does not take its messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointFailing {
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
}

/// It takes its messages again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointRecovered {}

/// Why an endpoint gets nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisableCause {
    /// Somebody wanted it.
    Operator,
    /// It answered that it is gone for good (410).
    Gone,
    /// It failed for days.
    Failing,
}

impl DisableCause {
    /// The cause as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

/// It gets nothing more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointDisabled {
    /// Why.
    pub cause: DisableCause,
}

/// It gets messages again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointEnabled {
    /// The sequence of the last event of jobs that it does not get.
    pub since: u64,
}

/// It is forgotten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointRemoved {}

crate::events! {
    /// Everything that can happen to an endpoint.
    pub enum EndpointEvent, EndpointEventKind of "webhook" {
        /// An app has it.
        EndpointRegistered = "endpoint_registered" v 1,
        /// Something else is true of it.
        EndpointUpdated = "endpoint_updated" v 1,
        /// It has another secret.
        SecretRotated = "secret_rotated" v 1,
        /// It does not take its messages.
        EndpointFailing = "endpoint_failing" v 1,
        /// It takes them again.
        EndpointRecovered = "endpoint_recovered" v 1,
        /// It gets nothing more.
        EndpointDisabled = "endpoint_disabled" v 1,
        /// It gets messages again.
        EndpointEnabled = "endpoint_enabled" v 1,
        /// It is forgotten.
        EndpointRemoved = "endpoint_removed" v 1,
    }
}
