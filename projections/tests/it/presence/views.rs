//! Who is there, who was, and how many.

use ally_domain::envelope::Recorded;
use ally_domain::event_data::EventType;
use ally_domain::room::LeaveReason;
use ally_projections::presence::{self, Departure};
use ally_projections::{ProjectorConfig, list_incomplete};
use time::Duration;

use super::{Chance, append, conns, is_rebuilt_as_it_is, is_what_the_log_says, names, rebuilder, tables};
use crate::support::{MemoryLog, Room, Running, TestDatabase, athlete, caught_up, conn, quick};

fn texts(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    numbers.into_iter().map(|n| conn(n).to_string()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_counts_from_the_first_connection_to_the_last() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, mut room) = (database.pool(), Room::new("tea time: 5 o'clock"));
    let running = Running::start(&pool, &log);
    let id = room.id.clone();
    let counts = async || {
        caught_up(&pool, &log).await;
        presence::room(&pool, &id).await.unwrap().map(|room| (room.members, room.users, room.joined))
    };
    append(&log, room.enter(1, "amy", 1));
    assert_eq!(counts().await, Some((1, 1, 1)));
    append(&log, room.enter(2, "amy", 1));
    append(&log, room.enter(3, "bea", 1));
    assert_eq!(counts().await, Some((3, 2, 3)));
    append(&log, room.leave(1, 1, LeaveReason::Expired));
    assert_eq!(counts().await, Some((2, 2, 3)), "amy is there by another connection");
    append(&log, room.leave(2, 1, LeaveReason::Left));
    assert_eq!(counts().await, Some((1, 1, 3)));
    // Comes, changes and goes, all within one batch or several.
    append(&log, room.enter(4, "amy", 2));
    append(&log, room.update(4, 2, "glad"));
    append(&log, room.leave(4, 2, LeaveReason::Cut));
    assert_eq!(counts().await, Some((1, 1, 4)));
    let view = presence::room(&pool, &room.id).await.unwrap().unwrap();
    let left = [(LeaveReason::Left, 1), (LeaveReason::Expired, 1), (LeaveReason::Cut, 1)];
    assert!(view.left.into_iter().eq(left));
    assert_eq!(
        (view.last_sequence, view.last_activity_at),
        (8, log.events("PRESENCE")[7].at.replace_nanosecond(123_456_000).unwrap())
    );
    is_what_the_log_says(&database, &log).await;
    is_rebuilt_as_it_is(&database, &log).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_come_in_pages_now_and_as_they_were_at_a_time() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, mut room, mut other) = (database.pool(), Room::new("r"), Room::new("other"));
    append(&log, other.enter(99, "zoe", 1));
    for n in [5, 3, 1, 4, 2] {
        append(&log, room.enter(n, "amy", n));
    }
    let all_there = room.now;
    append(&log, room.leave(2, 2, LeaveReason::Kicked));
    append(&log, room.leave(4, 4, LeaveReason::Drained));
    let two_gone = room.now;
    // The same connection again: another membership.
    append(&log, room.enter(4, "amy", 9));
    append(&log, room.update(4, 9, "back"));
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;

    let page = presence::members(&pool, &room.id, None, 2).await.unwrap();
    assert_eq!(conns(&page), texts([1, 3]));
    let rest = presence::members(&pool, &room.id, Some(conn(3)), 10).await.unwrap();
    assert_eq!(conns(&rest), texts([4, 5]));
    let back = &rest[0];
    assert_eq!((&back.member.user, back.member.epoch, back.joined_sequence), (&athlete("amy"), 9, 9));
    assert_eq!(back.member.state.as_json(), r#"{"mood":"back","n":4,"é":"\u0000"}"#);
    assert!(back.updated_at > back.joined_at && back.last_sequence == 10);
    assert_eq!(page[0].member.state.as_json(), r#"{"n":  1,"é":"\u0000"}"#, "byte for byte");

    let at = async |time, after, limit| presence::members_at(&pool, &room.id, time, after, limit).await.unwrap();
    assert_eq!(conns(&at(all_there, None, 10).await), texts(1..=5));
    assert_eq!(conns(&at(all_there, None, 2).await), texts([1, 2]));
    assert_eq!(conns(&at(all_there, Some(conn(2)), 2).await), texts([3, 4]));
    assert_eq!(conns(&at(two_gone, None, 10).await), texts([1, 3, 5]));
    assert_eq!(conns(&at(room.now, None, 10).await), texts([1, 3, 4, 5]));
    assert!(at(all_there - Duration::days(1), None, 10).await.is_empty());
    let earlier = at(all_there, Some(conn(3)), 1).await.remove(0);
    let two_gone = two_gone.replace_nanosecond(123_456_000).unwrap();
    assert_eq!(
        (earlier.member.epoch, earlier.departure),
        (4, Some(Departure { at: two_gone, reason: LeaveReason::Drained }))
    );
    is_what_the_log_says(&database, &log).await;
    is_rebuilt_as_it_is(&database, &log).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_come_in_pages_with_and_without_the_empty_ones() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    for name in ["é", "b", "a", "d", "c"] {
        let mut room = Room::new(name);
        append(&log, room.enter(1, "amy", 1));
        append(&log, room.enter(2, "bea", 1));
        if matches!(name, "a" | "c") {
            append(&log, room.leave(1, 1, LeaveReason::Left));
            append(&log, room.leave(2, 1, LeaveReason::Left));
        }
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let b = "b".parse().unwrap();
    assert_eq!(names(&presence::rooms(&pool, None, 1_000).await.unwrap()), ["a", "b", "c", "d", "é"]);
    assert_eq!(names(&presence::rooms(&pool, Some(&b), 2).await.unwrap()), ["c", "d"]);
    assert_eq!(names(&presence::occupied_rooms(&pool, None, 2).await.unwrap()), ["b", "d"]);
    let rest = presence::occupied_rooms(&pool, Some(&b), 10).await.unwrap();
    assert_eq!(rest.iter().map(|room| (room.room.as_str(), room.members)).collect::<Vec<_>>(), [("d", 2), ("é", 2)]);
    assert!(presence::rooms(&pool, None, 0).await.unwrap().is_empty());
    assert_eq!(presence::room(&pool, &"nowhere".parse().unwrap()).await.unwrap(), None);
}

#[tokio::test]
async fn small_batches_and_large_ones_give_the_rows_of_the_fold() {
    let log = MemoryLog::default();
    let (mut chance, mut rooms) = (Chance(7), ["a", "b", "c"].map(Room::new));
    for _ in 0..4_000 {
        append(&log, chance.happens(&mut rooms));
    }
    assert!(log.last("PRESENCE") > 400, "{}", log.last("PRESENCE"));
    let mut all = Vec::new();
    for (max_batch_events, read_events) in [(1, 1), (7, 3), (2_000, 500)] {
        let database = TestDatabase::migrated().await;
        let pool = database.pool();
        let config = ProjectorConfig { max_batch_events, read_events, ..quick() };
        let running = Running::start_with(&pool, &log, config);
        caught_up(&pool, &log).await;
        running.stop().await;
        is_what_the_log_says(&database, &log).await;
        is_rebuilt_as_it_is(&database, &log).await;
        all.push(tables(&database).await);
    }
    assert!(all[0][0].len() > 100 && all.windows(2).all(|two| two[0] == two[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_tampered_with_is_found_and_mended() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, mut room) = (database.pool(), Room::new("r"));
    for n in 1..=5 {
        append(&log, room.enter(n, "amy", 1));
    }
    append(&log, room.leave(3, 1, LeaveReason::Left));
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let sql = "UPDATE presence_member SET state = '{}' WHERE joined_sequence = 1;
        DELETE FROM presence_member WHERE joined_sequence = 2;
        UPDATE presence_member SET left_at = NULL WHERE joined_sequence = 3; UPDATE presence_room SET users = 7";
    database.client().await.batch_execute(sql).await.unwrap();
    let rebuilder = rebuilder(&pool, &log);
    assert_eq!(rebuilder.verify("presence", &|_| {}).await.unwrap().differing, 4);
    rebuilder.rebuild("presence", &|_| {}).await.unwrap();
    assert_eq!(rebuilder.verify("presence", &|_| {}).await.unwrap().differing, 0);
    is_what_the_log_says(&database, &log).await;
}

/// A leave that a newer version wrote is remembered, and told by the rebuild of a version that can read it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_a_newer_version_makes_the_view_incomplete_until_it_is_rebuilt() {
    let database = TestDatabase::migrated().await;
    let (pool, older, newer, mut room) = (database.pool(), MemoryLog::default(), MemoryLog::default(), Room::new("r"));
    let mut events = room.enter(1, "amy", 1);
    events.extend(room.leave(1, 1, LeaveReason::Left));
    // The same connection joins again: the end of the earlier membership was never told here.
    events.extend(room.enter(1, "amy", 2));
    for event in events {
        let left = event.event_type.name == "left";
        let seen = if left { EventType { version: 9, ..event.event_type.clone() } } else { event.event_type.clone() };
        append(&older, [Recorded { event_type: seen, ..event.clone() }]);
        append(&newer, [event]);
    }
    let running = Running::start(&pool, &older);
    caught_up(&pool, &older).await;
    running.stop().await;
    let found = list_incomplete(&pool).await.unwrap().remove(0);
    assert_eq!((found.projection.as_str(), found.events, found.first.sequence), ("presence", 1, 2));
    let view = presence::room(&pool, &room.id).await.unwrap().unwrap();
    assert_eq!((view.members, view.users, view.joined), (1, 1, 2));
    assert!(view.left.into_iter().eq([(LeaveReason::Replaced, 1)]), "as the room's own state has one member");

    rebuilder(&pool, &newer).rebuild("presence", &|_| {}).await.unwrap();
    assert_eq!(list_incomplete(&pool).await.unwrap(), []);
    is_what_the_log_says(&database, &newer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_what_can_be_no_room_is_passed_over_and_remembered() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, mut room) = (database.pool(), Room::new("A"));
    let mut stray = room.enter(1, "amy", 1).remove(0);
    append(&log, [stray.clone()]);
    // Another spelling of the same name, as no room writes it.
    stray.aggregate.id = "=41".parse().unwrap();
    append(&log, [stray]);
    append(&log, room.enter(2, "bea", 1));
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let found = list_incomplete(&pool).await.unwrap().remove(0);
    assert_eq!((found.events, found.first.sequence), (1, 2));
    assert!(found.reason.contains("=41 is the id of no room"), "{found}");
    assert_eq!(presence::room(&pool, &room.id).await.unwrap().unwrap().members, 2);
    assert_eq!(rebuilder(&pool, &log).verify("presence", &|_| {}).await.unwrap().differing, 0);
}
