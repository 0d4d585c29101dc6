//! The stream forgets by age. The view keeps what it needs and no more, tells what it never read, and a rebuild does not lose what
//! the stream no longer holds.

use ally_domain::room::LeaveReason;
use ally_projections::presence::{self, KEPT_FOR};
use ally_projections::{NewStream, list_incomplete};
use time::Duration;

use super::{append, conns, is_rebuilt_as_it_is, is_what_the_log_says, rebuilder, tables};
use crate::support::{MemoryLog, Room, Running, TestDatabase, caught_up, conn, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memberships_go_when_their_end_is_forgotten_and_empty_rooms_with_them() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, mut room, mut empty) = (database.pool(), Room::new("r"), Room::new("empty"));
    let running = Running::start(&pool, &log);
    append(&log, empty.enter(9, "zoe", 1));
    append(&log, empty.leave(9, 1, LeaveReason::Left));
    for n in 1..=3 {
        append(&log, room.enter(n, "amy", 1));
    }
    append(&log, room.leave(2, 1, LeaveReason::Cut));
    append(&log, room.leave(3, 1, LeaveReason::Left));
    caught_up(&pool, &log).await;
    // As old as the first end of this room to the second, and older than all that happened in the other.
    let ended = room.now - Duration::seconds(1);
    room.now = ended + KEPT_FOR - Duration::seconds(1);
    append(&log, room.enter(4, "bea", 1));
    caught_up(&pool, &log).await;
    assert_eq!(presence::room(&pool, &room.id).await.unwrap().unwrap().joined, 4, "not yet");
    assert_eq!(presence::room(&pool, &empty.id).await.unwrap(), None);
    append(&log, room.enter(5, "bea", 1));
    caught_up(&pool, &log).await;
    let view = presence::room(&pool, &room.id).await.unwrap().unwrap();
    assert_eq!((view.members, view.users, view.joined), (3, 2, 4));
    assert!(view.left.into_iter().eq([(LeaveReason::Left, 1)]));
    is_what_the_log_says(&database, &log).await;
    is_rebuilt_as_it_is(&database, &log).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_been_there_for_longer_than_the_join_is_kept_survives_a_rebuild() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, mut room) = (database.pool(), Room::new("r"));
    let running = Running::start(&pool, &log);
    for n in 1..=4 {
        append(&log, room.enter(n, if n == 1 { "amy" } else { "bea" }, 1));
    }
    append(&log, room.update(2, 1, "early"));
    append(&log, room.leave(3, 1, LeaveReason::Cut));
    // From here on it can be read.
    append(&log, room.update(2, 1, "late"));
    append(&log, room.leave(4, 1, LeaveReason::Expired));
    append(&log, room.enter(5, "cem", 1));
    caught_up(&pool, &log).await;
    let whole = tables(&database).await;
    for forgotten in [3, 6, 8, 9] {
        log.forget("PRESENCE", |sequence| sequence <= forgotten);
        is_rebuilt_as_it_is(&database, &log).await;
        assert_eq!(tables(&database).await, whole, "without {forgotten} events");
    }
    let there = presence::members(&pool, &room.id, None, 10).await.unwrap();
    assert_eq!(conns(&there), [1, 2, 5].map(|n| conn(n).to_string()));
    // And the projector goes on, after the swaps.
    append(&log, room.leave(1, 1, LeaveReason::Left));
    append(&log, room.enter(6, "amy", 1));
    caught_up(&pool, &log).await;
    let view = presence::room(&pool, &room.id).await.unwrap().unwrap();
    assert_eq!((view.members, view.users, view.joined), (3, 3, 6));
    is_rebuilt_as_it_is(&database, &log).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_since_the_first_event_that_can_be_read_is_found_also_in_older_memberships() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, mut room) = (database.pool(), Room::new("r"));
    append(&log, room.enter(1, "amy", 1));
    append(&log, room.enter(2, "bea", 1));
    append(&log, room.leave(2, 1, LeaveReason::Cut));
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    log.forget("PRESENCE", |sequence| sequence <= 2);
    let sql = "UPDATE presence_member SET left_reason = 'kicked' WHERE joined_sequence = 2; UPDATE presence_room SET members = 2";
    database.client().await.batch_execute(sql).await.unwrap();
    let rebuilder = rebuilder(&pool, &log);
    assert_eq!(rebuilder.verify("presence", &|_| {}).await.unwrap().differing, 2);
    rebuilder.rebuild("presence", &|_| {}).await.unwrap();
    let view = presence::room(&pool, &room.id).await.unwrap().unwrap();
    assert_eq!((view.members, view.users), (1, 1));
    assert!(view.left.into_iter().eq([(LeaveReason::Cut, 1)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_in_the_log_makes_the_view_incomplete() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, mut room) = (database.pool(), Room::new("r"));
    append(&log, room.enter(1, "amy", 1));
    append(&log, room.enter(2, "bea", 1));
    // What went before the view was begun is not missing in it.
    log.forget("PRESENCE", |sequence| sequence == 1);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    assert_eq!(list_incomplete(&pool).await.unwrap(), []);

    append(&log, room.leave(2, 1, LeaveReason::Left));
    append(&log, room.enter(3, "cem", 1));
    log.forget("PRESENCE", |sequence| sequence <= 4);
    let running = Running::start(&pool, &log);
    until("the projector is at work and waits", || async { running.projector.ready().ok() }).await;
    assert_eq!(list_incomplete(&pool).await.unwrap(), [], "nothing is known of it before something comes");
    append(&log, room.enter(4, "dan", 1));
    caught_up(&pool, &log).await;
    let told = until("the projector says so", || async { running.projector.incomplete() }).await;
    assert!(
        told.contains("presence goes without 1 event from PRESENCE:3 on (gone unread): 2 events up to 4"),
        "{told}"
    );
    assert!(told.contains("nothing brings them back; `ally projections rebuild presence`"), "{told}");
    running.projector.ready().unwrap();
    // Who is there for all that is known stays: the lease tells whether it is so.
    let there = presence::members(&pool, &room.id, None, 10).await.unwrap();
    assert_eq!(conns(&there), [2, 4].map(|n| conn(n).to_string()));
    let rebuilder = rebuilder(&pool, &log);
    let verified = rebuilder.verify("presence", &|_| {}).await.unwrap();
    assert_eq!((verified.differing, verified.incomplete.len()), (0, 1));
    let before = tables(&database).await;
    rebuilder.rebuild("presence", &|_| {}).await.unwrap();
    assert_eq!((tables(&database).await, list_incomplete(&pool).await.unwrap()), (before, vec![]));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_another_stream_nothing_is_taken_over() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, mut room) = (database.pool(), Room::new("r"));
    for n in 1..=3 {
        append(&log, room.enter(n, "amy", 1));
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    log.replace("PRESENCE");
    let mut new = Room::new("new");
    for n in 1..=2 {
        append(&log, new.enter(n, "amy", 1));
    }
    log.forget("PRESENCE", |sequence| sequence == 1);
    let rebuilder = rebuilder(&pool, &log);
    rebuilder.verify("presence", &|_| {}).await.unwrap_err();
    rebuilder.rebuild_from("presence", NewStream::Accepted, &|_| {}).await.unwrap();
    assert_eq!(database.table("SELECT room, joined_sequence FROM presence_member").await, ["(new,2)"]);
    assert_eq!(database.table("SELECT room, members FROM presence_room").await, ["(new,1)"]);
}
