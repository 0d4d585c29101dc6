//! The projector: exactly once through everything that can be taken from it.

use std::time::Duration;

use ally_domain::envelope::{Recorded, TraceContext};
use ally_domain::event_data::EventType;
use ally_domain::ids::{AggregateId, AggregateKind, AggregateRef};
use ally_domain::job::{JobCommand, JobStatus, Priority};
use ally_projections::{Database, ProjectorConfig, ProjectorState, job_status, job_timeline};

use crate::support::{DECIDED_AT, MemoryLog, Running, Story, TestDatabase, athlete, caught_up, quick, until};

/// Whole jobs, each of five events.
fn jobs(log: &MemoryLog, from: usize, to: usize) -> Vec<Story> {
    let whole = |n: usize| {
        let mut story = Story::new(&athlete(&format!("a{}", n % 7)), &format!("k{n}"));
        for event in story.whole() {
            log.append("PLANS", event);
        }
        story
    };
    (from..to).map(whole).collect()
}

async fn completed(database: &Database) -> u64 {
    job_status::counts(database).await.unwrap().of(JobStatus::Completed)
}

/// The session that projects a stream.
async fn terminate(database: &TestDatabase, stream: &str) {
    let sql = "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
        WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = $1 AND a.datname = current_database()";
    until("there is a session to end", || async {
        let ended = database.rows(sql, &[&format!("ally-projector {stream}")]).await;
        (!ended.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn small_batches_and_large_ones_give_the_same_rows() {
    let log = MemoryLog::default();
    jobs(&log, 0, 60);
    let mut tables = Vec::new();
    for (max_batch_events, read_events) in [(1, 1), (7, 3), (2_000, 500)] {
        let database = TestDatabase::migrated().await;
        let pool = database.pool();
        let config = ProjectorConfig { max_batch_events, read_events, ..quick() };
        let running = Running::start_with(&pool, &log, config);
        caught_up(&pool, &log).await;
        running.stop().await;
        let views =
            ["SELECT * FROM job_status", "SELECT * FROM job_timeline", "SELECT plan_id, document::text FROM plan"];
        let mut all = Vec::new();
        for view in views {
            all.extend(database.table(view).await);
        }
        all.extend(database.table("SELECT * FROM job_count WHERE jobs <> 0").await);
        tables.push(all);
    }
    assert!(tables[0].len() > 60 * 6);
    assert!(tables.windows(2).all(|two| two[0] == two[1]));
}

#[tokio::test]
async fn a_stand_by_takes_over_when_the_active_one_loses_its_connection() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let both = [Running::start(&pool, &log), Running::start(&pool, &log)];
    let active = |state: ProjectorState| {
        let both = &both;
        move || {
            let states = both.iter().map(|one| one.projector.states()["PLANS"].clone()).collect::<Vec<_>>();
            let ready = both.iter().all(|one| one.projector.ready().is_ok());
            let one = states.iter().filter(|each| **each == state).count() == 1;
            async move { (ready && one).then_some(()) }
        }
    };
    for round in 0..5 {
        jobs(&log, round * 40, round * 40 + 40);
        until("one is active and one stands by", active(ProjectorState::StandBy)).await;
        terminate(&database, "PLANS").await;
    }
    caught_up(&pool, &log).await;
    assert_eq!(completed(&pool).await, 200, "counted once each, whoever counted");
    assert_eq!(database.table("SELECT * FROM job_timeline").await.len(), 200 * 4);
    for one in both {
        one.stop().await;
    }
}

#[tokio::test]
async fn a_checkpoint_that_somebody_else_moved_fences_the_writer() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let running = Running::start(&pool, &log);
    let first = jobs(&log, 0, 1);
    caught_up(&pool, &log).await;
    // As a rebuild does it: under the row's lock, rows and generation together.
    let sql =
        "WITH moved AS (UPDATE projection_checkpoint SET generation = generation + 1 WHERE projection = 'job_status')
        UPDATE job_status SET progress = 7";
    database.client().await.execute(sql, &[]).await.unwrap();
    jobs(&log, 1, 3);
    caught_up(&pool, &log).await;
    assert_eq!(completed(&pool).await, 3);
    let kept = job_status::get(&pool, &first[0].job).await.unwrap().unwrap();
    assert_eq!(kept.progress, 7, "rows that somebody else wrote are not written over from memory");
    running.stop().await;
}

#[tokio::test]
async fn it_waits_for_the_log_and_says_so() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    log.cut(true);
    let running = Running::start(&pool, &log);
    until("it says that it fails", || async {
        running.projector.ready().err().filter(|why| why.contains("cut off by the test"))
    })
    .await;
    jobs(&log, 0, 5);
    log.cut(false);
    caught_up(&pool, &log).await;
    log.cut(true);
    until("it says that it fails again", || async { running.projector.ready().err() }).await;
    jobs(&log, 5, 9);
    log.cut(false);
    caught_up(&pool, &log).await;
    assert_eq!(completed(&pool).await, 9);
    running.stop().await;
}

#[tokio::test]
async fn a_panic_is_told_and_the_stream_is_projected_again() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    log.break_down();
    let config = ProjectorConfig { retry_max: Duration::from_secs(1), ..quick() };
    let running = Running::start_with(&pool, &log, config);
    until("it says that it broke down", || async {
        running.projector.ready().err().filter(|why| why.contains("projecting broke down"))
    })
    .await;
    jobs(&log, 0, 2);
    caught_up(&pool, &log).await;
    assert_eq!(completed(&pool).await, 2);
    until("it is well again", || async { running.projector.ready().ok() }).await;
    running.stop().await;
}

/// What the projector says of a stream that is not the one that the views were made from.
async fn stops(running: &Running) -> String {
    until("it says that the stream is another one", || async {
        running.projector.ready().err().filter(|why| why.contains("is not the one that the views were made from"))
    })
    .await
}

/// A stream that is shorter than what was read of it, one that has become longer since, one of which the end was lost and
/// written anew: in each the sequences up to the checkpoint, or around it, are others.
#[tokio::test]
async fn a_log_that_was_replaced_is_not_projected_over_the_old_views() {
    let replace: fn(&MemoryLog) = |log| log.replace("PLANS");
    let lose_the_end: fn(&MemoryLog) = |log| log.lose("PLANS", 13);
    for (what, change, jobs_since, says) in [
        ("shorter", lose_the_end, 0, "it ends at 13, and they have read up to 15"),
        ("another one, shorter", replace, 1, "it was made at"),
        ("another one, longer", replace, 5, "it was made at"),
        ("put back from an older copy", lose_the_end, 5, "at 15 it holds the event"),
    ] {
        let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
        let pool = database.pool();
        jobs(&log, 0, 3);
        let running = Running::start(&pool, &log);
        caught_up(&pool, &log).await;
        running.stop().await;
        change(&log);
        jobs(&log, 10, 10 + jobs_since);
        let running = Running::start(&pool, &log);
        let why = stops(&running).await;
        assert!(why.contains(says) && why.contains("projections rebuild NAME --accept-new-stream"), "{what}: {why}");
        assert_eq!(completed(&pool).await, 3, "{what}: nothing was read on");
        running.stop().await;
    }
}

/// The last event of a stream may be gone, and a database may be older than what is remembered: neither says anything.
#[tokio::test]
async fn a_stream_whose_last_event_is_gone_and_a_checkpoint_of_an_older_version_are_read_on() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    jobs(&log, 0, 3);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    log.forget("PLANS", |sequence| sequence == 15);
    jobs(&log, 3, 4);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    database
        .rows("UPDATE projection_checkpoint SET stream_identity = NULL, last_event_id = NULL RETURNING 1", &[])
        .await;
    jobs(&log, 4, 5);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    assert_eq!(completed(&pool).await, 5);
    let sql = "SELECT 1 FROM projection_checkpoint WHERE stream = 'PLANS' AND stream_identity IS NULL";
    assert!(database.rows(sql, &[]).await.is_empty(), "it belongs to this stream from now on");
    running.stop().await;
}

#[tokio::test]
async fn what_cannot_be_projected_is_passed_over_and_kept_in_sight() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let mut story = Story::new(&athlete("amy"), "k");
    let job = AggregateRef { kind: AggregateKind::Job, id: AggregateId::from(&story.job) };
    let odd = |name: &str, version, data: &str| Recorded {
        data: data.to_owned(),
        ..story.raw(&job, EventType::new("plan_job", name, version), 900)
    };
    let strange = [
        odd("requested", 9, "{}"),
        odd("abducted", 1, r#"{"by": "aliens"}"#),
        Recorded { event_type: EventType::new("weather", "changed", 1), ..odd("x", 1, "{}") },
        odd("started", 1, r#"{"attempt": "first"}"#),
        odd("completed", 1, "not even JSON"),
    ];
    // Readable, and nothing that PostgreSQL keeps as text: what people wrote is made to fit, and a trace that no tracer made is
    // left out.
    let mut nul = Story::new(&athlete("amy"), "nul");
    nul.trace =
        TraceContext { traceparent: Some(format!("00-{}-00f067aa0ba902b7-01", "\0".repeat(32))), tracestate: None };
    let mut odd_text = nul.request();
    odd_text.extend(nul.tell(&JobCommand::Start {
        lane: Priority::Normal,
        worker: "w\0".into(),
        max_attempts: 3,
        at: DECIDED_AT,
    }));
    for event in strange.into_iter().chain(odd_text).chain(story.whole()) {
        log.append("PLANS", event);
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;

    assert_eq!(job_status::get(&pool, &story.job).await.unwrap().unwrap().status, JobStatus::Completed);
    let kept = job_status::get(&pool, &nul.job).await.unwrap().unwrap();
    assert_eq!((kept.status, kept.trace_id), (JobStatus::Running, None));
    let told = job_timeline::get(&pool, &nul.job).await.unwrap();
    assert_eq!((told.len(), told[1].summary.as_str()), (2, "Attempt 1 began on w\u{fffd}"));
    let failures = database.table("SELECT sequence, projection, event_type FROM projection_failure").await;
    let mut expected = vec!["(3,job_timeline,weather.changed.v1)"];
    let both = [(1, "requested.v9"), (2, "abducted.v1"), (4, "started.v1"), (5, "completed.v1")];
    let both =
        both.map(|(at, name)| ["job_status", "job_timeline"].map(|view| format!("({at},{view},plan_job.{name})")));
    expected.extend(both.iter().flatten().map(String::as_str));
    expected.sort_unstable();
    assert_eq!(failures, expected);
    let metrics = recorder.handle().render();
    for line in [
        r#"projection_unknown_events_total{stream="PLANS",type="plan_job.requested.v9"} 1"#,
        r#"projection_unknown_events_total{stream="PLANS",type="weather.changed.v1"} 1"#,
        r#"projection_failures_total{stream="PLANS",type="plan_job.started.v1"} 1"#,
        r#"projection_events_total{projection="job_status",type="plan_job.completed.v1"} 1"#,
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn lag_and_jobs_are_measured_also_while_nothing_moves() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    jobs(&log, 0, 1);
    let running = Running::start(&pool, &log);
    let shows = |line: &'static str| {
        let handle = recorder.handle();
        until(line, move || {
            let shown = handle.render().contains(line);
            async move { shown.then_some(()) }
        })
    };
    caught_up(&pool, &log).await;
    shows(r#"projection_lag_events{projection="job_status"} 0"#).await;
    shows(r#"jobs{status="completed"} 1"#).await;
    // Another writer holds the row that every batch must move: the projector hangs, its lag does not.
    let mut client = database.client().await;
    let holder = client.transaction().await.unwrap();
    holder.execute("SELECT 1 FROM projection_checkpoint FOR UPDATE", &[]).await.unwrap();
    jobs(&log, 1, 2);
    shows(r#"projection_lag_events{projection="job_status"} 5"#).await;
    let age = (time::macros::datetime!(2026-11-20 12:00 UTC) - log.events("PLANS")[5].at).as_seconds_f64();
    let line = format!("projection_lag_seconds{{projection=\"plan\"}} {age}");
    until("the lag is told in seconds", || async { recorder.handle().render().contains(&line).then_some(()) }).await;
    holder.rollback().await.unwrap();
    shows(r#"projection_lag_events{projection="job_status"} 0"#).await;
    running.stop().await;
}

#[tokio::test]
async fn stopping_hands_the_lock_back_at_once() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let first = Running::start(&pool, &log);
    let active = |running: &Running| {
        let state = running.projector.states()["PLANS"].clone();
        async move { (state == ProjectorState::Active).then_some(()) }
    };
    until("the first is active", || active(&first)).await;
    let second = Running::start_with(&pool, &log, ProjectorConfig { lock_wait: Duration::from_secs(25), ..quick() });
    until("the second stands by", || async {
        (second.projector.states()["PLANS"] == ProjectorState::StandBy).then_some(())
    })
    .await;
    first.stop().await;
    until("the second is active", || active(&second)).await;
    second.stop().await;
}
