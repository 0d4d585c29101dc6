//! How an event is named and written: its type, its version, its JSON.

use std::fmt;

use serde_json::value::RawValue;

use crate::athlete::AthleteEvent;
use crate::channel::ChannelEvent;
use crate::ids::AggregateKind;
use crate::job::JobEvent;
use crate::plan::PlanEvent;
use crate::room::RoomEvent;
use crate::webhook::{DeliveryEvent, EndpointEvent};

/// What a domain event says of itself. Implemented by [`events!`](crate::events); the golden files in
/// `tests/golden/` pin every answer.
pub trait EventData: Clone + fmt::Debug + PartialEq + Send + Sync + Sized + 'static {
    /// The noun before the name in a type: `plan_job` of `plan_job.requested.v1`.
    const NOUN: &'static str;
    /// Every event there is: its name and its newest version.
    const TYPES: &'static [(&'static str, u32)];

    /// The type, for example `plan_job.requested.v1`; its name is also the last token of the subject.
    fn event_type(&self) -> EventType;

    /// The data as JSON: the fields of the event and nothing around them, since the type travels beside it.
    ///
    /// # Errors
    /// When serde cannot write it.
    fn encode(&self) -> Result<EncodedEvent, EncodingError>;

    /// Reads data of the newest version; older ones are upcast before they come here.
    ///
    /// # Errors
    /// [`EncodingError::Unknown`] for a type this version does not know, [`EncodingError::Json`] for data that does not fit.
    fn decode(event_type: &EventType, data: &str) -> Result<Self, EncodingError>;
}

/// The type of each event that there is of a kind, in its newest version.
#[must_use]
pub fn types_of(kind: AggregateKind) -> Vec<EventType> {
    match kind {
        AggregateKind::Athlete => types::<AthleteEvent>(),
        AggregateKind::Job => types::<JobEvent>(),
        AggregateKind::Plan => types::<PlanEvent>(),
        AggregateKind::Room => types::<RoomEvent>(),
        AggregateKind::Channel => types::<ChannelEvent>(),
        AggregateKind::Webhook => types::<EndpointEvent>(),
        AggregateKind::Delivery => types::<DeliveryEvent>(),
    }
}

/// The type of each of some events, in its newest version.
#[must_use]
pub fn types<E: EventData>() -> Vec<EventType> {
    E::TYPES.iter().map(|(name, version)| EventType::new(E::NOUN, name, *version)).collect()
}

/// A parsed event type: `plan_job.requested.v1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType {
    /// `plan_job`
    pub noun: String,
    /// `requested`
    pub name: String,
    /// `1`
    pub version: u32,
}

impl EventType {
    /// A type from its parts.
    #[must_use]
    pub fn new(noun: &str, name: &str, version: u32) -> Self {
        Self { noun: noun.to_owned(), name: name.to_owned(), version }
    }

    /// Reads `noun.name.vN`; nothing else is an event type.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (noun, name, version) = (parts.next()?, parts.next()?, parts.next()?);
        let version = version.strip_prefix('v')?.parse().ok()?;
        let whole = parts.next().is_none() && !noun.is_empty() && !name.is_empty() && version > 0;
        whole.then(|| Self::new(noun, name, version))
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.v{}", self.noun, self.name, self.version)
    }
}

/// An event ready to be written: its type and its data as JSON.
#[derive(Debug, Clone)]
pub struct EncodedEvent {
    /// The type that goes with it.
    pub event_type: EventType,
    /// The data, written once and never parsed again on the way to the log.
    pub data: Box<RawValue>,
}

/// An event that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum EncodingError {
    /// The JSON does not fit the type.
    #[error("the data of a {event_type} does not fit its shape: {source}")]
    Json {
        /// Which type.
        event_type: EventType,
        /// What serde found.
        source: serde_json::Error,
    },
    /// A type of another noun, another version or an unknown name.
    #[error("{event_type} is not an event that this version of Ally knows")]
    Unknown {
        /// Which type.
        event_type: EventType,
    },
}

/// Declares an aggregate's events: one struct a fact, one line that names and versions it.
///
/// `Requested = "requested" v1` takes the struct `Requested` in scope, and writes the type `<noun>.requested.v1`. The second
/// name is that of an enum without data, for those who tell events apart without reading them: a `match` on it does not
/// compile until a new event is decided there.
#[macro_export]
macro_rules! events {
    ($(#[$meta:meta])* $vis:vis enum $enum:ident, $kind:ident of $noun:literal { $($(#[$doc:meta])* $name:ident = $text:literal v $version:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        $vis enum $enum { $($(#[$doc])* $name($name),)+ }

        #[doc = concat!("Which of the events of a `", $noun, "` one is.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        $vis enum $kind { $($(#[$doc])* $name,)+ }

        impl $kind {
            /// Each of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name in its type: `requested` of `plan_job.requested.v1`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The event of a type, when this version knows that type.
            #[must_use]
            pub fn of(event_type: &$crate::event_data::EventType) -> Option<Self> {
                match (event_type.noun.as_str(), event_type.name.as_str(), event_type.version) {
                    $(($noun, $text, $version) => Some(Self::$name),)+
                    _ => None,
                }
            }
        }

        $(impl From<$name> for $enum {
            fn from(fact: $name) -> Self { Self::$name(fact) }
        })+

        impl $crate::event_data::EventData for $enum {
            const NOUN: &'static str = $noun;
            const TYPES: &'static [(&'static str, u32)] = &[$(($text, $version)),+];

            fn event_type(&self) -> $crate::event_data::EventType {
                match self { $(Self::$name(_) => $crate::event_data::EventType::new($noun, $text, $version),)+ }
            }

            fn encode(&self) -> Result<$crate::event_data::EncodedEvent, $crate::event_data::EncodingError> {
                let event_type = $crate::event_data::EventData::event_type(self);
                let data = match self { $(Self::$name(fact) => serde_json::value::to_raw_value(fact),)+ };
                match data {
                    Ok(data) => Ok($crate::event_data::EncodedEvent { event_type, data }),
                    Err(source) => Err($crate::event_data::EncodingError::Json { event_type, source }),
                }
            }

            fn decode(event_type: &$crate::event_data::EventType, data: &str) -> Result<Self, $crate::event_data::EncodingError> {
                let json = |source| $crate::event_data::EncodingError::Json { event_type: event_type.clone(), source };
                match (event_type.noun.as_str(), event_type.name.as_str(), event_type.version) {
                    $(($noun, $text, $version) => serde_json::from_str(data).map(Self::$name).map_err(json),)+
                    _ => Err($crate::event_data::EncodingError::Unknown { event_type: event_type.clone() }),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::EventType;

    #[test]
    fn a_type_reads_back_as_written() {
        let requested = EventType::new("plan_job", "requested", 1);
        assert_eq!(EventType::parse(&requested.to_string()), Some(requested));
        for wrong in ["", "a", "a.b", "a.b.1", "a.b.v0", "a.b.vx", ".b.v1", "a..v1", "a.b.v1.c"] {
            assert_eq!(EventType::parse(wrong), None, "{wrong:?}");
        }
    }
}
