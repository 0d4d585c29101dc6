//! The proof behind `synchronous_commit = off`: PostgreSQL is killed, loses what it had acknowledged, and the views are
//! right all the same, because rows and checkpoint are lost together and the log is read again.

use ally_domain::job::JobStatus;
use ally_projections::{Database, DatabaseConfig, job_status, list_checkpoints, migrate};

use crate::support::{MemoryLog, OwnPostgres, Running, Story, TestDatabase, athlete, caught_up, until};

/// The server writes its log to disk only when it must, so that a kill is sure to lose commits.
const LAZY: [&str; 4] =
    ["wal_writer_delay=10000", "wal_writer_flush_after=1GB", "wal_buffers=64MB", "checkpoint_timeout=1d"];

fn append(log: &MemoryLog, from: u32, to: u32) {
    for n in from..to {
        let mut story = Story::new(&athlete(&format!("a{}", n % 5)), &format!("k{n}"));
        for event in story.whole() {
            log.append("PLANS", event);
        }
    }
}

async fn position(database: &Database) -> u64 {
    until("the checkpoint can be read", || async {
        let checkpoints = list_checkpoints(database).await.ok()?;
        checkpoints.into_iter().find(|one| one.projection == "job_status" && one.position.stream == "PLANS")
    })
    .await
    .position
    .sequence
}

#[tokio::test]
async fn a_killed_server_loses_rows_and_checkpoint_together() {
    let mut server = OwnPostgres::new(&LAZY);
    server.start();
    until("the server is up", || async { migrate(&server.url()).await.ok() }).await;
    let database = TestDatabase::on(&server.url());
    migrate(&database.url).await.unwrap();
    let pool = Database::connect(DatabaseConfig::new(&database.url)).unwrap();
    let log = MemoryLog::default();
    append(&log, 0, 40);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    // This much is on disk.
    database.client().await.batch_execute("CHECKPOINT").await.unwrap();

    let running = Running::start(&pool, &log);
    append(&log, 40, 400);
    caught_up(&pool, &log).await;
    let acknowledged = position(&pool).await;
    server.kill();
    running.stop().await;

    server.start();
    let survived = position(&pool).await;
    assert!(
        (200..acknowledged).contains(&survived),
        "the kill must lose commits: {survived} of {acknowledged} survived"
    );
    let newest = database.rows("SELECT max(last_sequence), (SELECT max(sequence) FROM job_timeline), (SELECT max(sequence) FROM plan) FROM job_status", &[]).await;
    for column in 0..3 {
        let newest = newest[0].get::<_, i64>(column);
        assert!(u64::try_from(newest).unwrap() <= survived, "a row of {newest} outlived the checkpoint {survived}");
    }
    let timeline = database.rows("SELECT count(*) FROM job_timeline", &[]).await[0].get::<_, i64>(0);
    let mut expected = log.events("PLANS");
    expected.retain(|event| event.position.sequence <= survived && event.event_type.noun == "plan_job");
    assert_eq!(usize::try_from(timeline).unwrap(), expected.len(), "the checkpoint says exactly what the rows hold");

    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    assert_eq!(job_status::counts(&pool).await.unwrap().of(JobStatus::Completed), 400);
    assert_eq!(database.table("SELECT 1 FROM job_timeline").await.len(), 1_600);

    // And while it writes: killed wherever it is, again and again.
    for round in 0..3 {
        append(&log, 400 + round * 300, 700 + round * 300);
        let begun = position(&pool).await;
        until("it is under way", || async { (position(&pool).await > begun).then_some(()) }).await;
        server.kill();
        server.start();
    }
    caught_up(&pool, &log).await;
    assert_eq!(job_status::counts(&pool).await.unwrap().of(JobStatus::Completed), 1_300);
    assert_eq!(database.table("SELECT 1 FROM job_timeline").await.len(), 5_200);
    assert_eq!(database.table("SELECT 1 FROM plan").await.len(), 1_300);
    running.stop().await;
}
