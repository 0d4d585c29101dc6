use std::time::Duration;

use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::decider::Decider;
use crate::scenario::given;
use crate::webhook::MessageType;

const AT: OffsetDateTime = datetime!(2026-11-28 08:00 UTC);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn registration(path: &str) -> Registration {
    Registration {
        app: "coach".parse().unwrap(),
        url: format!("https://app.example/{path}").parse().unwrap(),
        types: [MessageType::JobCompleted].into(),
        description: None,
    }
}

fn register(path: &str) -> EndpointCommand {
    EndpointCommand::Register { registration: registration(path), since: 7 }
}

fn registered() -> EndpointEvent {
    let Registration { app, url, types, description } = registration("a");
    EndpointRegistered { app, url, types, description, since: 7 }.into()
}

fn note_failure(at: OffsetDateTime) -> EndpointCommand {
    EndpointCommand::NoteFailure { at, allowed: 5 * DAY }
}

fn failing() -> EndpointEvent {
    EndpointFailing { since: AT }.into()
}

fn disabled(cause: DisableCause) -> EndpointEvent {
    EndpointDisabled { cause }.into()
}

#[test]
fn an_endpoint_is_registered_once() {
    given::<EndpointDecider>(&[]).when(&register("a")).then(&[registered()]);
    given::<EndpointDecider>(&[registered()]).when(&register("a")).then(&[]);
    let state = EndpointDecider::fold(&[registered()]);
    assert_eq!(EndpointDecider::decide(&state, &register("b")), Err(EndpointRefusal::KeyReused));
    let removed = EndpointDecider::fold(&[registered(), EndpointRemoved {}.into()]);
    assert_eq!(EndpointDecider::decide(&removed, &register("a")), Err(EndpointRefusal::KeyReused));
    assert_eq!(EndpointDecider::decide(&removed, &EndpointCommand::NoteSuccess), Err(EndpointRefusal::Unknown));
    assert_eq!(EndpointDecider::decide(&removed, &EndpointCommand::Remove), Ok(vec![]));
}

#[test]
fn an_update_says_all_that_is_true_since_and_one_of_nothing_is_none() {
    let url = |path: &str| Some(registration(path).url);
    let update = |url, types, description| EndpointCommand::Update { url, types, description };
    given::<EndpointDecider>(&[registered()]).when(&update(url("a"), None, Some(None))).then(&[]);
    let updated = EndpointUpdated {
        url: registration("b").url,
        types: [MessageType::JobCompleted].into(),
        description: Some("the app".to_owned()),
    };
    given::<EndpointDecider>(&[registered()])
        .when(&update(url("b"), None, Some(Some("the app".to_owned()))))
        .then(&[updated.into()]);
}

#[test]
fn two_secrets_sign_until_the_overlap_is_over() {
    let rotated = SecretRotated { number: 2, previous_until: AT + DAY };
    given::<EndpointDecider>(&[registered()])
        .when(&EndpointCommand::RotateSecret { previous_until: AT + DAY })
        .then(&[rotated.clone().into()]);
    let state = EndpointDecider::fold(&[registered(), rotated.into()]);
    let endpoint = state.endpoint().unwrap();
    assert_eq!(endpoint.secrets_at(AT), [2, 1]);
    assert_eq!(endpoint.secrets_at(AT + DAY), [2]);
    assert_eq!(EndpointDecider::fold(&[registered()]).endpoint().unwrap().secrets_at(AT), [1]);
}

#[test]
fn an_endpoint_that_fails_for_days_is_disabled_and_one_that_recovers_is_not() {
    given::<EndpointDecider>(&[registered()])
        .when(&note_failure(AT))
        .then(&[failing()])
        .when(&note_failure(AT + 4 * DAY))
        .then(&[])
        .when(&note_failure(AT + 5 * DAY))
        .then(&[disabled(DisableCause::Failing)])
        .when(&note_failure(AT + 6 * DAY))
        .then(&[]);
    given::<EndpointDecider>(&[registered(), failing()])
        .when(&EndpointCommand::NoteSuccess)
        .then(&[EndpointRecovered {}.into()])
        .when(&EndpointCommand::NoteSuccess)
        .then(&[])
        .when(&note_failure(AT + 9 * DAY))
        .then(&[EndpointFailing { since: AT + 9 * DAY }.into()]);
}

#[test]
fn an_endpoint_that_is_enabled_again_begins_at_a_new_place_and_in_good_health() {
    let events = [registered(), failing(), disabled(DisableCause::Gone)];
    given::<EndpointDecider>(&events)
        .when(&EndpointCommand::Disable { cause: DisableCause::Operator })
        .then(&[])
        .when(&EndpointCommand::Enable { since: 90 })
        .then(&[EndpointEnabled { since: 90 }.into()])
        .when(&EndpointCommand::Enable { since: 91 })
        .then(&[]);
    let state = EndpointDecider::fold(&[&events[..], &[EndpointEnabled { since: 90 }.into()]].concat());
    let endpoint = state.endpoint().unwrap();
    assert_eq!((endpoint.since, endpoint.failing_since, endpoint.disabled), (90, None, None));
}

#[test]
fn a_disabled_endpoint_takes_nothing() {
    let takes = |events: &[EndpointEvent], of| EndpointDecider::fold(events).endpoint().unwrap().takes(of);
    assert!(takes(&[registered()], MessageType::JobCompleted));
    assert!(!takes(&[registered()], MessageType::JobFailed));
    assert!(!takes(&[registered(), disabled(DisableCause::Operator)], MessageType::JobCompleted));
}
