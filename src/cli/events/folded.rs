//! The state of an aggregate of any kind, folded event by event by the deciders themselves.

use ally_domain::athlete::{AthleteDecider, AthleteState};
use ally_domain::channel::{ChannelDecider, ChannelState};
use ally_domain::decider::Decider;
use ally_domain::envelope::Recorded;
use ally_domain::event_data::EncodingError;
use ally_domain::ids::AggregateKind;
use ally_domain::job::{Job, JobDecider, JobState, JobStatus};
use ally_domain::plan::{PlanDecider, PlanState};
use ally_domain::room::{RoomDecider, RoomState};
use ally_domain::webhook::{
    Delivery, DeliveryDecider, DeliveryState, DisableCause, Endpoint, EndpointDecider, EndpointState,
};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A state.
#[derive(Debug, Clone)]
pub enum Folded {
    /// A plan job.
    Job(Box<JobState>),
    /// An athlete.
    Athlete(Box<AthleteState>),
    /// A plan.
    Plan(Box<PlanState>),
    /// A room of presence.
    Room(Box<RoomState>),
    /// A channel.
    Channel(Box<ChannelState>),
    /// An endpoint of webhooks.
    Webhook(Box<EndpointState>),
    /// A webhook on its way.
    Delivery(Box<DeliveryState>),
}

impl Folded {
    /// Before the first event.
    pub fn new(kind: AggregateKind) -> Self {
        match kind {
            AggregateKind::Job => Self::Job(Box::default()),
            AggregateKind::Athlete => Self::Athlete(Box::default()),
            AggregateKind::Plan => Self::Plan(Box::default()),
            AggregateKind::Room => Self::Room(Box::default()),
            AggregateKind::Channel => Self::Channel(Box::default()),
            AggregateKind::Webhook => Self::Webhook(Box::default()),
            AggregateKind::Delivery => Self::Delivery(Box::default()),
        }
    }

    /// After one more event; one of a later version changes nothing.
    pub fn apply(self, event: &Recorded) -> Result<Self, EncodingError> {
        Ok(match self {
            Self::Job(state) => Self::Job(Box::new(evolve::<JobDecider>(*state, event)?)),
            Self::Athlete(state) => Self::Athlete(Box::new(evolve::<AthleteDecider>(*state, event)?)),
            Self::Plan(state) => Self::Plan(Box::new(evolve::<PlanDecider>(*state, event)?)),
            Self::Room(state) => Self::Room(Box::new(evolve::<RoomDecider>(*state, event)?)),
            Self::Channel(state) => Self::Channel(Box::new(evolve::<ChannelDecider>(*state, event)?)),
            Self::Webhook(state) => Self::Webhook(Box::new(evolve::<EndpointDecider>(*state, event)?)),
            Self::Delivery(state) => Self::Delivery(Box::new(evolve::<DeliveryDecider>(*state, event)?)),
        })
    }

    /// Where a job stands.
    pub fn job_status(&self) -> Option<JobStatus> {
        match self {
            Self::Job(state) => state.0.as_ref().map(|job| job.status),
            _ => None,
        }
    }

    /// All of it.
    pub fn json(&self) -> Value {
        match self {
            Self::Job(state) => state.0.as_ref().map_or(Value::Null, job_json),
            Self::Athlete(state) => json!({
                "revision": state.current.as_ref().map(|current| current.revision),
                "jobId": state.current.as_ref().map(|current| &current.job_id),
                "earlierJobs": state.earlier_jobs,
                "answers": state.answers,
                "profile": state.current.as_ref().map(|current| &current.profile),
            }),
            Self::Plan(state) => json!({
                "version": state.version,
                "jobId": state.job_id,
                "workouts": state.log.workouts.len(),
                "painReports": state.log.reports.len(),
            }),
            Self::Channel(state) => json!({ "majorRevision": state.major_revision, "items": state.items }),
            Self::Room(state) => json!({
                "users": state.user_count(),
                "members": state.members_behind(None).map(|(conn, member)| json!({
                    "connId": conn,
                    "userId": member.user,
                    "epoch": member.epoch,
                    "door": member.door,
                })).collect::<Vec<_>>(),
            }),
            Self::Webhook(state) => match &**state {
                EndpointState::Unknown => Value::Null,
                EndpointState::Removed => json!({ "removed": true }),
                EndpointState::There(endpoint) => endpoint_json(endpoint),
            },
            Self::Delivery(state) => state.0.as_deref().map_or(Value::Null, delivery_json),
        }
    }

    /// What is short enough for a line.
    pub fn summary(&self) -> String {
        match self {
            Self::Job(state) => state.0.as_ref().map_or_else(|| "no job".to_owned(), job_summary),
            Self::Athlete(state) => match &state.current {
                Some(current) => format!("profile of revision {}, its job {}", current.revision, current.job_id),
                None => "answers, no profile yet".to_owned(),
            },
            Self::Plan(state) => format!("version {}", state.version),
            Self::Channel(state) => format!("major revision {}, items {}", state.major_revision, state.items.len()),
            Self::Room(state) => format!("members {}, users {}", state.member_count(), state.user_count()),
            Self::Webhook(state) => match &**state {
                EndpointState::Unknown => "no endpoint".to_owned(),
                EndpointState::Removed => "removed".to_owned(),
                EndpointState::There(endpoint) => endpoint_summary(endpoint),
            },
            Self::Delivery(state) => state.0.as_deref().map_or_else(|| "no delivery".to_owned(), delivery_summary),
        }
    }
}

fn job_json(job: &Job) -> Value {
    json!({
        "status": job.status.as_str(),
        "attempts": job.attempts,
        "attemptsInBudget": job.attempts_in_budget,
        "planId": job.plan_id,
        "athleteId": job.athlete_id,
        "profileRevision": job.requested.as_ref().map(|requested| requested.profile_revision),
        "request": job.requested.as_ref().map(|requested| &requested.request),
        "archivedIn": job.archived_in,
    })
}

fn job_summary(job: &Job) -> String {
    let (status, attempts, in_budget) = (job.status.as_str(), job.attempts, job.attempts_in_budget);
    let plan = job.plan_id.as_ref().map_or_else(String::new, |plan| format!(", plan {plan}"));
    format!("{status}, attempts {attempts} (in budget {in_budget}){plan}")
}

fn endpoint_json(endpoint: &Endpoint) -> Value {
    let text = |time: Option<OffsetDateTime>| time.and_then(|time| time.format(&Rfc3339).ok());
    json!({
        "app": endpoint.app,
        "url": endpoint.url,
        "types": endpoint.types,
        "description": endpoint.description,
        "since": endpoint.since,
        "secretNumber": endpoint.secret,
        "previousUntil": text(endpoint.previous_until),
        "failingSince": text(endpoint.failing_since),
        "disabled": endpoint.disabled.map(DisableCause::as_str),
    })
}

fn endpoint_summary(endpoint: &Endpoint) -> String {
    let state = match (endpoint.disabled, endpoint.failing_since) {
        (Some(cause), _) => format!("disabled ({})", cause.as_str()),
        (None, Some(_)) => "failing".to_owned(),
        (None, None) => "enabled".to_owned(),
    };
    format!("{state}, app {}, secret {}", endpoint.app, endpoint.secret)
}

fn delivery_json(delivery: &Delivery) -> Value {
    json!({
        "endpointId": delivery.endpoint_id,
        "message": delivery.message,
        "status": delivery.status.as_str(),
        "round": delivery.round,
        "attempts": delivery.attempts,
    })
}

fn delivery_summary(delivery: &Delivery) -> String {
    let (status, round, attempts) = (delivery.status.as_str(), delivery.round, delivery.attempts);
    format!("{status}, round {round}, attempts {attempts}, {}", delivery.message.message_type)
}

fn evolve<D: Decider>(state: D::State, event: &Recorded) -> Result<D::State, EncodingError> {
    match event.decode::<D::Event>() {
        Ok(fact) => Ok(D::evolve(state, &fact)),
        Err(EncodingError::Unknown { .. }) => Ok(state),
        Err(error) => Err(error),
    }
}
