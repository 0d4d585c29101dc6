//! Reads an event once, for all the views that fold it.
//!
//! Deliberately not here: what a view makes of it.

use std::borrow::Cow;

use ally_domain::athlete::{AthleteEvent, AthleteEventKind};
use ally_domain::channel::{ChannelEvent, ChannelEventKind, ChannelId};
use ally_domain::dead_letter::{DeadLetterEvent, DeadLetterEventKind};
use ally_domain::envelope::Recorded;
use ally_domain::event_data::{EncodingError, EventData, EventType};
use ally_domain::ids::{DeliveryId, EndpointId};
use ally_domain::job::{JobEvent, JobEventKind};
use ally_domain::plan::{PlanEvent, PlanEventKind};
use ally_domain::room::{RoomEvent, RoomEventKind, RoomId};
use ally_domain::text;
use ally_domain::webhook::{DeliveryEvent, DeliveryEventKind, EndpointEvent, EndpointEventKind};
use serde::de::Error as _;

use crate::plan::PlanDocument;
use crate::workout::LogEntry;

/// An event's data, read. Boxed: events are moved more often than they are looked into.
#[derive(Debug, Clone)]
pub(crate) enum Fact {
    Job(Box<JobEvent>),
    Plan(Box<PlanDocument>),
    Log(Box<LogEntry>),
    Athlete(Box<AthleteEvent>),
    DeadLetter(Box<DeadLetterEvent>),
    Room(Box<RoomFact>),
    Channel(Box<ChannelFact>),
    Endpoint(Box<EndpointFact>),
    Delivery(Box<DeliveryFact>),
}

/// What happened in a room, and in which.
#[derive(Debug, Clone)]
pub(crate) struct RoomFact {
    pub room: RoomId,
    pub event: RoomEvent,
}

/// What happened to a channel, and to which.
#[derive(Debug, Clone)]
pub(crate) struct ChannelFact {
    pub channel: ChannelId,
    pub event: ChannelEvent,
}

/// What happened to an endpoint of an app, and to which.
#[derive(Debug, Clone)]
pub(crate) struct EndpointFact {
    pub endpoint: EndpointId,
    pub event: EndpointEvent,
}

/// What happened to a webhook on its way, and to which.
#[derive(Debug, Clone)]
pub(crate) struct DeliveryFact {
    pub delivery: DeliveryId,
    pub event: DeliveryEvent,
}

/// An event and its data.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub recorded: Recorded,
    pub fact: Fact,
}

/// The event as the views can keep it. What entered before one rule for text held at every door may have characters that
/// PostgreSQL refuses in text, and an event that is refused would be missing from a view for ever. Plans and answers are
/// kept as the JSON that they are, byte for byte.
pub(crate) fn storable(recorded: Recorded) -> Recorded {
    let text = |text: String| match text::storable(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(storable) => storable,
    };
    let has_texts = matches!(
        recorded.event_type.noun.as_str(),
        JobEvent::NOUN | DeadLetterEvent::NOUN | EndpointEvent::NOUN | DeliveryEvent::NOUN
    );
    let data = match text::storable_json(&recorded.data) {
        Cow::Owned(storable) if has_texts => Some(storable),
        _ => None,
    };
    Recorded {
        data: data.unwrap_or(recorded.data),
        actor: text(recorded.actor),
        correlation: text(recorded.correlation),
        causation: recorded.causation.map(text),
        ..recorded
    }
}

impl Fact {
    /// Reads the data.
    ///
    /// # Errors
    /// [`EncodingError::Unknown`] for a type of a later version or of an aggregate that no view is about,
    /// [`EncodingError::Json`] for data that will never fit.
    pub(crate) fn read(event: &Recorded) -> Result<Self, EncodingError> {
        let event_type = &event.event_type;
        let unknown = || EncodingError::Unknown { event_type: event_type.clone() };
        match event_type.noun.as_str() {
            JobEvent::NOUN => event.decode().map(|fact| Self::Job(Box::new(fact))),
            AthleteEvent::NOUN => event.decode().map(|fact| Self::Athlete(Box::new(fact))),
            DeadLetterEvent::NOUN => event.decode().map(|fact| Self::DeadLetter(Box::new(fact))),
            RoomEvent::NOUN => RoomFact::read(event).map(|fact| Self::Room(Box::new(fact))),
            ChannelEvent::NOUN => ChannelFact::read(event).map(|fact| Self::Channel(Box::new(fact))),
            EndpointEvent::NOUN => event.decode().map(|fact| {
                let endpoint = EndpointId::from(&event.aggregate.id);
                Self::Endpoint(Box::new(EndpointFact { endpoint, event: fact }))
            }),
            DeliveryEvent::NOUN => event.decode().map(|fact| {
                let delivery = DeliveryId::from(&event.aggregate.id);
                Self::Delivery(Box::new(DeliveryFact { delivery, event: fact }))
            }),
            PlanEvent::NOUN => {
                // Each event by its name: what a new one is to the views must be decided here before it compiles.
                let read = match PlanEventKind::of(event_type).ok_or_else(unknown)? {
                    PlanEventKind::Created | PlanEventKind::Revised => {
                        PlanDocument::read(&event.data).map(|document| Self::Plan(Box::new(document)))
                    }
                    PlanEventKind::WorkoutLogged | PlanEventKind::PainReported => {
                        LogEntry::read(&event.data).map(|entry| Self::Log(Box::new(entry)))
                    }
                };
                read.map_err(|source| EncodingError::Json { event_type: event_type.clone(), source })
            }
            _ => Err(unknown()),
        }
    }

    /// Whether this version knows a type, as it is after its upcasts.
    pub(crate) fn is_known(event_type: &EventType) -> bool {
        match event_type.noun.as_str() {
            JobEvent::NOUN => JobEventKind::of(event_type).is_some(),
            AthleteEvent::NOUN => AthleteEventKind::of(event_type).is_some(),
            DeadLetterEvent::NOUN => DeadLetterEventKind::of(event_type).is_some(),
            RoomEvent::NOUN => RoomEventKind::of(event_type).is_some(),
            ChannelEvent::NOUN => ChannelEventKind::of(event_type).is_some(),
            EndpointEvent::NOUN => EndpointEventKind::of(event_type).is_some(),
            DeliveryEvent::NOUN => DeliveryEventKind::of(event_type).is_some(),
            PlanEvent::NOUN => PlanEventKind::of(event_type).is_some(),
            _ => false,
        }
    }
}

impl RoomFact {
    fn read(recorded: &Recorded) -> Result<Self, EncodingError> {
        let event = recorded.decode()?;
        let id = &recorded.aggregate.id;
        let room = RoomId::of(id).ok_or_else(|| EncodingError::Json {
            event_type: recorded.event_type.clone(),
            source: serde_json::Error::custom(format!("{id} is the id of no room")),
        })?;
        Ok(Self { room, event })
    }
}

impl ChannelFact {
    fn read(recorded: &Recorded) -> Result<Self, EncodingError> {
        let event = recorded.decode()?;
        let id = &recorded.aggregate.id;
        let channel = ChannelId::of(id).ok_or_else(|| EncodingError::Json {
            event_type: recorded.event_type.clone(),
            source: serde_json::Error::custom(format!("{id} is the id of no channel")),
        })?;
        Ok(Self { channel, event })
    }
}
