//! A view that goes without events of the log says so until it is rebuilt by a version that can read them.

use std::sync::Arc;

use ally_domain::envelope::Recorded;
use ally_domain::event_data::EventType;
use ally_domain::job::{JobCommand, JobStatus, Priority};
use ally_projections::{Database, Incomplete, Progress, RebuildConfig, Rebuilder, job_status, list_incomplete};

use crate::support::{DECIDED_AT, MemoryLog, Running, Story, TestDatabase, athlete, caught_up, until};

fn quietly(_: &Progress) {}

fn rebuilder(pool: &Database, log: &MemoryLog) -> Rebuilder {
    Rebuilder::new(pool.clone(), Arc::new(log.clone()), RebuildConfig::default())
}

async fn of(pool: &Database, projection: &str) -> Vec<Incomplete> {
    let all = list_incomplete(pool).await.unwrap();
    all.into_iter().filter(|it| it.projection == projection).collect()
}

/// The same history as two versions see it: in the older one's eyes the start of the job is an event of a later version.
fn two_eyes() -> (MemoryLog, MemoryLog, Story) {
    let (older, newer) = (MemoryLog::default(), MemoryLog::default());
    let mut story = Story::new(&athlete("amy"), "k");
    let mut events = story.request();
    events.extend(story.tell(&JobCommand::Start {
        lane: Priority::Normal,
        worker: "w".into(),
        max_attempts: 3,
        at: DECIDED_AT,
    }));
    for event in events {
        let mut unknown = event.clone();
        if event.event_type.name == "started" {
            unknown.event_type.version = 9;
        }
        older.append("PLANS", unknown);
        newer.append("PLANS", event);
    }
    (older, newer, story)
}

#[tokio::test]
async fn it_is_remembered_through_restarts_until_a_version_that_can_read_rebuilds() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let database = TestDatabase::migrated().await;
    let pool = database.pool();
    let (older, newer, story) = two_eyes();
    for _ in 0..2 {
        let running = Running::start(&pool, &older);
        caught_up(&pool, &older).await;
        let warned = until("the projector says so", || async { running.projector.incomplete() }).await;
        assert!(warned.contains("job_status") && warned.contains("newer version"), "{warned}");
        until("it is ready all the same", || async { running.projector.ready().ok() }).await;
        running.stop().await;
    }
    let found = of(&pool, "job_status").await.remove(0);
    assert_eq!((found.events, found.first.to_string().as_str()), (1, "PLANS:2"));
    assert_eq!(found.event_types, ["plan_job.started.v9"]);
    assert!(found.remedy().starts_with("update Ally"), "{}", found.remedy());
    assert_eq!(of(&pool, "job_timeline").await.len(), 1);
    assert_eq!(of(&pool, "plan").await, [], "what a view never reads it does not go without");
    assert!(recorder.handle().render().contains(r#"projection_incomplete_events{projection="job_status"} 1"#));

    // No row differs from what this version makes of the log, and the check says all the same that it is not all.
    let verified = rebuilder(&pool, &older).verify("job_status", &quietly).await.unwrap();
    assert_eq!((verified.differing, verified.incomplete), (0, vec![found]));
    // A rebuild by the version that cannot read it changes nothing about that.
    assert_eq!(rebuilder(&pool, &older).rebuild("job_status", &quietly).await.unwrap().failures, 1);
    assert_eq!(of(&pool, "job_status").await.len(), 1);

    // The update. The rows do not mend themselves: until the rebuild it is still incomplete.
    let running = Running::start(&pool, &newer);
    until("the projector says so still", || async { running.projector.incomplete() }).await;
    assert_eq!(job_status::get(&pool, &story.job).await.unwrap().unwrap().status, JobStatus::Queued);
    let newer_rebuilder = rebuilder(&pool, &newer);
    assert_eq!(newer_rebuilder.rebuild("job_status", &quietly).await.unwrap().failures, 0);
    assert_eq!(of(&pool, "job_status").await, []);
    assert_eq!(job_status::get(&pool, &story.job).await.unwrap().unwrap().status, JobStatus::Running);
    assert_eq!(of(&pool, "job_timeline").await.len(), 1, "rebuilding one says nothing about the others");
    newer_rebuilder.rebuild("job_timeline", &quietly).await.unwrap();
    until("the projector says that all is well", || async { running.projector.incomplete().is_none().then_some(()) })
        .await;
    running.stop().await;
}

#[tokio::test]
async fn a_message_that_is_no_event_for_this_version_is_remembered_too() {
    let database = TestDatabase::migrated().await;
    let (pool, log) = (database.pool(), MemoryLog::default());
    let mut story = Story::new(&athlete("amy"), "k");
    let at = log.append_foreign("PLANS", "ally.es.room.7.joined");
    for event in story.whole() {
        log.append("PLANS", event);
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let found = of(&pool, "job_status").await.remove(0);
    assert_eq!((found.events, found.first), (1, at));
    let verified = rebuilder(&pool, &log).verify("plan", &quietly).await.unwrap();
    assert_eq!((verified.differing, verified.incomplete.len()), (0, 1));
    assert_eq!(job_status::get(&pool, &story.job).await.unwrap().unwrap().status, JobStatus::Completed);
}

#[tokio::test]
async fn a_row_of_an_earlier_version_counts_for_each_view_of_its_stream() {
    let database = TestDatabase::migrated().await;
    let (pool, log) = (database.pool(), MemoryLog::default());
    let mut story = Story::new(&athlete("amy"), "k");
    for event in story.whole() {
        log.append("PLANS", event);
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let sql = "INSERT INTO projection_failure (projection, stream, sequence, event_id, event_type, reason)
        VALUES ('*', 'PLANS', 1, 'e', 'plan_job.requested.v1', 'garbled')";
    database.client().await.execute(sql, &[]).await.unwrap();
    let views = ["job_status", "job_timeline", "plan", "workout"];
    let names = |found: &[Incomplete]| found.iter().map(|it| it.projection.clone()).collect::<Vec<_>>();
    let found = list_incomplete(&pool).await.unwrap();
    assert_eq!(names(&found), views);
    assert!(found[0].remedy().starts_with("`ally projections rebuild job_status`"), "{}", found[0].remedy());
    rebuilder(&pool, &log).rebuild("job_status", &quietly).await.unwrap();
    assert_eq!(names(&list_incomplete(&pool).await.unwrap()), views[1..]);
}

#[tokio::test]
async fn what_a_newer_version_writes_without_end_does_not_fill_the_database() {
    const KEPT: i32 = 10_000;
    let database = TestDatabase::migrated().await;
    let (pool, log) = (database.pool(), MemoryLog::default());
    let sql = "INSERT INTO projection_failure (projection, stream, sequence, event_id, event_type, reason)
        SELECT 'job_status', 'PLANS', 1000000 + n, 'e', 'plan_job.lost.v1', 'newer' FROM generate_series(1, $1) AS n";
    database.client().await.execute(sql, &[&KEPT]).await.unwrap();
    let mut story = Story::new(&athlete("amy"), "k");
    for event in story.whole() {
        log.append("PLANS", Recorded { event_type: EventType::new("plan_job", "lost", 1), ..event });
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let found = of(&pool, "job_status").await.remove(0);
    assert_eq!(found.events, u64::from(KEPT.unsigned_abs()));
    assert!(found.to_string().contains("10000 or more events"), "{found}");
    assert!(of(&pool, "job_timeline").await[0].events >= 4, "each view has its own share");
}
