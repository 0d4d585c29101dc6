//! Reading one's own writes.

use std::time::Duration;

use ally_domain::envelope::{Position, Recorded};
use ally_projections::{Checkpoints, Waited};

use crate::support::{MemoryLog, Running, Story, TestDatabase, athlete, until};

const LONG: Duration = Duration::from_secs(20);

/// Appends, and answers where the last event stands.
fn append(log: &MemoryLog, events: Vec<Recorded>) -> Position {
    let positions = events.into_iter().map(|event| log.append("PLANS", event)).collect::<Vec<_>>();
    positions.into_iter().next_back().unwrap()
}

#[tokio::test]
async fn a_thousand_waiters_hear_of_it_and_none_asks_the_database() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let checkpoints = Checkpoints::listen(pool.clone());
    let running = Running::start(&pool, &log);
    let mut story = Story::new(&athlete("amy"), "k");
    let last = append(&log, story.whole());
    let ahead = Position { sequence: last.sequence + 1, ..last.clone() };
    let waiting = (0..1_000).map(|_| checkpoints.wait_for(&ahead, LONG)).collect::<Vec<_>>();
    assert_eq!(checkpoints.wait_for(&last, LONG).await, Waited::Reached);
    let view = ally_projections::job_status::get(&pool, &story.job).await.unwrap();
    assert_eq!(view.unwrap().last, last, "what was waited for is there");
    let all = futures::future::join_all(waiting);
    let next = Story::new(&athlete("amy"), "k2").request().remove(0);
    let (all, _) = tokio::join!(all, async { log.append("PLANS", next) });
    assert!(all.iter().all(|waited| *waited == Waited::Reached));
    let listeners = database.rows(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'ally-checkpoints'",
        &[],
    );
    assert_eq!(listeners.await.len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn waiting_is_bounded() {
    let database = TestDatabase::migrated().await;
    let checkpoints = Checkpoints::listen(database.pool());
    let never = "PLANS:999".parse().unwrap();
    assert_eq!(checkpoints.wait_for(&never, Duration::from_millis(50)).await, Waited::TimedOut);
    let elsewhere = "ADVISORIES:1".parse().unwrap();
    assert_eq!(checkpoints.wait_for(&elsewhere, LONG).await, Waited::Reached, "no view is fed from there");
}

#[tokio::test]
async fn a_cut_listener_listens_again_and_has_missed_nothing() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let checkpoints = Checkpoints::listen(pool.clone());
    let running = Running::start(&pool, &log);
    for round in 0..3 {
        until("it listens", || async { checkpoints.ready().ok() }).await;
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'ally-checkpoints'";
        database.rows(cut, &[]).await;
        let mut story = Story::new(&athlete("amy"), &format!("k{round}"));
        let last = append(&log, story.whole());
        assert_eq!(checkpoints.wait_for(&last, LONG).await, Waited::Reached);
    }
    running.stop().await;
}
