//! What happens to jobs, queued for the endpoints that want it.

use std::sync::Arc;

use ally_domain::envelope::Recorded;
use ally_domain::event_data::EventType;
use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::job::JobCommand;
use ally_domain::outcome::Outcome;
use ally_domain::ports::Clock;
use ally_domain::webhook::MessageType;
use ally_handlers::PlanWish;
use ally_handlers::webhooks::FanOutHandler;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{World, is_left_to_a_newer_process, operator, sorted};
use crate::bench::{NOW, StillClock, amy, deliver, deliver_again, origin};
use crate::newer;

const REQUESTED: MessageType = MessageType::JobRequested;
const CANCELLED: MessageType = MessageType::JobCancelled;

struct At(OffsetDateTime);

impl Clock for At {
    fn now(&self) -> OffsetDateTime {
        self.0
    }
}

impl World {
    fn fan_out(&self) -> FanOutHandler {
        FanOutHandler::new(self.bench.executor.clone(), self.directory.clone(), Arc::new(StillClock))
    }

    fn fan_out_at(&self, now: OffsetDateTime) -> FanOutHandler {
        FanOutHandler::new(self.bench.executor.clone(), self.directory.clone(), Arc::new(At(now)))
    }

    /// Another job of an athlete who is onboarded.
    async fn another_request(&self) -> Recorded {
        let wish = PlanWish::default();
        let job = self.bench.submissions.request_plan(&amy(), Some("another"), &wish, &origin(&amy())).await.unwrap();
        self.bench.event(&job.job_id, "requested")
    }
}

#[tokio::test]
async fn an_event_is_queued_once_for_each_endpoint_that_takes_its_type_and_stands_before_it() {
    let world = World::followed();
    let first = world.register("coach", "first", &[REQUESTED, CANCELLED]).await;
    let second = world.register("club", "second", &[REQUESTED]).await;
    world.register("coach", "of-another-type", &[CANCELLED]).await;
    let (job, requested) = world.bench.requested().await;
    world.register("coach", "late", &[REQUESTED]).await;
    assert_eq!(deliver(&world.fan_out(), &requested).await, Outcome::Done);
    assert_eq!(world.receivers(), sorted([first, second]));
    let position = requested.position.to_string();
    let data = json!({"jobId": job.as_str(), "athleteId": "amy", "position": position, "status": "queued"});
    for message in world.messages() {
        assert_eq!((&message.id, message.message_type), (&requested.event_id, REQUESTED));
        assert_eq!((message.timestamp, &message.data), (requested.at, &data));
    }
    let queued = world.last("DELIVERIES");
    assert_eq!(queued.causation.as_deref(), Some(requested.event_id.as_str()));
    assert_eq!((queued.correlation.as_str(), queued.actor.as_str()), ("request-1", "system:webhooks"));
}

#[tokio::test]
async fn an_endpoint_gets_nothing_of_before_it_was_registered_or_enabled_again() {
    let world = World::followed();
    let (job, requested) = world.bench.requested().await;
    let endpoint = world.register("coach", "a", &[REQUESTED, CANCELLED]).await;
    assert_eq!(deliver(&world.fan_out(), &requested).await, Outcome::Done);
    world.bench.command(&job, &JobCommand::Cancel).await;
    world.enable(&endpoint, false).await;
    world.enable(&endpoint, true).await;
    assert_eq!(deliver(&world.fan_out(), &world.bench.event(&job, "cancelled")).await, Outcome::Done);
    assert_eq!(world.receivers(), []);
    let next = world.another_request().await;
    assert_eq!(deliver(&world.fan_out(), &next).await, Outcome::Done);
    assert_eq!(world.receivers(), [endpoint]);
}

#[tokio::test]
async fn an_endpoint_that_is_disabled_or_removed_gets_nothing() {
    let world = World::followed();
    let there = world.register("coach", "there", &[REQUESTED]).await;
    let disabled = world.register("coach", "disabled", &[REQUESTED]).await;
    let removed = world.register("coach", "removed", &[REQUESTED]).await;
    world.enable(&disabled, false).await;
    world.bench.submissions.remove_endpoint(&removed, &operator()).await.unwrap();
    let (_, requested) = world.bench.requested().await;
    assert_eq!(deliver(&world.fan_out(), &requested).await, Outcome::Done);
    assert_eq!(world.receivers(), [there]);
}

#[tokio::test]
async fn an_event_that_is_older_than_thirty_days_is_not_queued() {
    let world = World::followed();
    let endpoint = world.register("coach", "a", &[REQUESTED]).await;
    let (_, requested) = world.bench.requested().await;
    let last_moment = NOW + Duration::days(30);
    assert_eq!(deliver(&world.fan_out_at(last_moment + Duration::seconds(1)), &requested).await, Outcome::Done);
    assert_eq!(world.receivers(), []);
    assert_eq!(deliver(&world.fan_out_at(last_moment), &requested).await, Outcome::Done);
    assert_eq!(world.receivers(), [endpoint]);
}

#[tokio::test]
async fn replaying_its_whole_input_changes_nothing() {
    let world = World::followed();
    let all: Vec<_> = MessageType::ALL.iter().copied().filter(|one| one.is_chosen()).collect();
    for app in ["coach", "club"] {
        world.register(app, "a", &all).await;
    }
    let (job, _) = world.bench.requested().await;
    world.bench.command(&job, &JobCommand::Expedite).await;
    world.bench.command(&job, &JobCommand::Cancel).await;
    let (handler, input) = (world.fan_out(), world.bench.store.events("PLANS"));
    assert_eq!(world.names("PLANS"), ["requested", "expedited", "cancelled"]);
    for event in &input {
        assert_eq!(deliver(&handler, event).await, Outcome::Done);
    }
    let types: Vec<_> = world.messages().iter().map(|message| message.message_type).collect();
    assert_eq!(types, [REQUESTED, REQUESTED, CANCELLED, CANCELLED], "nobody outside waits for the event between them");
    let before = world.names("DELIVERIES").len();
    for event in input.iter().rev().chain(&input) {
        assert_eq!(deliver(&handler, event).await, Outcome::Done);
        assert_eq!(deliver_again(&handler, event).await, Outcome::Done);
    }
    assert_eq!(world.names("DELIVERIES").len(), before);
}

#[tokio::test]
async fn an_event_of_a_newer_version_waits_for_a_newer_process_and_is_not_passed_over() {
    let world = World::followed();
    world.register("coach", "a", &[REQUESTED]).await;
    let (job, requested) = world.bench.requested().await;
    let mut newer_version = requested.clone();
    newer_version.event_type.version += 1;
    is_left_to_a_newer_process(&deliver(&world.fan_out(), &newer_version).await);
    let of_job = AggregateRef { kind: AggregateKind::Job, id: (&job).into() };
    newer::append(&world.bench, of_job, EventType::new("plan_job", "suspended", 1)).await;
    is_left_to_a_newer_process(&deliver(&world.fan_out(), &world.last("PLANS")).await);
    is_left_to_a_newer_process(&deliver(&world.fan_out(), &requested).await);
    assert_eq!(world.receivers(), []);
}

#[tokio::test]
async fn a_full_log_puts_an_event_off_and_one_that_is_not_reachable_is_tried_again() {
    let world = World::followed();
    let endpoint = world.register("coach", "a", &[REQUESTED]).await;
    let (_, requested) = world.bench.requested().await;
    let (store, handler) = (&world.bench.store, world.fan_out());
    store.set_outage(Some("down"));
    assert!(matches!(deliver(&handler, &requested).await, Outcome::Retry { .. }));
    store.set_outage(None);
    store.set_full(true);
    let outcome = deliver(&handler, &requested).await;
    assert!(matches!(outcome, Outcome::Defer { .. }), "{outcome:?}");
    assert_eq!((store.refusals(), world.receivers()), (1, vec![]));
    store.set_full(false);
    assert_eq!(deliver(&handler, &requested).await, Outcome::Done);
    assert_eq!(world.receivers(), [endpoint]);
}

#[tokio::test(start_paused = true)]
async fn an_event_waits_while_the_endpoints_are_not_known() {
    let world = World::unfollowed();
    world.register("coach", "a", &[REQUESTED]).await;
    let (_, requested) = world.bench.requested().await;
    let outcome = deliver(&world.fan_out(), &requested).await;
    assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    assert_eq!(world.receivers(), []);
}
