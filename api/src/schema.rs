//! The shapes of bodies as the OpenAPI document shows them, and a check of JSON against exactly those shapes.
//!
//! A document and a parser that are written apart drift apart; here the document is the parser. Deliberately not here:
//! what a value means, which the rules in `ally-domain` judge.

mod answers;
mod channel;
mod check;
mod choice;
mod crunch;
mod documented;
mod note;
mod plan;
mod presence;
mod webhook;
mod wish;
mod words;
mod workout;

pub(crate) use answers::{AnswersSchema, DateText};
pub(crate) use channel::{ChannelSchema, LockSchema, RemoveSchema, UpdateSchema, WriteSchema};
pub(crate) use check::{Schema, shortened, suggestion};
pub(crate) use choice::{
    ActionChoice, ChangeKindChoice, ChosenTypeChoice, DeliveryStatusChoice, DisableCauseChoice, EccentricChoice,
    EquipmentChoice, ForceChoice, ImpactChoice, JobStatusChoice, LetterStateChoice, MeasureChoice, MechanicChoice,
    MuscleChoice, PatternChoice, ProficiencyChoice, QuestionChoice, StepChoice, StressTagChoice, WebhookTypeChoice,
};
pub(crate) use crunch::CrunchSchema;
pub(crate) use documented::{as_its_value, documented, named_shape};
pub(crate) use note::{ManySchema, NoteSchema, PauseSchema};
pub(crate) use plan::{PlanSchema, SessionSchema};
pub(crate) use presence::{FeedItemShape, HeartbeatSchema, JoinSchema, LeaveSchema, MembersSchema};
pub(crate) use webhook::{ChangeSchema, MessageShape, RegistrationSchema, ReplaySchema, RotationSchema, app_schema};
pub(crate) use wish::{BatchSchema, WishSchema};
pub(crate) use words::{
    DeadLetterTreatment, GivenUpWhat, JobErrorCode, JobPhase, OnboardingAnswerStatus, OnboardingStatus,
};
pub(crate) use workout::{PainReportSchema, ReplanSchema, WorkoutSchema};

use std::marker::PhantomData;

use poem_openapi::types::{ParseFromJSON, ParseResult, ToJSON, Type};
use serde::Serialize;
use serde_json::Value;

/// A value of the domain, written by its own serialization and documented by the shape `S`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown<S> {
    value: Value,
    shape: PhantomData<fn() -> S>,
}

impl<S> Shown<S> {
    /// The value as JSON.
    ///
    /// # Errors
    /// When serde cannot write it.
    pub(crate) fn of(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { value: serde_json::to_value(value)?, shape: PhantomData })
    }
}

documented! { [S: Type] Shown<S> as S::name(), S::schema_ref(), S::register }

impl<S: Type> ToJSON for Shown<S> {
    fn to_json(&self) -> Option<Value> {
        Some(self.value.clone())
    }
}

impl<S: Type> ParseFromJSON for Shown<S> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(Self { value: value.unwrap_or_default(), shape: PhantomData })
    }
}
