//! What the views answer after events went through the projector.

use ally_domain::ids::{AthleteId, JobId};
use ally_domain::job::{ArchivedEvents, FailureCode, JobCommand, JobStatus};
use ally_domain::ports::Passed;
use ally_projections::job_status::{JobStatusView, Place, Wanted};
use ally_projections::{Database, athlete_profile, job_status, job_timeline, plan, workout};
use time::macros::datetime;

use crate::support::{MemoryLog, Running, Story, TestDatabase, answers, athlete, caught_up, profile, trace};

fn append(log: &MemoryLog, stream: &str, events: impl IntoIterator<Item = ally_domain::envelope::Recorded>) {
    for event in events {
        log.append(stream, event);
    }
}

#[tokio::test]
async fn one_job_from_its_promise_to_its_plan() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let mut story = Story::promised(&athlete("amy"));
    story.trace = trace(9);
    append(&log, "ONBOARDING", story.onboarding());
    append(&log, "PLANS", story.whole());
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;

    let view = job_status::get(&pool, &story.job).await.unwrap().unwrap();
    assert_eq!((view.status, view.progress, view.attempts, view.phase), (JobStatus::Completed, 100, 1, None));
    assert_eq!(view.plan_id, Some(story.plan()));
    assert_eq!(view.trace_id.as_deref(), Some("0000000000000000000000000000000a"));
    assert_eq!((view.created.to_string(), view.last.to_string()), ("ONBOARDING:2".into(), "PLANS:5".into()));
    let all = log.events("ONBOARDING").into_iter().chain(log.events("PLANS")).collect::<Vec<_>>();
    let folded = job_status::from_history(&story.job, &all).unwrap().unwrap();
    assert_eq!(job_status::get(&pool, &story.job).await.unwrap(), Some(folded), "rows and log must agree");

    let made = plan::get(&pool, &story.plan()).await.unwrap().unwrap();
    assert!(story.created().data.contains(made.document.get()), "the document is kept byte for byte");
    assert_eq!((made.summary.version, &made.summary.job_id), (1, &story.job));
    assert_eq!(plan::list_for_athlete(&pool, &story.athlete, 10).await.unwrap(), vec![made.summary.clone()]);
    assert_eq!(plan::versions(&pool, &story.plan()).await.unwrap().len(), 1);
    assert!(plan::get_version(&pool, &story.plan(), 2).await.unwrap().is_none());

    let record = athlete_profile::get(&pool, &story.athlete).await.unwrap().unwrap();
    assert_eq!((&record.answers, record.missing()), (&answers(), vec![]));
    assert_eq!(record.current().map(|current| (&current.profile, &current.job_id)), Some((&profile(), &story.job)));
    assert!(record.earlier().is_empty());
    let folded = log.events("ONBOARDING").iter().try_fold(None, athlete_profile::fold).unwrap();
    assert_eq!(folded, Some(record));

    let timeline = job_timeline::get(&pool, &story.job).await.unwrap();
    let expected = all.iter().filter_map(|event| job_timeline::entry(event).unwrap()).collect::<Vec<_>>();
    assert_eq!(timeline, expected);
    assert_eq!(timeline.len(), 5, "the promise and four events of the job");
}

#[tokio::test]
async fn every_way_a_job_can_go_shows_in_status_counts_and_queue() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let amy = athlete("amy");
    let retry_at = datetime!(2026-11-20 09:00 UTC);
    let later = |attempt| JobCommand::FailAttempt { attempt, reason: "busy".into(), retry_at, attempts_left: 2 };
    let infeasible = JobCommand::Fail { attempt: 1, code: FailureCode::Infeasible, reason: "20 minutes".into() };
    let park = JobCommand::DeadLetter { reason: "died".into(), fingerprint: "fp".into() };
    let scripts: [(&str, Vec<Option<JobCommand>>, JobStatus); 7] = [
        ("queued", vec![], JobStatus::Queued),
        ("running", vec![None], JobStatus::Running),
        ("retrying", vec![None, Some(later(1))], JobStatus::Retrying),
        ("failed", vec![None, Some(infeasible)], JobStatus::Failed),
        ("dead", vec![None, Some(later(1)), None, Some(park.clone())], JobStatus::DeadLettered),
        ("redriven", vec![None, Some(park), Some(JobCommand::Redrive { note: "ok".into() })], JobStatus::Queued),
        ("cancelling", vec![None, Some(JobCommand::Cancel)], JobStatus::Cancelling),
    ];
    let mut jobs = Vec::<(JobId, JobStatus)>::new();
    for (key, script, expected) in scripts {
        let mut story = Story::new(&amy, key);
        append(&log, "PLANS", story.request());
        for command in script {
            let events = match command {
                Some(command) => story.tell(&command),
                None => story.start(),
            };
            append(&log, "PLANS", events);
        }
        jobs.push((story.job, expected));
    }
    let promised = Story::promised(&athlete("ben"));
    append(&log, "ONBOARDING", promised.onboarding());
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;

    for (job, expected) in &jobs {
        let view = job_status::get(&pool, job).await.unwrap().unwrap();
        assert_eq!(view.status, *expected);
        assert_eq!(view.completed_at.is_some(), expected.is_terminal());
        assert_eq!(view.next_retry_at.is_some(), *expected == JobStatus::Retrying);
        let code = view.error.map(|error| error.code);
        let expected_code = match expected {
            JobStatus::Failed => Some("infeasible"),
            JobStatus::Retrying => Some("attempt_failed"),
            JobStatus::DeadLettered => Some("attempts_exhausted"),
            _ => None,
        };
        assert_eq!(code.as_deref(), expected_code);
    }
    let figures = job_status::queue(&pool, 5).await.unwrap();
    let count = |status| figures.jobs.of(status);
    assert_eq!(count(JobStatus::Queued), 3, "two requested, one promised");
    assert_eq!([JobStatus::Running, JobStatus::Retrying, JobStatus::Failed].map(count), [1, 1, 1]);
    assert_eq!([JobStatus::DeadLettered, JobStatus::Cancelling, JobStatus::Completed].map(count), [1, 1, 0]);
    assert_eq!(figures.busiest.len(), 1);
    assert_eq!(figures.busiest[0].open_jobs, 5);
    let oldest = jobs.first().map(|(job, _)| job).unwrap();
    let oldest = job_status::get(&pool, oldest).await.unwrap().unwrap();
    assert_eq!(figures.oldest_queued_at, Some(oldest.queued_at));
    let all = job_status::page_for_athlete(&pool, &amy, &Wanted::default(), None, 100).await.unwrap();
    assert_eq!(all.len(), 7);
    running.stop().await;
    jobs_are_paged(&pool, &amy, &all).await;
}

/// Jobs are listed newest first, each once, whichever pages there are and whatever is wanted of them.
async fn jobs_are_paged(pool: &Database, athlete: &AthleteId, all: &[JobStatusView]) {
    let places: Vec<_> = all.iter().map(JobStatusView::place).collect();
    assert!(places.windows(2).all(|pair| pair[0] > pair[1]), "newest first: {places:?}");
    let page = |wanted: Wanted, behind: Option<Place>, limit| async move {
        job_status::page_for_athlete(pool, athlete, &wanted, behind.as_ref(), limit).await.unwrap()
    };
    let ids = |jobs: &[JobStatusView]| jobs.iter().map(|job| job.job_id.clone()).collect::<Vec<_>>();
    for size in [1, 2, 3, 7, 8] {
        let (mut seen, mut behind) = (Vec::new(), None);
        loop {
            let jobs = page(Wanted::default(), behind, size).await;
            let Some(last) = jobs.last() else { break };
            behind = Some(last.place());
            seen.extend(ids(&jobs));
        }
        assert_eq!(seen, ids(all), "in pages of {size}");
    }
    let ended = Wanted { statuses: vec![JobStatus::Failed, JobStatus::DeadLettered], ..Wanted::default() };
    let jobs = page(ended, None, 100).await;
    assert_eq!(jobs.len(), 2);
    assert!(jobs.iter().all(|job| [JobStatus::Failed, JobStatus::DeadLettered].contains(&job.status)));
    let middle = all[3].created_at;
    let since = page(Wanted { since: Some(middle), ..Wanted::default() }, None, 100).await;
    let until = page(Wanted { until: Some(middle), ..Wanted::default() }, None, 100).await;
    assert_eq!(ids(&[since.clone(), until.clone()].concat()), ids(all), "each job is on one side of a moment");
    assert!(since.iter().all(|job| job.created_at >= middle) && until.iter().all(|job| job.created_at < middle));
    let of_eve = job_status::page_for_athlete(pool, &"eve".parse().unwrap(), &Wanted::default(), None, 100).await;
    assert_eq!(of_eve.unwrap(), Vec::new());
}

#[tokio::test]
async fn what_is_not_there_is_none() {
    let database = TestDatabase::migrated().await;
    let pool = database.pool();
    let story = Story::new(&athlete("amy"), "k");
    assert_eq!(job_status::get(&pool, &story.job).await.unwrap(), None);
    assert!(plan::get(&pool, &story.plan()).await.unwrap().is_none());
    assert_eq!(athlete_profile::get(&pool, &story.athlete).await.unwrap(), None);
    assert!(job_timeline::get(&pool, &story.job).await.unwrap().is_empty());
    assert_eq!(job_status::queue(&pool, 5).await.unwrap().oldest_queued_at, None);
}

#[tokio::test]
async fn plans_are_paged_newest_in_the_log_first() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let (amy, bea) = (athlete("amy"), athlete("bea"));
    let mut made = Vec::new();
    for (whose, key) in [(&amy, "1"), (&bea, "1"), (&amy, "2"), (&amy, "3")] {
        let mut story = Story::new(whose, key);
        append(&log, "PLANS", story.whole());
        made.push(story.plan());
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;

    let first = plan::page_for_athlete(&pool, &amy, None, 2).await.unwrap();
    assert_eq!(first.iter().map(|plan| &plan.plan_id).collect::<Vec<_>>(), [&made[3], &made[2]]);
    let rest = plan::page_for_athlete(&pool, &amy, Some(first[1].position.sequence), 2).await.unwrap();
    assert_eq!(rest.iter().map(|plan| &plan.plan_id).collect::<Vec<_>>(), [&made[0]]);
    assert!(plan::page_for_athlete(&pool, &amy, Some(rest[0].position.sequence), 2).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_archived_job_looks_as_it_did_and_its_timeline_says_where_its_events_are() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let mut story = Story::new(&athlete("amy"), "one");
    append(&log, "PLANS", story.whole());
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    let before = job_status::get(&pool, &story.job).await.unwrap();
    let copy = ArchivedEvents { segment: "s1".into(), first: 1, last: 4, events: 4 };
    append(&log, "PLANS", story.tell(&JobCommand::Archive(copy)));
    caught_up(&pool, &log).await;
    running.stop().await;
    assert_eq!(pool.passed("PLANS").await.unwrap(), log.events("PLANS").len() as u64);
    assert_eq!(pool.passed("ADVISORIES").await.unwrap(), 0, "no view is fed from there");

    assert_eq!(job_status::get(&pool, &story.job).await.unwrap(), before);
    assert_eq!(job_status::from_history(&story.job, &log.events("PLANS")).unwrap(), before);
    let timeline = job_timeline::get(&pool, &story.job).await.unwrap();
    assert_eq!(timeline.last().unwrap().summary, "Its 4 events went to the archive");
}

#[tokio::test]
async fn of_all_who_take_turns_one_has_it() {
    let database = TestDatabase::migrated().await;
    let (one, other) = (database.pool(), database.pool());
    let turn = one.turn("test").await.unwrap();
    assert!(turn.is_some() && other.turn("test").await.unwrap().is_none());
    assert!(other.turn("another").await.unwrap().is_some(), "at another thing");
    drop(turn);
    let again = async {
        // The server notices in its own time that a connection is gone.
        while other.turn("test").await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), again).await.unwrap();
}

#[tokio::test]
async fn a_training_log_holds_the_newest_workout_of_each_session_and_every_report_of_pain() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let mut story = Story::promised(&athlete("amy"));
    append(&log, "PLANS", story.whole());
    let done = |session: &str, note: &str| {
        format!(
            r#""workout":{{"sessionId":"{session}","performedAt":"2026-11-23T19:00:00+01:00","items":[],"note":"{note}"}}"#
        )
    };
    let hurts = r#""report":{"at":"2026-11-23T07:00:00Z",  "pain":[{"bodyPart":"knee","level":7}]}"#.to_owned();
    let entries = [
        ("workout_logged", done("w1d1", "first")),
        ("workout_logged", done("w1d2", "other")),
        ("pain_reported", hurts),
        ("workout_logged", done("w1d1", "mended")),
    ];
    append(&log, "PLANS", entries.iter().enumerate().map(|(n, (name, data))| story.entry(name, n, data)));
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;

    let entries = workout::of_plan(&pool, &story.plan(), None, 500).await.unwrap();
    let documents: Vec<_> = entries.iter().map(|entry| entry.document.get()).collect();
    assert_eq!(documents.len(), 3);
    assert!(documents[0].contains(r#"Z",  "pain"#), "the oldest first, byte for byte: {documents:?}");
    assert!(documents[1].contains("other") && documents[2].contains("mended"), "{documents:?}");
    assert_eq!(entries[2].plan_version, Some(1));
    for size in [1, 2, 3] {
        let (mut paged, mut behind) = (Vec::new(), None);
        loop {
            let page = workout::of_plan(&pool, &story.plan(), behind, size).await.unwrap();
            let Some(last) = page.last() else { break };
            behind = Some(last.place());
            paged.extend(page.iter().map(|entry| entry.entry_id.clone()));
        }
        assert_eq!(paged, entries.iter().map(|entry| entry.entry_id.clone()).collect::<Vec<_>>(), "in pages of {size}");
    }
    let folded = log.events("PLANS").iter().filter_map(|event| workout::from_event(event).unwrap()).collect();
    let same = workout::in_order(folded).into_iter().map(|entry| entry.entry_id).collect::<Vec<_>>();
    assert_eq!(same, entries.into_iter().map(|entry| entry.entry_id).collect::<Vec<_>>(), "rows and log must agree");
}
