//! A job is fed by two streams. Whatever order they are read in, the same row comes out and no status goes backwards.

use ally_domain::envelope::{Position, Recorded};
use ally_domain::job::{FailureCode, JobCommand, Priority};
use ally_projections::ProjectorConfig;
use ally_projections::job_status::{self, JobStatusView};
use proptest::prelude::*;
use time::macros::datetime;

use crate::support::{DECIDED_AT, MemoryLog, Running, Story, TestDatabase, athlete, caught_up, quick};

/// What may be tried; the decider refuses what does not fit.
fn command(choice: u8, attempt: u32) -> JobCommand {
    let retry_at = datetime!(2026-11-20 10:00:00.987654321 UTC);
    match choice % 9 {
        0 if choice > 128 => JobCommand::Expedite,
        0 | 1 if choice > 200 => {
            JobCommand::Start { lane: Priority::High, worker: "w".into(), max_attempts: 3, at: DECIDED_AT }
        }
        0 | 1 => JobCommand::Start { lane: Priority::Normal, worker: "w".into(), max_attempts: 3, at: DECIDED_AT },
        2 => JobCommand::Progress { attempt, phase: "composing".into(), percent: choice },
        3 => JobCommand::FailAttempt { attempt, reason: "busy".into(), retry_at, attempts_left: 2 },
        4 => JobCommand::Cancel,
        5 => JobCommand::DeadLetter { reason: "died".into(), fingerprint: "fp".into() },
        8 => JobCommand::Expire { at: DECIDED_AT },
        6 => JobCommand::Redrive { note: "again".into() },
        _ => JobCommand::Fail { attempt, code: FailureCode::Infeasible, reason: "no".into() },
    }
}

/// The events of a promised job in the order of their streams.
fn events(name: &str, choices: &[u8]) -> (Vec<Recorded>, Vec<Recorded>) {
    let mut story = Story::promised(&athlete(name));
    let at = |stream: &str, events: Vec<Recorded>| {
        let positions = (1..).map(|sequence| Position { stream: stream.to_owned(), sequence });
        events.into_iter().zip(positions).map(|(event, position)| Recorded { position, ..event }).collect()
    };
    // Far enough ahead to be so still when the counts are compared.
    story.not_before = choices.first().filter(|choice| **choice % 2 == 1).map(|_| datetime!(2100-01-01 0:00 UTC));
    story.deadline = choices.last().filter(|choice| **choice % 5 == 0).map(|_| datetime!(2026-11-20 9:59 UTC));
    let promise = at("ONBOARDING", story.onboarding());
    let mut job = story.request();
    for choice in choices {
        let attempt = story.attempt();
        job.extend(story.tell(&command(*choice, attempt)));
    }
    job.extend(story.complete());
    (promise, at("PLANS", job))
}

fn fold(events: &[Recorded]) -> Option<JobStatusView> {
    let job = Story::promised(&athlete("amy")).job;
    job_status::from_history(&job, events).unwrap()
}

proptest! {
    #[test]
    fn every_interleaving_folds_to_the_same_view(choices in prop::collection::vec(any::<u8>(), 0..12), cuts in (0usize..20, 0usize..20)) {
        let (promise, job) = events("amy", &choices);
        let expected = fold(&[promise.clone(), job.clone()].concat());
        // The two events of onboarding are read before or after any of the job's.
        let (first, second) = (cuts.0.min(cuts.1).min(job.len()), cuts.0.max(cuts.1).min(job.len()));
        let mixed = [&job[..first], &promise[..1], &job[first..second], &promise[1..], &job[second..]].concat();
        prop_assert_eq!(fold(&mixed), expected);
    }

    #[test]
    fn no_event_of_one_stream_undoes_what_the_other_has_said(choices in prop::collection::vec(any::<u8>(), 0..12), cut in 0usize..20) {
        let (promise, job) = events("amy", &choices);
        let cut = cut.min(job.len());
        let before = fold(&job[..cut]);
        let after = fold(&[&job[..cut], &promise].concat());
        if let Some(before) = before {
            prop_assert_eq!(after.map(|view| (view.status, view.attempts, view.last)), Some((before.status, before.attempts, before.last)));
        }
    }

    #[test]
    fn events_that_come_again_change_nothing(choices in prop::collection::vec(any::<u8>(), 0..12), again in 0usize..20) {
        let (promise, job) = events("amy", &choices);
        let once = [promise, job].concat();
        let again = again.min(once.len());
        prop_assert_eq!(fold(&[&once[..], &once[..again]].concat()), fold(&once));
        let stuttered = once.iter().flat_map(|event| [event.clone(), event.clone()]).collect::<Vec<_>>();
        prop_assert_eq!(fold(&stuttered), fold(&once));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_projectors_that_write_the_same_rows_at_once_agree_with_the_fold() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let mut seed = 1_u64;
    let mut random = move || {
        // A plain linear congruential generator: the same run every time.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as u8
    };
    let mut waiting = Vec::new();
    for n in 0..300 {
        let choices = (0..random() % 8).map(|_| random()).collect::<Vec<_>>();
        let (promise, job) = events(&format!("a{n}"), &choices);
        waiting.push((promise.into_iter(), job.into_iter()));
    }
    let running = Running::start_with(&pool, &log, ProjectorConfig { read_events: 5, max_batch_events: 40, ..quick() });
    while !waiting.is_empty() {
        let one = usize::from(random()) % waiting.len();
        let (promise, job) = &mut waiting[one];
        let (stream, next) = if random() % 3 == 0 { ("ONBOARDING", promise.next()) } else { ("PLANS", job.next()) };
        match next {
            Some(event) => drop(log.append(stream, event)),
            None if promise.len() == 0 && job.len() == 0 => drop(waiting.swap_remove(one)),
            None => {}
        }
        if random() % 16 == 0 {
            tokio::task::yield_now().await;
        }
    }
    caught_up(&pool, &log).await;
    running.stop().await;
    let all = [log.events("ONBOARDING"), log.events("PLANS")].concat();
    for n in 0..300 {
        let job = Story::promised(&athlete(&format!("a{n}"))).job;
        assert_eq!(job_status::get(&pool, &job).await.unwrap(), job_status::from_history(&job, &all).unwrap());
    }
    let counts = job_status::counts(&pool).await.unwrap();
    let counted = database.rows("SELECT status, count(*) FROM job_status GROUP BY status", &[]).await;
    for status in ally_domain::job::JobStatus::ALL {
        let row = counted.iter().find(|row| row.get::<_, &str>(0) == status.as_str());
        assert_eq!(counts.of(status), row.map_or(0, |row| row.get::<_, i64>(1)).unsigned_abs(), "{status:?}");
    }
}
