use serde_json::json;
use time::macros::datetime;

use super::*;
use crate::decider::Decider;
use crate::scenario::given;
use crate::webhook::{MessageType, WebhookMessage};

fn message() -> WebhookMessage {
    WebhookMessage {
        id: "event-1".to_owned(),
        message_type: MessageType::JobCompleted,
        timestamp: datetime!(2026-11-28 08:00 UTC),
        data: json!({ "jobId": "j" }),
    }
}

fn queue() -> DeliveryCommand {
    DeliveryCommand::Queue { endpoint_id: "e".parse().unwrap(), message: message() }
}

fn queued() -> DeliveryEvent {
    Queued { endpoint_id: "e".parse().unwrap(), message: message() }.into()
}

fn failure(round: u32) -> DeliveryCommand {
    let (status, reason, millis, retry_at) = (Some(503), "it is down".to_owned(), 7, None);
    DeliveryCommand::RecordFailure { round, status, reason, millis, retry_at }
}

fn failed(round: u32, attempt: u32) -> DeliveryEvent {
    let (status, reason, millis, retry_at) = (Some(503), "it is down".to_owned(), 7, None);
    AttemptFailed { round, attempt, status, reason, millis, retry_at }.into()
}

fn success(round: u32) -> DeliveryCommand {
    DeliveryCommand::RecordSuccess { round, status: 204, millis: 5 }
}

fn delivered(round: u32, attempt: u32) -> DeliveryEvent {
    Delivered { round, attempt, status: 204, millis: 5 }.into()
}

fn given_up(round: u32) -> DeliveryEvent {
    GivenUp { round, reason: "enough".to_owned() }.into()
}

#[test]
fn a_message_is_queued_once() {
    given::<DeliveryDecider>(&[]).when(&queue()).then(&[queued()]);
    given::<DeliveryDecider>(&[queued()]).when(&queue()).then(&[]);
    given::<DeliveryDecider>(&[queued(), delivered(1, 1)]).when(&queue()).then(&[]);
}

#[test]
fn attempts_are_counted_by_the_events() {
    given::<DeliveryDecider>(&[queued()])
        .when(&failure(1))
        .then(&[failed(1, 1)])
        .when(&failure(1))
        .then(&[failed(1, 2)])
        .when(&success(1))
        .then(&[delivered(1, 3)]);
}

#[test]
fn what_comes_behind_an_end_changes_nothing() {
    for end in [delivered(1, 1), given_up(1)] {
        let ended = || given::<DeliveryDecider>(&[queued(), end.clone()]);
        ended().when(&success(1)).then(&[]);
        ended().when(&failure(1)).then(&[]);
        ended().when(&DeliveryCommand::GiveUp { round: 1, reason: "enough".to_owned() }).then(&[]);
    }
}

#[test]
fn a_replay_begins_a_round_that_an_earlier_one_cannot_end() {
    for end in [delivered(1, 1), given_up(1)] {
        given::<DeliveryDecider>(&[queued(), end])
            .when(&DeliveryCommand::Replay)
            .then(&[Replayed { round: 2 }.into()])
            .when(&success(1))
            .then(&[])
            .when(&failure(2))
            .then(&[failed(2, 1)]);
    }
}

#[test]
fn what_waits_is_not_sent_again_and_what_is_not_there_is_unknown() {
    let state = DeliveryDecider::fold(&[queued()]);
    assert_eq!(DeliveryDecider::decide(&state, &DeliveryCommand::Replay), Err(DeliveryRefusal::Waiting));
    let none = DeliveryState::default();
    for command in [DeliveryCommand::Replay, success(1), failure(1)] {
        assert_eq!(DeliveryDecider::decide(&none, &command), Err(DeliveryRefusal::Unknown));
    }
}
