//! Rebuilding while serving, and checking against the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ally_domain::envelope::{Position, Recorded};
use ally_domain::job::{JobCommand, Priority};
use ally_projections::{
    Checkpoints, Database, NewStream, PROJECTIONS, Progress, RebuildConfig, RebuildError, Rebuilder, Waited,
    athlete_profile, job_status, job_timeline, plan,
};

use crate::support::{
    Channel, DECIDED_AT, DecidedDelivery, DecidedEndpoint, MemoryLog, Room, Running, Story, TestDatabase, athlete,
    caught_up, letter, parked,
};

/// What every athlete did of their plan.
const WORKOUT: &str = r#""workout":{"sessionId":"w1d1","performedAt":"2026-11-23T18:00:00Z","items":[]}"#;

fn append(log: &MemoryLog, from: usize, to: usize) -> Vec<Story> {
    let whole = |n: usize| {
        let mut story = Story::promised(&athlete(&format!("a{n}")));
        for event in story.onboarding() {
            log.append("ONBOARDING", event);
        }
        for event in story.whole() {
            log.append("PLANS", event);
        }
        log.append("DLQ", parked(&letter(n as u64, "down")));
        for event in Room::new(&format!("room {}", n % 7)).enter(n as u64, "amy", 1) {
            log.append("PRESENCE", event);
        }
        for event in Channel::new("room", &format!("channel {}", n % 7)).set("n", n as u64) {
            log.append("CHANNELS", event);
        }
        let mut endpoint = DecidedEndpoint::of_app("coach", &format!("endpoint {n}"));
        for event in endpoint.register("coach") {
            log.append("WEBHOOKS", event);
        }
        let mut delivery = DecidedDelivery::of_message(&endpoint.endpoint_id(), n as u64);
        for event in [delivery.queue(&endpoint.endpoint_id(), n as u64), delivery.fail(), delivery.succeed()].concat() {
            log.append("DELIVERIES", event);
        }
        log.append("PLANS", story.entry("workout_logged", n, WORKOUT));
        story
    };
    (from..to).map(whole).collect()
}

fn rebuilder(pool: &Database, log: &MemoryLog) -> Rebuilder {
    let config = RebuildConfig { max_batch_events: 50, read_events: 20, ..RebuildConfig::default() };
    Rebuilder::new(pool.clone(), Arc::new(log.clone()), config)
}

fn quietly(_: &Progress) {}

async fn no_difference(rebuilder: &Rebuilder) {
    for projection in PROJECTIONS {
        let verified = rebuilder.verify(projection.name, &quietly).await.unwrap();
        assert_eq!(verified.differences, []);
        assert_eq!(verified.differing, 0);
        assert!(verified.rows > 0 && verified.events > 0, "{verified:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_is_rebuilt_under_load_and_no_reader_notices() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let first = append(&log, 0, 100);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;

    let (done, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let stories = Arc::new(first);
    let readers = (0..4).map(|reader| {
        let (pool, done, reads, stories) = (pool.clone(), Arc::clone(&done), Arc::clone(&reads), Arc::clone(&stories));
        tokio::spawn(async move {
            while !done.load(Ordering::Relaxed) {
                for story in stories.iter().skip(reader).step_by(4) {
                    assert!(job_status::get(&pool, &story.job).await.unwrap().is_some());
                    assert!(plan::get(&pool, &story.plan()).await.unwrap().is_some());
                    assert!(athlete_profile::get(&pool, &story.athlete).await.unwrap().unwrap().current().is_some());
                    assert_eq!(job_timeline::get(&pool, &story.job).await.unwrap().len(), 5);
                    reads.fetch_add(4, Ordering::Relaxed);
                }
            }
        })
    });
    let readers = readers.collect::<Vec<_>>();
    let writer = tokio::spawn({
        let (log, done) = (log.clone(), Arc::clone(&done));
        async move {
            // Paced, so that events come in through every phase of every rebuild, and bounded, so that it ends.
            let mut pace = tokio::time::interval(Duration::from_millis(10));
            for n in 100..600 {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                pace.tick().await;
                append(&log, n, n + 1);
            }
        }
    });
    let rebuilder = rebuilder(&pool, &log);
    for _ in 0..2 {
        for projection in PROJECTIONS {
            let heard = AtomicU64::new(0);
            let count = |progress: &Progress| {
                assert!(progress.position.sequence <= progress.target);
                heard.fetch_add(1, Ordering::Relaxed);
            };
            let rebuilt = rebuilder.rebuild(projection.name, &count).await.unwrap();
            assert!(rebuilt.events >= 100 && heard.into_inner() > 1, "{rebuilt:?}");
        }
    }
    no_difference(&rebuilder).await;
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    writer.await.unwrap();
    assert!(reads.load(Ordering::Relaxed) > 400);

    caught_up(&pool, &log).await;
    no_difference(&rebuilder).await;
    let checkpoints = ally_projections::list_checkpoints(&pool).await.unwrap();
    assert!(checkpoints.iter().all(|checkpoint| checkpoint.generation == 2));
    running.stop().await;
}

#[tokio::test]
async fn a_check_finds_each_planted_difference_and_a_rebuild_mends_it() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let stories = append(&log, 0, 20);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let client = database.client().await;
    client.execute("UPDATE job_status SET progress = 1 WHERE job_id = $1", &[&stories[0].job.as_str()]).await.unwrap();
    client.execute("DELETE FROM job_status WHERE job_id = $1", &[&stories[1].job.as_str()]).await.unwrap();
    client.batch_execute("UPDATE job_count SET jobs = jobs + 1 WHERE status = 'completed'").await.unwrap();
    client.batch_execute("INSERT INTO job_count_by_athlete VALUES ('ghost', 1)").await.unwrap();

    let rebuilder = rebuilder(&pool, &log);
    let verified = rebuilder.verify("job_status", &quietly).await.unwrap();
    let mut found = verified
        .differences
        .iter()
        .map(|one| (one.table, one.key.clone(), one.view.is_some(), one.log.is_some()))
        .collect::<Vec<_>>();
    found.sort();
    let mut expected = vec![
        ("job_count", "PLANS completed".to_owned(), true, true),
        ("job_count_by_athlete", "ghost".to_owned(), true, false),
        ("job_status", stories[0].job.to_string(), true, true),
        ("job_status", stories[1].job.to_string(), false, true),
    ];
    expected.sort();
    assert_eq!((found, verified.differing), (expected, 4));

    rebuilder.rebuild("job_status", &quietly).await.unwrap();
    assert_eq!(rebuilder.verify("job_status", &quietly).await.unwrap().differing, 0);
    assert!(job_status::get(&pool, &stories[1].job).await.unwrap().is_some());
}

/// Everything about the tables that a swap could lose, as text.
async fn shape(database: &TestDatabase) -> Vec<String> {
    database
        .table(
            "SELECT relname, relkind, reloptions, relacl, pg_get_indexdef(oid) AS index,
                (SELECT array_agg(pg_get_constraintdef(c.oid) ORDER BY conname) FROM pg_constraint c WHERE conrelid = r.oid) AS constraints,
                (SELECT array_agg((attname, format_type(atttypid, atttypmod), attnotnull)::text ORDER BY attnum)
                 FROM pg_attribute WHERE attrelid = r.oid AND attnum > 0) AS columns
             FROM pg_class r WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace",
        )
        .await
}

#[tokio::test]
async fn a_rebuilt_table_has_the_shape_and_the_grants_of_the_old_one() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    append(&log, 0, 3);
    let client = database.client().await;
    client.batch_execute("GRANT SELECT ON job_status TO PUBLIC").await.unwrap();
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    let before = shape(&database).await;
    for projection in PROJECTIONS {
        rebuilder(&pool, &log).rebuild(projection.name, &quietly).await.unwrap();
    }
    assert_eq!(shape(&database).await, before);
    let schemas = database.table("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'ally%'").await;
    assert!(schemas.is_empty(), "{schemas:?} were left behind");
    running.stop().await;
}

#[tokio::test]
async fn one_at_a_time_by_its_name() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    append(&log, 0, 3);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    let rebuilder = rebuilder(&pool, &log);
    let error = rebuilder.rebuild("job_stats", &quietly).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no projection \"job_stats\"; there are job_status, job_timeline, plan, workout, athlete_profile, presence, channel_metadata, webhook_endpoint, webhook_delivery, dead_letter"
    );
    let (one, other) = tokio::join!(rebuilder.rebuild("plan", &quietly), rebuilder.rebuild("plan", &quietly));
    let refused = [one.err(), other.err()].into_iter().flatten().collect::<Vec<_>>();
    assert!(matches!(refused[..], [RebuildError::Busy { projection: "plan" }]), "{refused:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_long_reader_is_waited_for_and_never_cut_off() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    append(&log, 0, 3);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    let mut client = database.client().await;
    let reading = client.transaction().await.unwrap();
    reading.query("SELECT * FROM job_status", &[]).await.unwrap();
    let config = RebuildConfig { lock_wait: Duration::from_millis(20), swap_attempts: 3, ..RebuildConfig::default() };
    let hurried = Rebuilder::new(pool.clone(), Arc::new(log.clone()), config);
    let error = hurried.rebuild("job_status", &quietly).await.unwrap_err();
    assert!(matches!(error, RebuildError::NeverFree { attempts: 3, .. }), "{error}");

    append(&log, 3, 6);
    caught_up(&pool, &log).await;
    let patient = rebuilder(&pool, &log);
    let rebuilding = patient.rebuild("job_status", &quietly);
    let (rebuilt, ()) = tokio::join!(rebuilding, async {
        reading.query("SELECT * FROM job_status", &[]).await.unwrap();
        append(&log, 6, 9);
        caught_up(&pool, &log).await;
        reading.commit().await.unwrap();
    });
    rebuilt.unwrap();
    caught_up(&pool, &log).await;
    no_difference(&patient).await;
    running.stop().await;
}

#[tokio::test]
async fn what_the_projector_passed_over_the_rebuild_passes_over_too() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    append(&log, 0, 10);
    let mut nul = Story::new(&athlete("amy"), "nul");
    let mut events = nul.request();
    events.extend(nul.tell(&JobCommand::Start {
        lane: Priority::Normal,
        worker: "w\0".into(),
        max_attempts: 3,
        at: DECIDED_AT,
    }));
    let garbled = Recorded { data: "{".into(), ..events[0].clone() };
    let unknown =
        Recorded { event_type: ally_domain::event_data::EventType::new("plan_job", "lost", 1), ..events[0].clone() };
    for event in events.into_iter().chain([garbled, unknown]) {
        log.append("PLANS", event);
    }
    append(&log, 10, 20);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let rebuilder = rebuilder(&pool, &log);
    no_difference(&rebuilder).await;
    let failures = database.table("SELECT projection, stream, sequence, event_type FROM projection_failure").await;
    assert_eq!(failures.len(), 4, "two for both views of jobs; what no text can hold was made to fit");
    let rebuilt = rebuilder.rebuild("job_timeline", &quietly).await.unwrap();
    assert_eq!(rebuilt.failures, 2);
    assert_eq!(
        database.table("SELECT projection, stream, sequence, event_type FROM projection_failure").await,
        failures
    );
}

#[tokio::test]
async fn an_interrupted_rebuild_leaves_the_old_tables_and_the_next_one_begins_anew() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let stories = append(&log, 0, 200);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    let started = Arc::new(tokio::sync::Notify::new());
    let task = tokio::spawn({
        let (rebuilder, started) = (rebuilder(&pool, &log), Arc::clone(&started));
        async move {
            let tell = |_: &Progress| started.notify_one();
            rebuilder.rebuild("job_status", &tell).await
        }
    });
    started.notified().await;
    task.abort();
    assert!(task.await.is_err(), "it was still at work");
    assert!(job_status::get(&pool, &stories[0].job).await.unwrap().is_some());
    let again = rebuilder(&pool, &log);
    crate::support::until("the interrupted one has let go", || async {
        again.rebuild("job_status", &quietly).await.ok()
    })
    .await;
    no_difference(&again).await;
    running.stop().await;
}

#[tokio::test]
async fn a_new_projection_is_filled_before_its_projector_begins() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    append(&log, 0, 30);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    // As if the migration had only just made it.
    let client = database.client().await;
    client.batch_execute("TRUNCATE plan; DELETE FROM projection_checkpoint WHERE projection = 'plan'").await.unwrap();

    let rebuilder = rebuilder(&pool, &log);
    let rebuilt = rebuilder.rebuild("plan", &quietly).await.unwrap();
    assert_eq!(rebuilt.positions[0].sequence, log.last("PLANS"));
    let checkpoints = ally_projections::list_checkpoints(&pool).await.unwrap();
    assert!(checkpoints.iter().any(|one| one.projection == "plan" && one.position == rebuilt.positions[0]));
    append(&log, 30, 40);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    no_difference(&rebuilder).await;
    assert_eq!(database.table("SELECT 1 FROM plan").await.len(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_views_follow_a_new_stream_when_somebody_decides_so_and_not_before() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    append(&log, 0, 10);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let (rebuilder, checkpoints) = (rebuilder(&pool, &log), Checkpoints::listen(pool.clone()));
    let at = |sequence| Position { stream: "PLANS".to_owned(), sequence };
    let patience = Duration::from_secs(20);
    assert_eq!(checkpoints.wait_for(&at(log.last("PLANS")), patience).await, Waited::Reached);

    log.replace("PLANS");
    append(&log, 20, 24);
    // As schedules and entries of a manifest are: numbers at the end that are no events.
    log.append_foreign("PLANS", "ally.schedule.PLANS.planner.1");
    for end in [
        rebuilder.rebuild("job_status", &quietly).await.map(|_| ()),
        rebuilder.verify("job_status", &quietly).await.map(|_| ()),
    ] {
        assert!(matches!(&end, Err(RebuildError::LogReplaced(it)) if it.stream == "PLANS"), "{end:?}");
    }
    for projection in PROJECTIONS {
        let replaced = rebuilder.replaced(projection.name).await.unwrap();
        assert_eq!(!replaced.is_empty(), projection.streams.contains(&"PLANS"), "{}", projection.name);
        rebuilder.rebuild_from(projection.name, NewStream::Accepted, &quietly).await.unwrap();
        assert_eq!(rebuilder.replaced(projection.name).await.unwrap(), [], "{}", projection.name);
    }
    let counts = job_status::counts(&pool).await.unwrap();
    assert_eq!(counts.of(ally_domain::job::JobStatus::Completed), 4, "{counts:?}");
    let running = Running::start(&pool, &log);
    let last = append(&log, 24, 25).len() as u64;
    assert_eq!(last, 1);
    crate::support::until("the projector goes on in the new stream", || async {
        let counts = job_status::counts(&pool).await.unwrap();
        (counts.of(ally_domain::job::JobStatus::Completed) == 5).then_some(())
    })
    .await;
    no_difference(&rebuilder).await;
    // A read that names a position waits for the new stream's, not for the old one's that was farther.
    crate::support::until("the old position is forgotten", || async {
        let beyond = checkpoints.wait_for(&at(log.last("PLANS") + 1), Duration::ZERO).await;
        (beyond == Waited::TimedOut).then_some(())
    })
    .await;
    assert_eq!(checkpoints.wait_for(&at(log.last("PLANS") - 1), patience).await, Waited::Reached);
    running.stop().await;
}
