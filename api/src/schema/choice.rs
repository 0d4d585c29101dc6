//! The closed lists of the domain as schemas: the choices come from the domain, so that none can be forgotten here.

use ally_domain::engine::adapt::{Action, ChangeKind};
use ally_domain::engine::answers::Step;
use ally_domain::engine::catalogue::{Eccentric, Force, Impact, Measure, Mechanic, Muscle, Pattern, StressTag};
use ally_domain::engine::plan::{BlockKind, Focus, Phase, ProgressRule};
use ally_domain::engine::profile::{BodyPart, Day, Equipment, Proficiency, Purpose, RecoveryHabit, Season};
use ally_domain::engine::screening::Question;
use ally_domain::job::{JobStatus, Priority};
use ally_domain::room::{Door, LeaveReason};
use ally_domain::webhook::{DeliveryStatus, DisableCause, MessageType};
use ally_projections::dead_letter::State;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON};
use serde_json::Value;

use super::documented::documented;
use super::webhook::{CHOSEN_TYPES, TYPES_OF_ENDPOINTS, TYPES_OF_JOBS};

macro_rules! choice {
    ($($(#[doc = $doc:literal])+ $name:ident = $domain:ty as $text:literal, $all:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) struct $name(pub $domain);

        documented! {
            [] $name as $text.into(), MetaSchemaRef::Reference($text.to_owned()), |registry| {
                registry.create_schema::<Self, _>($text.to_owned(), |_| MetaSchema {
                    description: Some(concat!($($doc),+).trim_ascii()),
                    enum_items: $all.iter().map(|choice| choice.as_str().into()).collect(),
                    ..MetaSchema::new("string")
                });
            }
        }

        impl ToJSON for $name {
            fn to_json(&self) -> Option<Value> {
                Some(self.0.as_str().into())
            }
        }

        impl ParseFromJSON for $name {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                let value = value.unwrap_or_default();
                let choice = $all.iter().find(|choice| value.as_str() == Some(choice.as_str()));
                choice.map(|choice| Self(*choice)).ok_or_else(|| ParseError::expected_type(value))
            }
        }
    )+};
}

choice! {
    /// What the athlete trains for.
    PurposeChoice = Purpose as "Purpose", Purpose::ALL;
    /// How far along the athlete is.
    ProficiencyChoice = Proficiency as "Proficiency", Proficiency::ALL;
    /// Where in the competitive year.
    SeasonChoice = Season as "Season", Season::ALL;
    /// What there is to train with. A body, a floor and a mat are always there.
    EquipmentChoice = Equipment as "Equipment", Equipment::ALL;
    /// How the athlete recovers.
    RecoveryHabitChoice = RecoveryHabit as "RecoveryHabit", RecoveryHabit::ALL;
    /// Where it hurts.
    BodyPartChoice = BodyPart as "BodyPart", BodyPart::ALL;
    /// How the body moves.
    PatternChoice = Pattern as "Pattern", Pattern::ALL;
    /// A muscle, or a group that always works together.
    MuscleChoice = Muscle as "Muscle", Muscle::ALL;
    /// How many joints work.
    MechanicChoice = Mechanic as "Mechanic", Mechanic::ALL;
    /// What the muscles do.
    ForceChoice = Force as "Force", Force::ALL;
    /// How hard the ground hits back.
    ImpactChoice = Impact as "Impact", Impact::ALL;
    /// How much a muscle brakes while it lengthens, which is what makes it sore.
    EccentricChoice = Eccentric as "Eccentric", Eccentric::ALL;
    /// What a set counts.
    MeasureChoice = Measure as "Measure", Measure::ALL;
    /// What an exercise asks of joints, for injuries to veto.
    StressTagChoice = StressTag as "StressTag", StressTag::ALL;
    /// A day of the week.
    DayChoice = Day as "Weekday", Day::ALL;
    /// A question about health: a field of `screening`.
    QuestionChoice = Question as "ScreeningQuestionName", Question::ALL;
    /// A step of onboarding.
    StepChoice = Step as "OnboardingStep", Step::ALL;
    /// Where a job stands. `scheduled` (it must not begin yet) → `queued` → `running` → `completed`; `running` → `retrying` → `running`. `completed`,
    /// `failed` (it can never work, or its deadline has passed), `dead_lettered` (all attempts used up) and `cancelled` are ends.
    JobStatusChoice = JobStatus as "JobStatus", JobStatus::ALL;
    /// Whether a job goes before others (`high`, for tokens whose claim `priorities` names it) or when its turn comes (`normal`).
    PriorityChoice = Priority as "Priority", Priority::ALL;
    /// Where a dead letter stands: `open`, or what was done about it.
    LetterStateChoice = State as "DeadLetterState", State::ALL;
    /// What a week is for.
    PhaseChoice = Phase as "Phase", Phase::ALL;
    /// What a session works on.
    FocusChoice = Focus as "Focus", Focus::ALL;
    /// What a block of a session is. In a superset the exercises alternate set by set.
    BlockKindChoice = BlockKind as "BlockKind", BlockKind::ALL;
    /// What adaptation does, or holds back from doing.
    ActionChoice = Action as "Action", Action::ALL;
    /// What kind of change.
    ChangeKindChoice = ChangeKind as "ChangeKind", ChangeKind::ALL;
    /// How an exercise gets harder.
    ProgressRuleChoice = ProgressRule as "ProgressRule", ProgressRule::ALL;
    /// How a member came in.
    DoorChoice = Door as "PresenceDoor", Door::ALL;
    /// Why a member left: it said so (`left`), its lease ended (`expired`), its connection broke for longer than its grace (`cut`),
    /// an operator removed it (`kicked`), its server ended (`drained`), or the same client came back as another connection
    /// (`replaced`).
    LeaveReasonChoice = LeaveReason as "LeaveReason", LeaveReason::ALL;
    /// What a webhook is about: what happened to a job, a test, or how another endpoint of the app stands.
    WebhookTypeChoice = MessageType as "WebhookMessageType", MessageType::ALL;
    /// What an endpoint may choose webhooks about. A test (`webhook.ping`) comes to each endpoint that is asked for it.
    ChosenTypeChoice = MessageType as "WebhookType", CHOSEN_TYPES;
    /// What a message about a job tells.
    JobWebhookTypeChoice = MessageType as "JobWebhookType", TYPES_OF_JOBS;
    /// What a message about an endpoint tells.
    EndpointWebhookTypeChoice = MessageType as "EndpointWebhookType", TYPES_OF_ENDPOINTS;
    /// Where a delivery stands: it is to be sent, or sent again (`waiting`), the endpoint took it, or nobody tries any more.
    DeliveryStatusChoice = DeliveryStatus as "WebhookDeliveryStatus", DeliveryStatus::ALL;
    /// Why an endpoint gets nothing: an operator disabled it, it answered 410, or it failed for days.
    DisableCauseChoice = DisableCause as "WebhookDisableCause",
        [DisableCause::Operator, DisableCause::Gone, DisableCause::Failing];
}
