//! One thing that was looked at, and what was found.

use serde::Serialize;

use super::subject::Subject;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Well,
    /// Well, and worth a look some day.
    Note,
    Unwell,
}

/// A finding, with what to do about it where it is not well.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    #[serde(skip)]
    pub subject: Subject,
    pub what: String,
    #[serde(rename = "well", serialize_with = "as_well")]
    pub state: State,
    pub found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

fn as_well<S: serde::Serializer>(state: &State, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(*state != State::Unwell)
}

impl Finding {
    pub fn well(subject: Subject, what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { subject, what: what.into(), state: State::Well, found: found.into(), remedy: None }
    }

    pub fn note(subject: Subject, what: impl Into<String>, found: impl Into<String>, remedy: &str) -> Self {
        let remedy = Some(remedy.to_owned());
        Self { subject, what: what.into(), state: State::Note, found: found.into(), remedy }
    }

    pub fn unwell(
        subject: Subject,
        what: impl Into<String>,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let remedy = Some(remedy.into());
        Self { subject, what: what.into(), state: State::Unwell, found: found.into(), remedy }
    }

    pub fn is_unwell(&self) -> bool {
        self.state == State::Unwell
    }
}
