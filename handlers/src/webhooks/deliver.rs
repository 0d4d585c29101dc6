//! Sends what is queued: one attempt a delivery, and what comes of it.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::dates::moment_after;
use ally_domain::decider::Decider;
use ally_domain::envelope::{Actor, CommandContext, Recorded};
use ally_domain::ids::{CommandId, DeliveryId, EndpointId};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Clock, DeliveryContext, EventHandler, RetryClock, StoreError};
use ally_domain::webhook::{
    Delivery, DeliveryCommand, DeliveryDecider, DeliveryEvent, DeliveryState, DeliveryStatus, DisableCause, Endpoint,
    EndpointCommand, EndpointDecider, EndpointState,
};
use async_trait::async_trait;
use tracing::Instrument;
use uuid::Uuid;

use super::directory::Directory;
use super::observe::{self, Attempt};
use super::send::{Failure, Sender};
use super::slots::Slots;
use crate::execute::{self, Counted, ExecuteError, Executor, Known};
use crate::full_log::Patient;

/// When to look again whether messages can be signed.
const UNSIGNED: Duration = Duration::from_secs(60);

/// Sends what is queued. A message that was sent and could not be recorded is sent again.
pub struct DeliveryHandler {
    executor: Executor,
    /// Records attempts: they are made, and a full log is waited for.
    patient: Executor,
    directory: Directory,
    sender: Sender,
    slots: Arc<Slots>,
    retry: Arc<dyn RetryClock>,
    clock: Arc<dyn Clock>,
}

/// A delivery as it is known, and what it is about.
struct Held {
    id: DeliveryId,
    delivery: Delivery,
    known: Known<DeliveryDecider>,
}

impl DeliveryHandler {
    /// A worker on a log.
    #[must_use]
    pub fn new(
        executor: Executor,
        directory: Directory,
        sender: Sender,
        retry: Arc<dyn RetryClock>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let patient = executor.on(Arc::new(Patient(executor.store().clone())));
        let slots = Slots::new(sender.config());
        Self { executor, patient, directory, sender, slots, retry, clock }
    }

    /// What is known of a delivery: one that is queued and delivered for the first time is all that there is to know.
    async fn known(&self, event: &Recorded, delivery: &DeliveryContext) -> Result<Known<DeliveryDecider>, StoreError> {
        if delivery.delivery <= 1
            && let Ok(queued @ DeliveryEvent::Queued(_)) = event.decode()
        {
            let state = DeliveryDecider::evolve(DeliveryState::default(), &queued);
            return Ok(Known { state, sequence: event.position.sequence, since: Some(event.at) });
        }
        Ok(self.executor.load_known::<DeliveryDecider>(&event.aggregate.id).await?.0)
    }

    /// The endpoint as this node knows it. One that it does not know, or knows as one that gets nothing, is asked for: that ends
    /// deliveries, and this node may be behind.
    async fn endpoint(&self, id: &EndpointId) -> Result<Option<Arc<Endpoint>>, StoreError> {
        if let Some(known) = self.directory.get(id).filter(|endpoint| endpoint.is_enabled()) {
            return Ok(Some(known));
        }
        let (state, _) = self.executor.load::<EndpointDecider>(&id.into()).await?;
        Ok(match state {
            EndpointState::There(endpoint) => Some(Arc::from(endpoint)),
            EndpointState::Unknown | EndpointState::Removed => None,
        })
    }

    async fn attempt(&self, held: Held, endpoint: &Endpoint, event: &Recorded) -> Outcome {
        let id = held.delivery.endpoint_id.clone();
        let slot = match self.slots.enter(&id) {
            Ok(slot) => slot,
            Err(after) => return Outcome::Defer { reason: format!("endpoint {id} has no place for it yet"), after },
        };
        let attempt = Attempt::begin(&id, endpoint, &held.delivery.message);
        let sent = self.sender.send(&id, endpoint, &held.delivery.message, &attempt);
        let answer = sent.instrument(attempt.span().clone()).await;
        let millis = attempt.end(answer.as_ref().copied());
        match answer {
            Ok(status) => {
                slot.end_taken();
                self.taken(held, endpoint, status, millis, event).await
            }
            // It is ours to cure, and says nothing of the endpoint.
            Err(failure @ Failure::Unsigned(_)) => {
                tracing::error!(endpoint_id = %id, %failure, "a webhook cannot be signed; nothing is sent");
                Outcome::Defer { reason: failure.to_string(), after: UNSIGNED }
            }
            Err(failure) => {
                let rests = slot.end_refused(failure.after());
                self.refused(held, &failure, rests, millis, event).await
            }
        }
    }

    async fn taken(&self, held: Held, endpoint: &Endpoint, status: u16, millis: u64, event: &Recorded) -> Outcome {
        let (id, happened) = (held.delivery.endpoint_id.clone(), held.delivery.message.timestamp);
        let command = DeliveryCommand::RecordSuccess { round: held.delivery.round, status, millis };
        if let Err(error) = self.record(held, &command, event).await {
            return error.outcome();
        }
        observe::delivered(happened, self.clock.now());
        if endpoint.failing_since.is_some() {
            self.note(&id, &EndpointCommand::NoteSuccess, event).await;
        }
        Outcome::Done
    }

    /// An attempt failed. An endpoint of which one message fails now and then is not failing: it is once it rests, or a message
    /// is given up.
    async fn refused(&self, held: Held, failure: &Failure, rests: bool, millis: u64, event: &Recorded) -> Outcome {
        let (id, round, attempt) = (held.delivery.endpoint_id.clone(), held.delivery.round, held.delivery.attempts + 1);
        let (now, is_last) = (self.clock.now(), attempt >= self.sender.config().max_attempts);
        let delay = self.retry.delay_after(attempt).max(failure.after().unwrap_or_default());
        let retry_at = (!is_last && !failure.is_gone()).then(|| moment_after(now, delay));
        let (status, reason) = (failure.status(), failure.to_string());
        let command = DeliveryCommand::RecordFailure { round, status, reason, millis, retry_at };
        let delivery = held.id.clone();
        if let Err(error) = self.record(held, &command, event).await {
            return error.outcome();
        }
        if failure.is_gone() {
            self.note(&id, &EndpointCommand::Disable { cause: DisableCause::Gone }, event).await;
            return self.give_up(&delivery, round, "the endpoint answered 410: it is gone", event).await;
        }
        if rests || is_last {
            let allowed = self.sender.config().disable_after;
            self.note(&id, &EndpointCommand::NoteFailure { at: now, allowed }, event).await;
        }
        if is_last {
            return Outcome::give_up(format!(
                "all {attempt} attempts at endpoint {id} failed, the last one: {failure}"
            ));
        }
        Outcome::Retry { reason: failure.to_string(), after: Some(delay) }
    }

    /// Ends a delivery that nobody needs to look at: its endpoint wants nothing more.
    async fn give_up(&self, id: &DeliveryId, round: u32, reason: &str, event: &Recorded) -> Outcome {
        let command = DeliveryCommand::GiveUp { round, reason: reason.to_owned() };
        match self.execute::<DeliveryDecider>(&id.into(), None, &command, event).await {
            Ok(()) => {
                observe::given_up();
                Outcome::Done
            }
            Err(error) => error.outcome(),
        }
    }

    async fn record(
        &self,
        held: Held,
        command: &DeliveryCommand,
        event: &Recorded,
    ) -> Result<(), ExecuteError<<DeliveryDecider as Decider>::Refusal>> {
        self.execute::<DeliveryDecider>(&(&held.id).into(), Some(held.known), command, event).await
    }

    /// Notes how the endpoint is. What cannot be noted now is noted at the next attempt.
    async fn note(&self, id: &EndpointId, command: &EndpointCommand, event: &Recorded) {
        if self.is_noted(id, command) {
            return;
        }
        if let Err(error) = self.execute::<EndpointDecider>(&id.into(), None, command, event).await {
            tracing::warn!(endpoint_id = %id, %error, "how an endpoint is could not be noted; the next attempt notes it");
        }
    }

    /// Whether the endpoint is known to stand as a command would leave it: most attempts change nothing, and read nothing.
    fn is_noted(&self, id: &EndpointId, command: &EndpointCommand) -> bool {
        let Some(endpoint) = self.directory.get(id) else { return false };
        let state = EndpointState::There(Box::new(Endpoint::clone(&endpoint)));
        EndpointDecider::decide(&state, command).is_ok_and(|events| events.is_empty())
    }

    async fn execute<D: Counted>(
        &self,
        id: &ally_domain::ids::AggregateId,
        known: Option<Known<D>>,
        command: &D::Command,
        event: &Recorded,
    ) -> Result<(), ExecuteError<D::Refusal>> {
        let context = CommandContext {
            command_id: CommandId::from(Uuid::now_v7()),
            correlation: event.correlation.clone(),
            causation: Some(event.event_id.clone()),
            actor: Actor::System("webhooks"),
            at: self.clock.now(),
            trace: event.trace.clone(),
        };
        self.patient.execute_on::<D>(id, known, command, &context).await.map(|_| ())
    }
}

/// The round that an event begins.
fn round_of(event: &Recorded) -> Option<u32> {
    match event.decode().ok()? {
        DeliveryEvent::Queued(_) => Some(1),
        DeliveryEvent::Replayed(replayed) => Some(replayed.round),
        _ => None,
    }
}

#[async_trait]
impl EventHandler for DeliveryHandler {
    async fn handle(&self, event: &Recorded, delivery: &DeliveryContext) -> Outcome {
        let Some(round) = round_of(event) else { return execute::outcome_of(&StoreError::newer(event)) };
        let known = match self.known(event, delivery).await {
            Ok(known) => known,
            Err(error) => return execute::outcome_of(&error),
        };
        let Some(of_now) = known.state.0.as_deref().cloned() else { return Outcome::Done };
        // An end, or another round: this message has nothing left to do.
        if of_now.status != DeliveryStatus::Waiting || of_now.round != round {
            return Outcome::Done;
        }
        let endpoint = match self.endpoint(&of_now.endpoint_id).await {
            Ok(endpoint) => endpoint,
            Err(error) => return execute::outcome_of(&error),
        };
        let id = DeliveryId::from(&event.aggregate.id);
        match endpoint {
            None => {
                self.slots.forget(&of_now.endpoint_id);
                self.give_up(&id, round, "the endpoint is removed", event).await
            }
            Some(endpoint) if !endpoint.is_enabled() => {
                self.give_up(&id, round, "the endpoint is disabled", event).await
            }
            Some(endpoint) => self.attempt(Held { id, delivery: of_now, known }, &endpoint, event).await,
        }
    }

    async fn parked(&self, event: &Recorded, reason: &str, _: &str) -> Result<(), StoreError> {
        let (id, Some(round)) = (DeliveryId::from(&event.aggregate.id), round_of(event)) else { return Ok(()) };
        let command = DeliveryCommand::GiveUp { round, reason: reason.to_owned() };
        match self.execute::<DeliveryDecider>(&(&id).into(), None, &command, event).await {
            Ok(()) => {
                observe::given_up();
                Ok(())
            }
            Err(ExecuteError::Store(error)) => Err(error),
            Err(error) => {
                tracing::warn!(delivery_id = %id, %error, "a delivery was parked, and its own events cannot say so");
                Ok(())
            }
        }
    }
}
