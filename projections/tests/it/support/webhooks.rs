//! Endpoints and deliveries of webhooks as their deciders make them.

use ally_domain::decider::Decider;
use ally_domain::envelope::{Position, Recorded, TraceContext};
use ally_domain::event_data::EventData;
use ally_domain::ids::{AggregateId, AggregateRef, DeliveryId, EndpointId};
use ally_domain::webhook::{
    DeliveryCommand, DeliveryDecider, EndpointCommand, EndpointDecider, MessageType, Registration, WebhookMessage,
};
use time::OffsetDateTime;
use time::macros::datetime;

/// One aggregate. What its decider answers to a command is to be appended.
pub struct Decided<D: Decider> {
    pub id: AggregateId,
    pub state: D::State,
    events: u64,
    /// When the next event happens; a second later than the one before.
    pub now: OffsetDateTime,
}

pub type DecidedEndpoint = Decided<EndpointDecider>;
pub type DecidedDelivery = Decided<DeliveryDecider>;

impl<D: Decider> Decided<D> {
    fn new(id: AggregateId) -> Self {
        // Finer than PostgreSQL keeps, as the real clock is.
        let now = datetime!(2026-11-20 08:00:00.123456789 UTC);
        Self { id, state: D::State::default(), events: 0, now }
    }

    /// What the decider answers; nothing when it refuses.
    pub fn decide(&mut self, command: &D::Command) -> Vec<Recorded> {
        let Ok(events) = D::decide(&self.state, command) else { return Vec::new() };
        let mut recorded = Vec::new();
        for event in events {
            self.events += 1;
            self.now += time::Duration::seconds(1);
            let encoded = event.encode().unwrap();
            self.state = D::evolve(std::mem::take(&mut self.state), &event);
            recorded.push(Recorded {
                event_id: format!("{}-{}:{}", D::KIND.as_str(), self.id, self.events),
                aggregate: AggregateRef { kind: D::KIND, id: self.id.clone() },
                event_type: encoded.event_type,
                // Set by the log.
                position: Position { stream: String::new(), sequence: 0 },
                at: self.now,
                correlation: "c".into(),
                causation: None,
                actor: "system:test".into(),
                trace: TraceContext::default(),
                data: encoded.data.get().to_owned(),
            });
        }
        recorded
    }
}

impl DecidedEndpoint {
    /// The endpoint that a key of an app names.
    pub fn of_app(app: &str, key: &str) -> Self {
        Self::new((&EndpointId::for_key(app, key)).into())
    }

    pub fn endpoint_id(&self) -> EndpointId {
        (&self.id).into()
    }

    /// It is registered for completed and failed jobs.
    pub fn register(&mut self, app: &str) -> Vec<Recorded> {
        let registration = Registration {
            app: app.parse().unwrap(),
            url: format!("https://{app}.example/hooks/{}", self.id).parse().unwrap(),
            types: [MessageType::JobFailed, MessageType::JobCompleted].into(),
            description: Some("plans of Zoë's".to_owned()),
        };
        self.decide(&EndpointCommand::Register { registration, since: 42 })
    }
}

impl DecidedDelivery {
    /// The delivery of a message to an endpoint.
    pub fn of_message(endpoint: &EndpointId, n: u64) -> Self {
        Self::new((&DeliveryId::of(endpoint, &message(n).id)).into())
    }

    pub fn delivery_id(&self) -> DeliveryId {
        (&self.id).into()
    }

    pub fn queue(&mut self, endpoint: &EndpointId, n: u64) -> Vec<Recorded> {
        self.decide(&DeliveryCommand::Queue { endpoint_id: endpoint.clone(), message: message(n) })
    }

    /// The endpoint answers 503, and another attempt follows in a minute.
    pub fn fail(&mut self) -> Vec<Recorded> {
        let retry_at = Some(self.now + time::Duration::minutes(1));
        let (round, reason) = (self.round(), "the endpoint answered 503".to_owned());
        self.decide(&DeliveryCommand::RecordFailure { round, status: Some(503), reason, millis: 12, retry_at })
    }

    /// Nobody answers, and no attempt follows.
    pub fn break_off(&mut self) -> Vec<Recorded> {
        let (round, reason) = (self.round(), "nobody answered".to_owned());
        self.decide(&DeliveryCommand::RecordFailure { round, status: None, reason, millis: 20_000, retry_at: None })
    }

    pub fn succeed(&mut self) -> Vec<Recorded> {
        let round = self.round();
        self.decide(&DeliveryCommand::RecordSuccess { round, status: 204, millis: 7 })
    }

    pub fn give_up(&mut self) -> Vec<Recorded> {
        let (round, reason) = (self.round(), "all attempts were used up".to_owned());
        self.decide(&DeliveryCommand::GiveUp { round, reason })
    }

    pub fn replay(&mut self) -> Vec<Recorded> {
        self.decide(&DeliveryCommand::Replay)
    }

    fn round(&self) -> u32 {
        self.state.0.as_ref().map_or(1, |delivery| delivery.round)
    }
}

/// The n-th message.
pub fn message(n: u64) -> WebhookMessage {
    WebhookMessage {
        id: format!("job-{n}:1"),
        message_type: MessageType::JobCompleted,
        timestamp: datetime!(2026-11-20 07:59:59.123456789 UTC),
        data: serde_json::json!({ "jobId": format!("j{n}"), "status": "completed", "attempts": 1 }),
    }
}
