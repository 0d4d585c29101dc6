use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::*;
use crate::decider::Decider;
use crate::scenario::given as given_events;

fn given(events: &[RoomEvent]) -> crate::scenario::Given<RoomDecider> {
    given_events::<RoomDecider>(events)
}

fn conn(n: u128) -> ConnId {
    Uuid::from_u128(n).into()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn state(value: Value) -> MemberState {
    MemberState::new(&object(value)).unwrap()
}

fn joined(n: u128, user: &str, epoch: u64, first: bool) -> RoomEvent {
    let user_id = user.parse().unwrap();
    Joined { conn_id: conn(n), user_id, door: Door::Websocket, epoch, state: state(json!({"a": 1})), first }.into()
}

fn join(n: u128, user: &str, epoch: u64) -> RoomCommand {
    let (user, state) = (user.parse().unwrap(), state(json!({"a": 1})));
    RoomCommand::Join { conn: conn(n), user, door: Door::Websocket, epoch, state, max_members: 3 }
}

fn left(n: u128, user: &str, epoch: u64, last: bool) -> RoomEvent {
    Left { conn_id: conn(n), user_id: user.parse().unwrap(), epoch, reason: LeaveReason::Expired, last }.into()
}

fn leave(n: u128, epoch: u64) -> RoomCommand {
    RoomCommand::Leave { conn: conn(n), epoch, reason: LeaveReason::Expired }
}

fn update(n: u128, epoch: u64, patch: Value) -> RoomCommand {
    RoomCommand::Update { conn: conn(n), epoch, patch: object(patch) }
}

#[test]
fn join_and_leave_mark_a_users_first_and_last_connection() {
    given(&[])
        .when(&join(1, "amy", 5))
        .then(&[joined(1, "amy", 5, true)])
        .when(&join(2, "amy", 6))
        .then(&[joined(2, "amy", 6, false)])
        .when(&leave(1, 5))
        .then(&[left(1, "amy", 5, false)])
        .when(&leave(2, 6))
        .then(&[left(2, "amy", 6, true)]);
}

#[test]
fn a_join_that_comes_again_changes_nothing() {
    given(&[joined(1, "amy", 5, true)]).when(&join(1, "amy", 5)).then_nothing();
    given(&[joined(1, "amy", 5, true)]).when(&join(1, "amy", 6)).then_refused(&RoomRefusal::Member { conn: conn(1) });
}

#[test]
fn a_full_room_takes_nobody_until_somebody_leaves() {
    let full = [joined(1, "amy", 1, true), joined(2, "bob", 2, true), joined(3, "cat", 3, true)];
    given(&full).when(&join(4, "dan", 4)).then_refused(&RoomRefusal::Full { max_members: 3 });
    let with_room = [full.as_slice(), &[left(2, "bob", 2, true)]].concat();
    given(&with_room).when(&join(4, "dan", 4)).then(&[joined(4, "dan", 4, true)]);
}

#[test]
fn a_departure_is_told_once_and_only_of_its_own_membership() {
    let gone = [joined(1, "amy", 5, true), left(1, "amy", 5, true)];
    given(&gone).when(&leave(1, 5)).then_nothing();
    let back = [gone.as_slice(), &[joined(1, "amy", 9, true)]].concat();
    given(&back).when(&leave(1, 5)).then_nothing();
    given(&back).when(&leave(1, 9)).then(&[left(1, "amy", 9, true)]);
}

#[test]
fn a_patch_lays_keys_over_the_state() {
    let here = [joined(1, "amy", 5, true)];
    let updated = Updated {
        conn_id: conn(1),
        user_id: "amy".parse().unwrap(),
        epoch: 5,
        state: state(json!({"a": 1, "b": null})),
    };
    given(&here).when(&update(1, 5, json!({"b": null}))).then(&[updated.into()]);
    given(&here).when(&update(1, 5, json!({"a": 1}))).then_nothing();
    given(&here).when(&update(1, 5, json!({}))).then_nothing();
}

#[test]
fn epochs_that_are_over_unknown_or_of_nobody_are_told_apart() {
    let here = [joined(1, "amy", 5, true)];
    let patch = json!({"a": 2});
    let (conn, current) = (conn(1), 5);
    given(&here).when(&update(1, 4, patch.clone())).then_refused(&RoomRefusal::Stale { conn, epoch: 4, current });
    given(&here).when(&update(1, 6, patch.clone())).then_refused(&RoomRefusal::Unknown { conn, epoch: 6, current });
    given(&[]).when(&update(1, 5, patch)).then_refused(&RoomRefusal::NoMember { conn });
}

#[test]
fn a_state_has_a_limit_however_it_came_to_be() {
    let text = |bytes: usize| Value::from("x".repeat(bytes));
    let fits = object(json!({"k": text(MAX_STATE_BYTES - 8)}));
    assert_eq!(MemberState::new(&fits).map(|state| state.as_json().len()), Ok(MAX_STATE_BYTES));
    let long = object(json!({"k": text(MAX_STATE_BYTES - 7)}));
    assert_eq!(MemberState::new(&long), Err(InvalidState { bytes: MAX_STATE_BYTES + 1 }));
    let grown = RoomDecider::decide(
        &RoomDecider::fold(&[joined(1, "amy", 5, true)]),
        &update(1, 5, json!({"k": text(MAX_STATE_BYTES - 8)})),
    );
    assert!(matches!(grown, Err(RoomRefusal::State(_))), "{grown:?}");
}

#[test]
fn members_come_in_pages() {
    let room = RoomDecider::fold(&[joined(2, "bob", 2, true), joined(1, "amy", 1, true), joined(3, "amy", 3, false)]);
    assert_eq!((room.member_count(), room.user_count()), (3, 2));
    let page = |after| room.members_behind(after).map(|(conn, _)| conn).collect::<Vec<_>>();
    assert_eq!(page(None), [conn(1), conn(2), conn(3)]);
    assert_eq!(page(Some(conn(2))), [conn(3)]);
}

#[test]
fn a_state_shows_in_no_debug_output() {
    let shown = format!("{:?}", joined(1, "amy", 5, true));
    assert!(shown.contains("MemberState(7 bytes)"), "{shown}");
}
