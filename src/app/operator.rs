//! An operator's hand: whoever changes something by hand is named in what it leaves behind.

use ally_domain::envelope::{Actor, CommandContext, TraceContext};
use ally_domain::ports::Clock;
use ally_nats::Removal;
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

    /// What the audit of a dead letter keeps of them.
    pub fn removal(&self, note: &str) -> Removal {
        Removal { actor: self.actor().to_string(), note: note.to_owned(), at: SystemClock.now() }
    }

    /// Who they are, for what they leave behind.
    pub fn actor(&self) -> Actor {
        Actor::Operator(self.0.clone())
    }
}
