//! Jobs that must not begin before a moment or must be finished by one, as the views show, list and count them.

use ally_domain::job::{JobCommand, JobStatus};
use ally_projections::job_status::{self, Wanted};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::support::{DECIDED_AT, MemoryLog, Running, Story, TestDatabase, athlete, caught_up};

/// Behind the clock of any database.
const AHEAD: OffsetDateTime = datetime!(2150-01-01 6:00 UTC);
/// Before it.
const DUE: OffsetDateTime = datetime!(2001-01-01 6:00 UTC);

struct Views {
    database: TestDatabase,
    log: MemoryLog,
}

impl Views {
    fn tell(&self, story: &mut Story, commands: &[JobCommand]) {
        for event in story.request() {
            self.log.append("PLANS", event);
        }
        for command in commands {
            for event in story.tell(command) {
                self.log.append("PLANS", event);
            }
        }
    }
}

fn story(key: &str, not_before: Option<OffsetDateTime>) -> Story {
    let mut story = Story::new(&athlete("amy"), key);
    story.not_before = not_before;
    story
}

#[tokio::test]
async fn a_scheduled_job_is_listed_and_counted_as_what_it_is_at_that_moment() {
    let views = Views { database: TestDatabase::migrated().await, log: MemoryLog::default() };
    let (mut ahead, mut due, mut forward) = (story("a", Some(AHEAD)), story("b", Some(DUE)), story("c", Some(AHEAD)));
    let mut plain = story("d", None);
    views.tell(&mut ahead, &[]);
    views.tell(&mut due, &[]);
    views.tell(&mut forward, &[JobCommand::Expedite]);
    views.tell(&mut plain, &[]);
    let pool = views.database.pool();
    let running = Running::start(&pool, &views.log);
    caught_up(&pool, &views.log).await;
    running.stop().await;

    let view = job_status::get(&pool, &ahead.job).await.unwrap().unwrap();
    assert_eq!((view.status, view.not_before, view.queued_at), (JobStatus::Scheduled, Some(AHEAD), AHEAD));
    assert_eq!(view.clone().as_of(AHEAD - Duration::SECOND).status, JobStatus::Scheduled);
    assert_eq!(view.as_of(AHEAD).status, JobStatus::Queued);
    let forward = job_status::get(&pool, &forward.job).await.unwrap().unwrap();
    assert_eq!(forward.status, JobStatus::Queued);
    assert!(forward.queued_at < AHEAD, "it waits since it was put forward");

    let listed = async |status, at| {
        let wanted = Wanted { statuses: vec![status], at: Some(at), ..Wanted::default() };
        let jobs = job_status::page_for_athlete(&pool, &athlete("amy"), &wanted, None, 10).await.unwrap();
        let mut ids: Vec<_> = jobs.into_iter().map(|job| job.job_id).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(listed(JobStatus::Scheduled, DECIDED_AT).await, [ahead.job.clone()]);
    assert_eq!(listed(JobStatus::Queued, DECIDED_AT).await.len(), 3);
    assert_eq!(listed(JobStatus::Scheduled, AHEAD).await, []);
    assert_eq!(listed(JobStatus::Queued, AHEAD).await.len(), 4);

    let figures = job_status::queue(&pool, 5).await.unwrap();
    assert_eq!(figures.jobs.of(JobStatus::Scheduled), 1, "what is due is not among them");
    assert_eq!(figures.jobs.of(JobStatus::Queued), 3, "what is due waits");
    assert_eq!(figures.oldest_queued_at, Some(DUE));
    assert_eq!(figures.busiest[0].open_jobs, 4);
}

#[tokio::test]
async fn only_what_waits_for_its_time_is_no_queue() {
    let views = Views { database: TestDatabase::migrated().await, log: MemoryLog::default() };
    views.tell(&mut story("a", Some(AHEAD)), &[]);
    let pool = views.database.pool();
    let running = Running::start(&pool, &views.log);
    caught_up(&pool, &views.log).await;
    running.stop().await;
    let figures = job_status::queue(&pool, 5).await.unwrap();
    assert_eq!((figures.jobs.of(JobStatus::Queued), figures.oldest_queued_at), (0, None));
}

#[tokio::test]
async fn open_jobs_behind_their_deadlines_are_found_the_longest_overdue_first() {
    let views = Views { database: TestDatabase::migrated().await, log: MemoryLog::default() };
    let deadline = DECIDED_AT + Duration::HOUR;
    let with = |key: &str, deadline| {
        let mut story = story(key, None);
        story.deadline = Some(deadline);
        story
    };
    let mut waiting = with("a", deadline);
    let mut earlier = with("b", deadline - Duration::MINUTE);
    let mut cancelled = with("c", deadline);
    let mut ended = with("d", deadline);
    views.tell(&mut waiting, &[]);
    views.tell(&mut earlier, &[]);
    views.tell(&mut cancelled, &[JobCommand::Cancel]);
    views.tell(&mut ended, &[JobCommand::Expire { at: deadline + Duration::HOUR }]);
    views.tell(&mut story("e", None), &[]);
    let pool = views.database.pool();
    let running = Running::start(&pool, &views.log);
    caught_up(&pool, &views.log).await;
    running.stop().await;
    let overdue = async |at, limit| job_status::overdue(&pool, at, limit).await.unwrap();
    assert_eq!(overdue(deadline, 10).await, [earlier.job.clone()]);
    assert_eq!(overdue(deadline + Duration::SECOND, 10).await, [earlier.job.clone(), waiting.job]);
    assert_eq!(overdue(deadline + Duration::SECOND, 1).await, [earlier.job]);
    let view = job_status::get(&pool, &ended.job).await.unwrap().unwrap();
    assert_eq!(view.error.map(|error| error.code).as_deref(), Some("deadline_passed"));
}
