//! The durable consumers.

use ally_domain::job::Priority;

use super::StreamName;

/// Works on requested plans.
pub const PLANNER: &str = "planner";
/// Works on jobs that go before others.
pub const PLANNER_EXPRESS: &str = "planner-express";
/// Requests the first plan of a completed onboarding.
pub const ONBOARDING: &str = "onboarding";
/// Sends webhooks.
pub const WEBHOOKS: &str = "webhooks";
/// Tells the other endpoints of an app what happens to one.
pub const WEBHOOK_NOTICES: &str = "webhook-notices";
/// Queues webhooks of what happens to jobs. It is there only while there is an endpoint.
pub const WEBHOOK_EVENTS: &str = "webhook-events";
/// Parks what no code settled.
pub const BACKSTOP: &str = "backstop";

/// Those that bring work to their workers, with the stream and the one event that each is given. No two share an event:
/// each would be given what comes back to the other.
pub const GIVEN: [(&str, StreamName, &str); 5] = [
    (PLANNER, StreamName::Plans, "requested"),
    (PLANNER_EXPRESS, StreamName::Plans, "expedited"),
    (ONBOARDING, StreamName::Onboarding, "onboarding_completed"),
    (WEBHOOKS, StreamName::Deliveries, "queued"),
    (WEBHOOK_NOTICES, StreamName::Webhooks, "endpoint"),
];

/// Which one is given the jobs of a queue.
#[must_use]
pub const fn of(queue: Priority) -> &'static str {
    match queue {
        Priority::Normal => PLANNER,
        Priority::High => PLANNER_EXPRESS,
    }
}
