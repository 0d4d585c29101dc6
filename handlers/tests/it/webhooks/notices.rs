//! What happens to an endpoint, queued for the other endpoints of its app.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::ids::EndpointId;
use ally_domain::outcome::Outcome;
use ally_domain::webhook::{DisableCause, EndpointCommand, MessageType};
use ally_handlers::webhooks::NoticeHandler;
use serde_json::json;

use super::{World, is_left_to_a_newer_process};
use crate::bench::{NOW, StillClock, deliver};

const NOTICES: [MessageType; 3] =
    [MessageType::WebhookFailing, MessageType::WebhookRecovered, MessageType::WebhookDisabled];

impl World {
    fn notices(&self) -> NoticeHandler {
        NoticeHandler::new(self.bench.executor.clone(), self.directory.clone(), Arc::new(StillClock))
    }

    async fn fail(&self, endpoint: &EndpointId) {
        self.execute(endpoint, EndpointCommand::NoteFailure { at: NOW, allowed: Duration::from_secs(3_600) }).await;
    }
}

#[tokio::test]
async fn notices_go_to_the_other_endpoints_of_the_app_that_take_them_and_only_to_those() {
    let world = World::followed();
    let failing = world.register("coach", "failing", &NOTICES).await;
    let other = world.register("coach", "other", &NOTICES).await;
    world.register("coach", "of-another-type", &[MessageType::JobCompleted]).await;
    world.register("club", "of-another-app", &NOTICES).await;
    world.fail(&failing).await;
    world.execute(&failing, EndpointCommand::NoteSuccess).await;
    world.execute(&failing, EndpointCommand::Disable { cause: DisableCause::Gone }).await;
    for event in world.bench.store.events("WEBHOOKS") {
        assert_eq!(deliver(&world.notices(), &event).await, Outcome::Done);
    }
    let sent: Vec<_> =
        world.queued().into_iter().map(|queued| (queued.endpoint_id, queued.message.message_type)).collect();
    assert_eq!(sent, NOTICES.map(|notice| (other.clone(), notice)));
    let data: Vec<_> = world.messages().into_iter().map(|message| message.data).collect();
    let of = |position: &str| json!({"endpointId": failing.as_str(), "app": "coach", "position": position});
    let mut disabled = of("WEBHOOKS:7");
    disabled["cause"] = "gone".into();
    assert_eq!(data, [of("WEBHOOKS:5"), of("WEBHOOKS:6"), disabled]);
}

#[tokio::test]
async fn replaying_its_whole_input_changes_nothing() {
    let world = World::followed();
    let failing = world.register("coach", "failing", &NOTICES).await;
    world.register("coach", "other", &NOTICES).await;
    world.fail(&failing).await;
    world.execute(&failing, EndpointCommand::NoteSuccess).await;
    world.fail(&failing).await;
    let (handler, input) = (world.notices(), world.bench.store.events("WEBHOOKS"));
    for event in &input {
        assert_eq!(deliver(&handler, event).await, Outcome::Done);
    }
    let before = world.names("DELIVERIES").len();
    assert_eq!(before, 3, "it failed twice, and recovered in between");
    for event in input.iter().rev().chain(&input) {
        assert_eq!(deliver(&handler, event).await, Outcome::Done);
    }
    assert_eq!(world.names("DELIVERIES").len(), before);
}

#[tokio::test]
async fn a_notice_waits_for_a_newer_process_and_for_room_in_the_log() {
    let world = World::followed();
    let failing = world.register("coach", "failing", &NOTICES).await;
    let other = world.register("coach", "other", &NOTICES).await;
    world.fail(&failing).await;
    let (handler, event) = (world.notices(), world.last("WEBHOOKS"));
    let mut newer = event.clone();
    newer.event_type.version += 1;
    is_left_to_a_newer_process(&deliver(&handler, &newer).await);
    world.bench.store.set_full(true);
    let outcome = deliver(&handler, &event).await;
    assert!(matches!(outcome, Outcome::Defer { .. }), "{outcome:?}");
    assert_eq!(world.receivers(), []);
    world.bench.store.set_full(false);
    assert_eq!(deliver(&handler, &event).await, Outcome::Done);
    assert_eq!(world.receivers(), [other]);
}
