//! Parameters, read leniently: each is described exactly in the document and every wrong one is named.
//!
//! Deliberately not here: names of a query that nobody reads, and values that are there twice (`queries`).

mod channel;
mod choices;
mod event_id;
mod exercises;
mod hour_minute;
mod idempotency_key;
mod order;
mod page;
mod presence;
mod webhook;

use std::marker::PhantomData;
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::problem::FieldError;
use ally_domain::{dates, text};
use ally_projections::dead_letter::State;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromParameter, ParseResult};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::limits::MAX_WAIT;
use crate::problem::Problem;
use crate::schema::documented;

pub(crate) use channel::{ChannelName, ChannelType, LockNameText};
pub(crate) use choices::{OneOf, SomeOf};
pub(crate) use event_id::EventId;
pub(crate) use exercises::{ExerciseCursor, NameWords, YesOrNo};
pub(crate) use hour_minute::HourMinute;
pub(crate) use idempotency_key::{IdempotencyKey, expected as expected_key, is_key, key_schema};
pub(crate) use order::TraceOrderText;
pub(crate) use page::{Cursor, LogPageLimit, Page, PageLimit};
pub(crate) use presence::{ConnIdText, FeedAudience, FeedPosition, MembersLimit, RoomName};
pub(crate) use webhook::{AppText, DeliveryStatusText};

/// How much of what was sent is said back.
const MAX_ECHO_CHARS: usize = 64;

/// A kind of parameter: how the document describes it and how its text is read.
pub(crate) trait Parameter: Send + Sync {
    type Value;
    const NAME: &'static str;
    /// Whether it may be given more than once.
    const IS_LIST: bool = false;
    fn schema() -> MetaSchema;
    /// The value, or what would be right.
    fn read(text: &str) -> Result<Self::Value, String>;
}

/// The text of a parameter, not read yet.
pub(crate) struct Given<P> {
    text: String,
    /// Whether a header was there more than once where it is no list.
    is_repeated: bool,
    kind: PhantomData<fn() -> P>,
}

/// A parameter that has to be there. That it is not is said with all else that is wrong.
pub(crate) struct Required<P>(Option<Given<P>>);

/// Collects what is wrong with the parameters of a request, to tell it all at once.
#[derive(Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    /// Reads a parameter; `None` when it is absent or wrong.
    pub(crate) fn read<P: Parameter>(&mut self, name: &str, given: Option<Given<P>>) -> Option<P::Value> {
        let given = given?;
        if given.is_repeated {
            self.0.push(FieldError::new(name, "is given more than once", "one value"));
            return None;
        }
        if let Some(fault) = text::fault(name, &given.text) {
            self.0.push(fault);
            return None;
        }
        match P::read(&given.text) {
            Ok(value) => Some(value),
            Err(expected) => {
                let shown: String = given.text.chars().take(MAX_ECHO_CHARS).collect();
                self.0.push(FieldError::new(name, format!("{shown:?} does not fit"), expected));
                None
            }
        }
    }

    /// Reads a parameter that has to be there; `None` when it is missing or wrong.
    pub(crate) fn require<P: Parameter>(&mut self, name: &str, given: Required<P>) -> Option<P::Value> {
        if given.0.is_none() {
            let expected = P::read("").err().unwrap_or_default();
            self.0.push(FieldError::new(name, "is missing", expected));
        }
        self.read(name, given.0)
    }

    /// Adds what was found wrong behind the texts.
    pub(crate) fn add(&mut self, name: &str, problem: &str, expected: &str) {
        self.0.push(FieldError::new(name, problem, expected));
    }

    /// Whether all was right.
    pub(crate) fn check(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::fields(self.0)) }
    }
}

impl<P> Given<P> {
    const fn of(text: String, is_repeated: bool) -> Self {
        Self { text, is_repeated, kind: PhantomData }
    }
}

documented! { [P: Parameter] Given<P> as P::NAME.into(), MetaSchemaRef::Inline(Box::new(P::schema())), |_| {} }

impl<P: Parameter> ParseFromParameter for Given<P> {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        Ok(Self::of(text.to_owned(), false))
    }

    /// A parameter that is given more than once is a list, as commas make one.
    fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(texts: I) -> ParseResult<Self> {
        let mut texts = texts.into_iter();
        let mut text = texts.next().map(|first| first.as_ref().to_owned()).unwrap_or_default();
        let mut is_repeated = false;
        for more in texts {
            if P::IS_LIST {
                text.extend([",", more.as_ref()]);
            } else {
                is_repeated = true;
            }
        }
        Ok(Self::of(text, is_repeated))
    }
}

documented! { [P: Parameter] Required<P> as P::NAME.into(), MetaSchemaRef::Inline(Box::new(P::schema())), |_| {} }

impl<P: Parameter> ParseFromParameter for Required<P> {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        Ok(Self(Some(Given::of(text.to_owned(), false))))
    }

    fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(texts: I) -> ParseResult<Self> {
        Given::parse_from_parameters(texts).map(|given| Self(Some(given))).map_err(ParseError::propagate)
    }
}

/// The id of a job. Any text is one: whether there is such a job is another question.
pub(crate) struct JobIdText;

impl Parameter for JobIdText {
    type Value = String;
    const NAME: &'static str = "jobId";

    fn schema() -> MetaSchema {
        MetaSchema { min_length: Some(1), ..MetaSchema::new("string") }
    }

    fn read(text: &str) -> Result<String, String> {
        if text.is_empty() { Err("the job id that a 202 answer carried".to_owned()) } else { Ok(text.to_owned()) }
    }
}

/// The id of a plan. Any text is one: whether there is such a plan is another question.
pub(crate) struct PlanIdText;

impl Parameter for PlanIdText {
    type Value = String;
    const NAME: &'static str = "planId";

    fn schema() -> MetaSchema {
        MetaSchema::new("string")
    }

    fn read(text: &str) -> Result<String, String> {
        if text.is_empty() { Err("the id of a plan".to_owned()) } else { Ok(text.to_owned()) }
    }
}

/// A version of a plan.
pub(crate) struct PlanVersion;

impl Parameter for PlanVersion {
    type Value = u32;
    const NAME: &'static str = "version";

    fn schema() -> MetaSchema {
        MetaSchema { minimum: Some(1.0), ..MetaSchema::new_with_format("integer", "int32") }
    }

    fn read(text: &str) -> Result<u32, String> {
        let version = text.parse::<u32>().ok().filter(|version| *version > 0 && *version <= i32::MAX.cast_unsigned());
        version.ok_or_else(|| "a whole number from 1".to_owned())
    }
}

/// A position in the log: `PLANS:42`.
pub(crate) struct AtPosition;

impl Parameter for AtPosition {
    type Value = Position;
    const NAME: &'static str = "position";

    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some("^[A-Z_]+:[0-9]+$".to_owned()),
            example: Some("PLANS:42".into()),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Position, String> {
        text.parse().map_err(|_| "STREAM:SEQUENCE, for example PLANS:42, as a 202 answer carries it".to_owned())
    }
}

/// Seconds to wait.
pub(crate) struct WaitSeconds;

impl Parameter for WaitSeconds {
    type Value = Duration;
    const NAME: &'static str = "wait";

    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(0.0),
            maximum: Some(MAX_WAIT.as_secs_f64()),
            ..MetaSchema::new_with_format("integer", "int32")
        }
    }

    fn read(text: &str) -> Result<Duration, String> {
        let limit = MAX_WAIT.as_secs();
        let seconds = text.parse::<u64>().ok().filter(|seconds| *seconds <= limit);
        seconds.map(Duration::from_secs).ok_or_else(|| format!("whole seconds from 0 to {limit}"))
    }
}

/// In which state dead letters are wanted.
pub(crate) struct LetterState;

/// The word for any state.
const ANY_STATE: &str = "any";

impl Parameter for LetterState {
    /// `None` is any.
    type Value = Option<State>;
    const NAME: &'static str = "state";

    fn schema() -> MetaSchema {
        let states = State::ALL.iter().map(|state| state.as_str().into());
        MetaSchema {
            enum_items: states.chain([ANY_STATE.into()]).collect(),
            default: Some(State::Open.as_str().into()),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Option<State>, String> {
        if text == ANY_STATE {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| "open, redriven, discarded or any".to_owned())
    }
}

/// The name of a consumer or of a group of causes. Any name is one: whether there is anything of it is another question.
pub(crate) struct Name;

impl Parameter for Name {
    type Value = String;
    const NAME: &'static str = "name";

    fn schema() -> MetaSchema {
        MetaSchema { min_length: Some(1), max_length: Some(text::NAME.max_chars()), ..MetaSchema::new("string") }
    }

    fn read(text: &str) -> Result<String, String> {
        text::NAME.check(text).map(str::to_owned).map_err(|unfit| unfit.expected)
    }
}

/// A moment.
pub(crate) struct AtMoment;

impl Parameter for AtMoment {
    type Value = OffsetDateTime;
    const NAME: &'static str = "since";

    fn schema() -> MetaSchema {
        MetaSchema {
            example: Some("2026-11-20T08:30:00Z".into()),
            ..MetaSchema::new_with_format("string", "date-time")
        }
    }

    fn read(text: &str) -> Result<OffsetDateTime, String> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok().filter(|moment| dates::is_moment(*moment));
        let (first, last) = (dates::DATES.start(), dates::DATES.end());
        moment.ok_or_else(|| {
            format!("a moment with its offset, for example 2026-11-20T08:30:00Z, from {first} to {last}")
        })
    }
}
