//! What the doctor looks at, and which of it explains which: a server that is away explains every role that needs it.

use crate::config::Role;

/// One thing that is well or not. The order is the order of causes: what stands earlier is said first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// No role answers at all.
    AllRoles,
    /// The event log's server.
    Nats,
    /// The views' server.
    Postgres,
    /// One of several servers, of which the others speak.
    OneOf(String),
    /// A role's process.
    Role(Role),
    /// How full the log's store is.
    Store,
    /// The log's streams.
    Streams,
    /// A queue whose deliveries an operator has stopped.
    Pause(String),
    /// A queue's settings.
    Consumer(String),
    /// The model's endpoint.
    Model,
    /// Where traces go.
    Collector,
    /// Where finished jobs go.
    Archive,
    /// What the secrets of webhooks are derived from.
    WebhookKey,
    /// What a role says of one of its parts.
    Component(Role, String),
    /// Whether a role takes work.
    Readiness(Role),
    /// Whether a role's metrics can be read.
    Metrics(Role),
    /// The monitoring port of the log's server.
    Monitoring,
    /// What waits in a queue.
    Backlog(String),
    /// Jobs that no queue holds.
    Orphans,
    /// How far a view is behind the log.
    Lag(String),
    /// Whether what happens is queued for the endpoints of webhooks.
    WebhookEvents,
    /// What was given up.
    DeadLetters,
    /// How the endpoints of webhooks stand.
    Webhooks,
    /// Spans that went nowhere.
    Spans(Role),
    /// A clock beside this machine's.
    Clock(String),
    /// Versions beside each other.
    Versions,
    /// How a server keeps what it acknowledged.
    Durability(String),
    /// What must have happened for a release to be well.
    Release(String),
}

impl Subject {
    /// Whether another thing cannot be well while this one is not.
    pub fn explains(&self, other: &Self) -> bool {
        // Whatever the table says: a cause stands before what it causes, so that there is no circle.
        self < other && self.causes(other)
    }

    fn causes(&self, other: &Self) -> bool {
        use Subject as S;
        match (self, other) {
            (S::AllRoles, S::Role(_) | S::Metrics(_) | S::Backlog(_) | S::Lag(_)) => true,
            (S::Nats, S::Component(_, name)) => !matches!(name.as_str(), "postgres" | "archive"),
            (S::Nats, S::Store | S::Streams | S::Consumer(_) | S::Archive | S::Monitoring) => true,
            (S::Nats, S::Backlog(_) | S::Orphans | S::Lag(_) | S::DeadLetters | S::WebhookEvents) => true,
            (S::Postgres, S::Component(_, name)) => matches!(name.as_str(), "postgres" | "projections" | "presence"),
            (S::Postgres, S::Lag(_) | S::Webhooks) => true,
            (S::Role(role), S::Readiness(of) | S::Metrics(of)) => role == of,
            (S::Role(Role::Planner), S::Backlog(name)) => name.starts_with("planner"),
            (S::Role(Role::Onboarding), S::Backlog(name)) => name == "onboarding",
            (S::Role(Role::Projector), S::Lag(_) | S::Orphans | S::WebhookEvents) => true,
            (S::Role(Role::Projector), S::Backlog(name)) => name.starts_with("webhook"),
            (S::Store, S::Component(_, name)) => name == "nats",
            (S::Store, S::Backlog(_)) => true,
            (S::Streams, S::Component(_, name)) => !matches!(name.as_str(), "postgres" | "archive"),
            (S::Streams, S::Consumer(_) | S::Backlog(_) | S::Lag(_) | S::WebhookEvents) => true,
            (S::Pause(queue), S::Backlog(of)) => queue == of,
            (S::Consumer(queue), S::Backlog(of)) => queue == of,
            (S::Consumer(queue), S::Component(_, name)) => queue == name,
            (S::Consumer(_), S::Orphans) => true,
            (S::Model | S::WebhookKey, S::DeadLetters) => true,
            (S::Model, S::Backlog(name)) => name.starts_with("planner"),
            (S::Collector, S::Spans(_)) => true,
            (S::Archive, S::Component(_, name)) => name == "archive",
            (S::Component(role, _), S::Readiness(of)) => role == of,
            (S::Component(Role::Projector, name), S::Lag(_)) => name == "projections",
            _ => false,
        }
    }

    /// The heading in the runbook that says more, as an anchor.
    pub const fn runbook(&self) -> Option<&'static str> {
        Some(match self {
            Self::AllRoles | Self::Role(_) | Self::Metrics(_) | Self::Readiness(_) => "a-role-is-down",
            Self::Nats | Self::Postgres | Self::OneOf(_) | Self::Monitoring => "postgresql-or-nats-does-not-answer",
            Self::Store => "the-store-is-full",
            Self::Streams => "a-stream-is-gone-or-has-other-settings",
            Self::Pause(_) => "pausing-a-consumer",
            Self::Consumer(_) => "a-consumer-was-changed-or-is-gone",
            Self::Model => "the-llm-provider-fails",
            Self::Collector | Self::Spans(_) => "traces-are-missing",
            Self::Archive => "a-segment-is-missing",
            Self::Backlog(_) | Self::Orphans => "a-job-does-not-move",
            Self::Lag(_) => "a-view-is-wrong",
            Self::DeadLetters => "a-job-is-dead-lettered",
            Self::WebhookKey | Self::WebhookEvents | Self::Webhooks => "webhooks-do-not-arrive",
            Self::Clock(_) | Self::Durability(_) => "a-clock-or-a-setting-is-off",
            Self::Versions | Self::Release(_) => "after-a-release",
            Self::Component(..) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Subject> {
        use Subject as S;
        let mut all = vec![S::AllRoles, S::Nats, S::Postgres, S::Store, S::Streams, S::Model, S::Collector, S::Archive];
        all.extend([S::Monitoring, S::Orphans, S::DeadLetters, S::Versions]);
        all.extend([S::WebhookKey, S::WebhookEvents, S::Webhooks]);
        for name in ["planner", "onboarding"] {
            let name = || name.to_owned();
            all.extend([S::Pause(name()), S::Consumer(name()), S::Backlog(name()), S::Lag(name()), S::Clock(name())]);
            all.extend([S::Durability(name()), S::Release(name())]);
        }
        for role in Role::ALL {
            all.extend([S::Role(role), S::Readiness(role), S::Metrics(role), S::Spans(role)]);
            all.extend(["nats", "postgres", "projections"].map(|name| S::Component(role, name.to_owned())));
        }
        all
    }

    #[test]
    fn what_explains_something_stands_before_it() {
        for cause in all() {
            for other in all() {
                assert!(!cause.causes(&other) || cause < other, "{cause:?} explains {other:?} and stands behind it");
            }
        }
    }

    #[test]
    fn every_heading_is_in_the_runbook() {
        let runbook = include_str!("../../../docs/runbook.md");
        let anchor = |heading: &str| -> String {
            let kept = heading
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || [' ', '-'].contains(c))
                .collect::<String>();
            kept.replace(' ', "-")
        };
        let anchors: Vec<_> = runbook.lines().filter_map(|line| line.strip_prefix("## ")).map(anchor).collect();
        for subject in all() {
            let heading = subject.runbook();
            assert!(heading.is_none_or(|it| anchors.iter().any(|known| known == it)), "{heading:?} of {subject:?}");
        }
    }
}
