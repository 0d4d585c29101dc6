""" Contains all the data models used in inputs/outputs """

from .accepted_job import AcceptedJob
from .action import Action
from .adapted import Adapted
from .adapted_progressed import AdaptedProgressed
from .availability_count import AvailabilityCount
from .block import Block
from .block_kind import BlockKind
from .body_part import BodyPart
from .cancellation import Cancellation
from .change_kind import ChangeKind
from .consumer import Consumer
from .consumer_pause import ConsumerPause
from .consumers import Consumers
from .dead_letter import DeadLetter
from .dead_letter_group import DeadLetterGroup
from .dead_letter_groups import DeadLetterGroups
from .dead_letter_outcome import DeadLetterOutcome
from .dead_letter_outcomes import DeadLetterOutcomes
from .dead_letter_selection import DeadLetterSelection
from .dead_letter_state import DeadLetterState
from .dead_letter_state_filter import DeadLetterStateFilter
from .dead_letter_summary import DeadLetterSummary
from .dead_letter_treatment import DeadLetterTreatment
from .dead_letters import DeadLetters
from .decision import Decision
from .eccentric import Eccentric
from .endpoint_webhook import EndpointWebhook
from .endpoint_webhook_data import EndpointWebhookData
from .endpoint_webhook_type import EndpointWebhookType
from .equipment import Equipment
from .exercise import Exercise
from .exercise_item import ExerciseItem
from .exercise_list import ExerciseList
from .exercise_needs import ExerciseNeeds
from .exercise_summary import ExerciseSummary
from .expedited_job import ExpeditedJob
from .fallback import Fallback
from .field_error import FieldError
from .fixed_schedule import FixedSchedule
from .focus import Focus
from .force import Force
from .given_up import GivenUp
from .given_up_what import GivenUpWhat
from .impact import Impact
from .injury import Injury
from .item_done import ItemDone
from .job import Job
from .job_error import JobError
from .job_error_code import JobErrorCode
from .job_event import JobEvent
from .job_event_type import JobEventType
from .job_list import JobList
from .job_phase import JobPhase
from .job_status import JobStatus
from .job_timeline import JobTimeline
from .job_timeline_entry import JobTimelineEntry
from .job_webhook import JobWebhook
from .job_webhook_data import JobWebhookData
from .job_webhook_type import JobWebhookType
from .jobs_end import JobsEnd
from .jobs_end_reason import JobsEndReason
from .jobs_end_type import JobsEndType
from .jobs_resync import JobsResync
from .jobs_snapshot import JobsSnapshot
from .links import Links
from .log_entry import LogEntry
from .log_entry_links import LogEntryLinks
from .logged_pain import LoggedPain
from .logged_workout import LoggedWorkout
from .measure import Measure
from .mechanic import Mechanic
from .muscle import Muscle
from .muscle_sets import MuscleSets
from .onboarding_answer import OnboardingAnswer
from .onboarding_answer_status import OnboardingAnswerStatus
from .onboarding_answers import OnboardingAnswers
from .onboarding_status import OnboardingStatus
from .onboarding_step import OnboardingStep
from .open_question import OpenQuestion
from .operator_note import OperatorNote
from .pain import Pain
from .pain_report import PainReport
from .pattern import Pattern
from .phase import Phase
from .plan import Plan
from .plan_batch import PlanBatch
from .plan_batch_answer import PlanBatchAnswer
from .plan_batch_item import PlanBatchItem
from .plan_batch_item_answer import PlanBatchItemAnswer
from .plan_change import PlanChange
from .plan_diff import PlanDiff
from .plan_document import PlanDocument
from .plan_list import PlanList
from .plan_score import PlanScore
from .plan_summary import PlanSummary
from .plan_totals import PlanTotals
from .plan_totals_peak_week_sets import PlanTotalsPeakWeekSets
from .plan_validation import PlanValidation
from .plan_version import PlanVersion
from .plan_versions import PlanVersions
from .plan_wish import PlanWish
from .priority import Priority
from .problem import Problem
from .proficiency import Proficiency
from .profile import Profile
from .progress_rule import ProgressRule
from .progression import Progression
from .provenance import Provenance
from .purpose import Purpose
from .queued_webhook_delivery import QueuedWebhookDelivery
from .recovery_habit import RecoveryHabit
from .registered_webhook_endpoint import RegisteredWebhookEndpoint
from .replan_wish import ReplanWish
from .resync_reason import ResyncReason
from .resync_type import ResyncType
from .return_to_training import ReturnToTraining
from .screening import Screening
from .screening_question_name import ScreeningQuestionName
from .season import Season
from .session import Session
from .session_document import SessionDocument
from .set_done import SetDone
from .sets import Sets
from .snapshot_type import SnapshotType
from .span import Span
from .span_attributes import SpanAttributes
from .span_event import SpanEvent
from .span_event_attributes import SpanEventAttributes
from .span_kind import SpanKind
from .span_link import SpanLink
from .span_resource import SpanResource
from .stress_tag import StressTag
from .time_crunch_preview import TimeCrunchPreview
from .time_crunch_wish import TimeCrunchWish
from .trace import Trace
from .trace_order import TraceOrder
from .trace_summary import TraceSummary
from .traces import Traces
from .traces_kept import TracesKept
from .tradeoff import Tradeoff
from .training_log import TrainingLog
from .version_decision import VersionDecision
from .webhook_attempt import WebhookAttempt
from .webhook_change import WebhookChange
from .webhook_deliveries import WebhookDeliveries
from .webhook_delivery import WebhookDelivery
from .webhook_delivery_links import WebhookDeliveryLinks
from .webhook_delivery_status import WebhookDeliveryStatus
from .webhook_delivery_summary import WebhookDeliverySummary
from .webhook_disable_cause import WebhookDisableCause
from .webhook_endpoint import WebhookEndpoint
from .webhook_endpoint_links import WebhookEndpointLinks
from .webhook_endpoints import WebhookEndpoints
from .webhook_message_type import WebhookMessageType
from .webhook_registration import WebhookRegistration
from .webhook_replay import WebhookReplay
from .webhook_replay_selection import WebhookReplaySelection
from .webhook_replayed_status import WebhookReplayedStatus
from .webhook_rotation import WebhookRotation
from .webhook_secret import WebhookSecret
from .webhook_type import WebhookType
from .week import Week
from .weekday import Weekday
from .workout import Workout

__all__ = (
    "AcceptedJob",
    "Action",
    "Adapted",
    "AdaptedProgressed",
    "AvailabilityCount",
    "Block",
    "BlockKind",
    "BodyPart",
    "Cancellation",
    "ChangeKind",
    "Consumer",
    "ConsumerPause",
    "Consumers",
    "DeadLetter",
    "DeadLetterGroup",
    "DeadLetterGroups",
    "DeadLetterOutcome",
    "DeadLetterOutcomes",
    "DeadLetters",
    "DeadLetterSelection",
    "DeadLetterState",
    "DeadLetterStateFilter",
    "DeadLetterSummary",
    "DeadLetterTreatment",
    "Decision",
    "Eccentric",
    "EndpointWebhook",
    "EndpointWebhookData",
    "EndpointWebhookType",
    "Equipment",
    "Exercise",
    "ExerciseItem",
    "ExerciseList",
    "ExerciseNeeds",
    "ExerciseSummary",
    "ExpeditedJob",
    "Fallback",
    "FieldError",
    "FixedSchedule",
    "Focus",
    "Force",
    "GivenUp",
    "GivenUpWhat",
    "Impact",
    "Injury",
    "ItemDone",
    "Job",
    "JobError",
    "JobErrorCode",
    "JobEvent",
    "JobEventType",
    "JobList",
    "JobPhase",
    "JobsEnd",
    "JobsEndReason",
    "JobsEndType",
    "JobsResync",
    "JobsSnapshot",
    "JobStatus",
    "JobTimeline",
    "JobTimelineEntry",
    "JobWebhook",
    "JobWebhookData",
    "JobWebhookType",
    "Links",
    "LogEntry",
    "LogEntryLinks",
    "LoggedPain",
    "LoggedWorkout",
    "Measure",
    "Mechanic",
    "Muscle",
    "MuscleSets",
    "OnboardingAnswer",
    "OnboardingAnswers",
    "OnboardingAnswerStatus",
    "OnboardingStatus",
    "OnboardingStep",
    "OpenQuestion",
    "OperatorNote",
    "Pain",
    "PainReport",
    "Pattern",
    "Phase",
    "Plan",
    "PlanBatch",
    "PlanBatchAnswer",
    "PlanBatchItem",
    "PlanBatchItemAnswer",
    "PlanChange",
    "PlanDiff",
    "PlanDocument",
    "PlanList",
    "PlanScore",
    "PlanSummary",
    "PlanTotals",
    "PlanTotalsPeakWeekSets",
    "PlanValidation",
    "PlanVersion",
    "PlanVersions",
    "PlanWish",
    "Priority",
    "Problem",
    "Proficiency",
    "Profile",
    "Progression",
    "ProgressRule",
    "Provenance",
    "Purpose",
    "QueuedWebhookDelivery",
    "RecoveryHabit",
    "RegisteredWebhookEndpoint",
    "ReplanWish",
    "ResyncReason",
    "ResyncType",
    "ReturnToTraining",
    "Screening",
    "ScreeningQuestionName",
    "Season",
    "Session",
    "SessionDocument",
    "SetDone",
    "Sets",
    "SnapshotType",
    "Span",
    "SpanAttributes",
    "SpanEvent",
    "SpanEventAttributes",
    "SpanKind",
    "SpanLink",
    "SpanResource",
    "StressTag",
    "TimeCrunchPreview",
    "TimeCrunchWish",
    "Trace",
    "TraceOrder",
    "Traces",
    "TracesKept",
    "TraceSummary",
    "Tradeoff",
    "TrainingLog",
    "VersionDecision",
    "WebhookAttempt",
    "WebhookChange",
    "WebhookDeliveries",
    "WebhookDelivery",
    "WebhookDeliveryLinks",
    "WebhookDeliveryStatus",
    "WebhookDeliverySummary",
    "WebhookDisableCause",
    "WebhookEndpoint",
    "WebhookEndpointLinks",
    "WebhookEndpoints",
    "WebhookMessageType",
    "WebhookRegistration",
    "WebhookReplay",
    "WebhookReplayedStatus",
    "WebhookReplaySelection",
    "WebhookRotation",
    "WebhookSecret",
    "WebhookType",
    "Week",
    "Weekday",
    "Workout",
)
