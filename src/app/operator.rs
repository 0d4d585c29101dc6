//! An operator's hand: whoever changes something by hand is named in what it leaves behind.

use ally_domain::envelope::{Actor, CommandContext, TraceContext};
use ally_domain::ports::Clock;
use ally_handlers::Origin;
use ally_nats::{DeadLetter, Removal};
use ally_telemetry::propagation;
use uuid::Uuid;

use super::clock::SystemClock;

/// Who does it.
#[derive(Debug, Clone)]
pub struct Operator(String);

impl Operator {
    /// An operator by login or by the subject of their token.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// What a command of theirs brings along.
    pub fn context(&self) -> CommandContext {
        let (traceparent, tracestate) = propagation::current();
        CommandContext {
            command_id: Uuid::now_v7().into(),
            correlation: Uuid::now_v7().to_string(),
            causation: None,
            actor: self.actor(),
            at: SystemClock.now(),
            trace: TraceContext { traceparent, tracestate },
        }
    }

    /// What a command of theirs brings along that puts a dead letter back: it belongs to the conversation that the letter is of,
    /// and where it is in no trace of its own it goes on in the letter's.
    pub fn context_after(&self, letter: &DeadLetter) -> CommandContext {
        let mut context = self.context();
        if let Some(correlation) = &letter.correlation {
            context.correlation.clone_from(correlation);
        }
        context.causation = Some(letter.event_id.clone()).filter(|id| !id.is_empty());
        if context.trace.traceparent.is_none() {
            context.trace.traceparent.clone_from(&letter.traceparent);
        }
        context
    }

    /// Where a request of theirs comes from.
    pub fn origin(&self) -> Origin {
        let CommandContext { actor, correlation, trace, .. } = self.context();
        Origin { actor, correlation, trace }
    }

    /// What the audit of a dead letter keeps of them.
    pub fn removal(&self, note: &str) -> Removal {
        Removal { actor: self.actor().to_string(), note: note.to_owned(), at: SystemClock.now() }
    }

    /// Who they are, for what they leave behind.
    pub fn actor(&self) -> Actor {
        Actor::Operator(self.0.clone())
    }
}
