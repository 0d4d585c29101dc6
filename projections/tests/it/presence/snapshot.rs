//! What a node begins with: everybody who is there, true of one sequence, whatever the projector and a rebuild do meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ally_domain::ports::{EventLog, StreamIdentity};
use ally_projections::{PresenceSnapshot, ProjectorConfig};

use super::{Chance, append, rebuilder, states};
use crate::support::{MemoryLog, Room, Running, TestDatabase, caught_up, quick, until};

#[tokio::test]
async fn before_the_view_has_begun_it_is_empty_and_of_no_stream() {
    let database = TestDatabase::migrated().await;
    let pool = database.pool();
    assert_eq!(PresenceSnapshot::read(&pool).await.unwrap(), PresenceSnapshot::default());
    let log = MemoryLog::default();
    let running = Running::start(&pool, &log);
    let snapshot = until("the projector has begun", || async {
        PresenceSnapshot::read(&pool).await.ok().filter(|snapshot| snapshot.stream.is_some())
    })
    .await;
    assert_eq!((snapshot.sequence, snapshot.members.len()), (0, 0));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_true_of_its_sequence_under_a_projector_and_under_rebuilds() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let running = Running::start_with(&pool, &log, ProjectorConfig { read_events: 5, max_batch_events: 10, ..quick() });
    let done = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (log, done) = (log.clone(), Arc::clone(&done));
        async move {
            let (mut chance, mut rooms) = (Chance(3), ["a", "b", "c", "d"].map(Room::new));
            let mut pace = tokio::time::interval(std::time::Duration::from_millis(1));
            while !done.load(Ordering::Relaxed) {
                append(&log, chance.happens(&mut rooms));
                pace.tick().await;
            }
        }
    });
    let rebuilds = tokio::spawn({
        let (rebuilder, done) = (rebuilder(&pool, &log), Arc::clone(&done));
        async move {
            let mut rebuilt = 0;
            while !done.load(Ordering::Relaxed) {
                rebuilder.rebuild("presence", &|_| {}).await.unwrap();
                rebuilt += 1;
            }
            rebuilt
        }
    });
    let identity = log.identity("PRESENCE").await.unwrap();
    let mut sequences = std::collections::BTreeSet::new();
    while sequences.len() < 60 {
        let snapshot = PresenceSnapshot::read(&pool).await.unwrap();
        let expected = states(&log.events("PRESENCE"), snapshot.sequence).into_iter().flat_map(|(room, state)| {
            state
                .members_behind(None)
                .map(|(conn, member)| (room.clone(), conn, (**member).clone()))
                .collect::<Vec<_>>()
        });
        assert_eq!(snapshot.members, expected.collect::<Vec<_>>(), "at {}", snapshot.sequence);
        assert_eq!(snapshot.stream.as_ref().unwrap_or(&identity), &identity);
        sequences.insert(snapshot.sequence);
    }
    done.store(true, Ordering::Relaxed);
    writer.await.unwrap();
    assert!(rebuilds.await.unwrap() > 2);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_read_whole_however_many_are_there_and_names_its_stream() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let mut rooms = ["one", "two", "three"].map(Room::new);
    for n in 0..12_000 {
        append(&log, rooms[usize::try_from(n % 3).unwrap()].enter(n, "amy", n));
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let before = PresenceSnapshot::read(&pool).await.unwrap();
    assert_eq!((before.sequence, before.members.len()), (12_000, 12_000));
    assert!(before.members.is_sorted_by(|one, other| (&one.0, one.1) < (&other.0, other.1)));

    // The stream is made anew: what is known is of the old one, and says so.
    log.replace("PRESENCE");
    append(&log, Room::new("one").enter(1, "bea", 1));
    let running = Running::start(&pool, &log);
    until("the projector stops", || async { running.projector.ready().err().filter(|why| why.contains("PRESENCE")) })
        .await;
    let after = PresenceSnapshot::read(&pool).await.unwrap();
    assert_eq!(after, before);
    let now: StreamIdentity = log.identity("PRESENCE").await.unwrap();
    assert_ne!(after.stream, Some(now));
    running.stop().await;
}
