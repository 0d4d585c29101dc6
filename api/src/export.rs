//! A plan in the forms that other programs read: calendars, spreadsheets, watches, people.
//!
//! Everything here is a pure function of a plan: the routes and the command line give the same bytes. Deliberately not
//! here: whose plan it is and which form was asked for, which the routes know.

mod archive;
mod calendar;
mod fit;
mod form;
mod table;

use ally_domain::engine::Catalogue;
use ally_domain::engine::markdown::{markdown, session_markdown};
use ally_domain::engine::plan::{Plan, Session, Week};
use ally_domain::engine::profile::FixedSchedule;
use time::{OffsetDateTime, Time};

pub use form::Form;

/// When sessions start where nobody says otherwise.
pub const DEFAULT_START: Time = time::macros::time!(18:00);

/// A plan with what the exports need beside it.
#[derive(Debug, Clone)]
pub struct Export<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// When this version was made.
    pub created_at: OffsetDateTime,
    /// The versions before it, oldest first: sessions that are gone stand in the calendar as cancelled.
    pub earlier: &'a [Plan],
    /// The hours that are taken; the calendar keeps off them.
    pub schedules: &'a [FixedSchedule],
    /// When sessions start, as near as the schedules allow.
    pub start: Time,
    /// What the exercises are.
    pub catalogue: &'a Catalogue,
}

/// Why there is no such export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The form holds one session, and a whole plan was asked for, or the other way round.
    #[error("{form} holds {holds}")]
    Scope {
        /// Which form.
        form: Form,
        /// What it holds.
        holds: &'static str,
    },
    /// A library refused what it was given.
    #[error("the {form} could not be written: {reason}")]
    Unwritable {
        /// Which form.
        form: Form,
        /// What it said.
        reason: String,
    },
}

impl Export<'_> {
    /// The whole plan in a form.
    ///
    /// # Errors
    /// When the form holds single sessions only, or cannot be written.
    pub fn plan(&self, form: Form) -> Result<Vec<u8>, ExportError> {
        match form {
            Form::Json => serde_json::to_vec(self.plan).map_err(|error| unwritable(form, error)),
            Form::Calendar => calendar::of_plan(self).map_err(|error| unwritable(form, error)),
            Form::Table => table::of(self, self.sessions()).map_err(|error| unwritable(form, error)),
            Form::Archive => archive::of_plan(self),
            Form::Markdown => Ok(format!("# Training plan\n\n{}", markdown(self.plan, self.catalogue)).into_bytes()),
            Form::Fit => Err(ExportError::Scope { form, holds: "one session" }),
        }
    }

    /// One session of the plan in a form.
    ///
    /// # Errors
    /// When the form holds whole plans only, or cannot be written.
    pub fn session(&self, session: &Session, form: Form) -> Result<Vec<u8>, ExportError> {
        match form {
            Form::Json => serde_json::to_vec(session).map_err(|error| unwritable(form, error)),
            Form::Calendar => calendar::of_session(self, session).map_err(|error| unwritable(form, error)),
            Form::Table => {
                let only = self.sessions().filter(|(_, other)| other.id == session.id);
                table::of(self, only).map_err(|error| unwritable(form, error))
            }
            Form::Fit => fit::workout(self, session).map_err(|error| unwritable(form, error)),
            Form::Markdown => Ok(session_markdown(session, self.catalogue).into_bytes()),
            Form::Archive => Err(ExportError::Scope { form, holds: "all sessions of a plan" }),
        }
    }

    /// Every session with its week, in order.
    fn sessions(&self) -> impl Iterator<Item = (&Week, &Session)> {
        self.plan.weeks.iter().flat_map(|week| week.sessions.iter().map(move |session| (week, session)))
    }
}

fn unwritable(form: Form, reason: impl std::fmt::Display) -> ExportError {
    ExportError::Unwritable { form, reason: reason.to_string() }
}
