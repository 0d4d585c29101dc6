//! The forms by name: how an address ends, and which media type goes with it.

use std::fmt;

/// A form of a plan or of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As the API gives it.
    Json,
    /// iCalendar (RFC 5545).
    Calendar,
    /// Comma-separated values (RFC 4180).
    Table,
    /// A FIT workout file: one session.
    Fit,
    /// All sessions as FIT workout files in one ZIP archive.
    Archive,
    /// Markdown, for people.
    Markdown,
}

impl Form {
    /// What a plan comes in; the first is given where the caller does not mind.
    pub const OF_PLAN: &'static [Self] = &[Self::Json, Self::Calendar, Self::Table, Self::Archive, Self::Markdown];
    /// What a session comes in; the first is given where the caller does not mind.
    pub const OF_SESSION: &'static [Self] = &[Self::Json, Self::Calendar, Self::Table, Self::Fit, Self::Markdown];

    /// How an address or a file name ends.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Calendar => "ics",
            Self::Table => "csv",
            Self::Fit => "fit",
            Self::Archive => "zip",
            Self::Markdown => "md",
        }
    }

    /// The media type without parameters, as `Accept` names it. FIT's is the one that its devices' services use; nobody
    /// registered one.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Calendar => "text/calendar",
            Self::Table => "text/csv",
            Self::Fit => "application/vnd.ant.fit",
            Self::Archive => "application/zip",
            Self::Markdown => "text/markdown",
        }
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Calendar => "text/calendar; charset=utf-8; method=PUBLISH",
            Self::Table => "text/csv; charset=utf-8; header=present",
            Self::Markdown => "text/markdown; charset=utf-8; variant=GFM",
            Self::Json | Self::Fit | Self::Archive => self.media_type(),
        }
    }

    /// The form of a set that an extension names.
    #[must_use]
    pub fn of_extension(extension: &str, forms: &[Self]) -> Option<Self> {
        forms.iter().copied().find(|form| form.extension() == extension)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}
