//! Many events in one room at once.

use ally_domain::room::LeaveReason;
use ally_projections::ProjectorConfig;
use ally_projections::presence;

use super::{append, is_rebuilt_as_it_is};
use crate::support::{MemoryLog, Room, Running, TestDatabase, caught_up, quick};

#[tokio::test]
async fn a_storm_in_one_room_is_a_few_statements_and_counted_exactly() {
    const JOINS: u64 = 20_000;
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, mut room) = (database.pool(), Room::new("storm"));
    // Four connections a user.
    for n in 0..JOINS {
        append(&log, room.enter(n, &format!("u{}", n / 4), 1));
    }
    let all = usize::try_from(JOINS).unwrap();
    let config = ProjectorConfig { max_batch_events: all, max_batch_bytes: 1 << 30, read_events: all, ..quick() };
    let running = Running::start_with(&pool, &log, config);
    caught_up(&pool, &log).await;
    let view = presence::room(&pool, &room.id).await.unwrap().unwrap();
    assert_eq!((view.members, view.users, view.joined, view.last_sequence), (JOINS, JOINS / 4, JOINS, JOINS));
    let statements = |operation: &str, table: &str| {
        let line = format!(r#"database_queries_total{{operation="{operation}",table="{table}",outcome="ok"}} "#);
        let metrics = recorder.handle().render();
        metrics.lines().find_map(|found| found.strip_prefix(&line)?.parse::<u64>().ok()).unwrap_or(0)
    };
    let made = [
        statements("SELECT", "presence_member"),
        statements("UPSERT", "presence_member"),
        statements("UPSERT", "presence_room"),
        statements("DELETE", "presence_member"),
    ];
    assert_eq!(made, [2, 1, 1, 1], "one batch");

    for n in (0..JOINS).step_by(2) {
        append(&log, room.update(n, 1, "calm"));
    }
    for n in 0..JOINS / 2 {
        append(&log, room.leave(n, 1, LeaveReason::Expired));
    }
    caught_up(&pool, &log).await;
    let view = presence::room(&pool, &room.id).await.unwrap().unwrap();
    assert_eq!((view.members, view.users, view.joined), (JOINS / 2, JOINS / 8, JOINS));
    assert!(view.left.into_iter().eq([(LeaveReason::Expired, JOINS / 2)]));
    is_rebuilt_as_it_is(&database, &log).await;
    running.stop().await;
}
