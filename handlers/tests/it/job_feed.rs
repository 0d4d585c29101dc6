//! Who follows a job or an athlete is told each of its events, once and in order.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::ids::JobId;
use ally_domain::outcome::Outcome;
use ally_handlers::job_feed::{End, JobFeed, JobFollower, Notice};
use tokio_util::sync::CancellationToken;

use crate::bench::{Bench, amy, deliver, scripted};

/// A feed over a log, as it runs in a role.
struct Running {
    bench: Bench,
    feed: JobFeed,
    stop: CancellationToken,
}

impl Running {
    fn begin() -> Self {
        let bench = Bench::new();
        let feed = JobFeed::new(Arc::new(bench.store.clone()));
        let stop = CancellationToken::new();
        tokio::spawn(feed.clone().follow_log(stop.clone()));
        Self { bench, feed, stop }
    }

    async fn complete(&self, requested: &Recorded) {
        assert_eq!(deliver(&self.bench.planner(scripted([]), 3), requested).await, Outcome::Done);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn next(follower: &mut JobFollower) -> Option<Notice> {
    tokio::time::timeout(Duration::from_secs(20), follower.next()).await.expect("a notice")
}

async fn event(follower: &mut JobFollower) -> (JobId, String) {
    match next(follower).await {
        Some(Notice::Event(event)) => (event.aggregate.id.as_str().parse().unwrap(), event.event_type.name.clone()),
        other => panic!("no event: {other:?}"),
    }
}

/// Reads the rest of a job; an attempt that is quick is no event of its own.
async fn told_to_the_end(follower: &mut JobFollower, job: &JobId) {
    loop {
        let (of, name) = event(follower).await;
        assert_eq!(of, *job);
        if name == "completed" {
            return;
        }
    }
}

#[tokio::test]
async fn an_athletes_follower_is_told_of_jobs_that_begin_later() {
    let running = Running::begin();
    let mut follower = running.feed.follow_athlete(&amy());
    follower.reading().await;
    let (job, requested) = running.bench.requested().await;
    running.complete(&requested).await;
    assert_eq!(event(&mut follower).await, (job.clone(), "requested".to_owned()));
    told_to_the_end(&mut follower, &job).await;
}

#[tokio::test]
async fn a_job_that_is_added_is_told_behind_the_place_of_its_adding() {
    let running = Running::begin();
    let (job, requested) = running.bench.requested().await;
    let mut follower = running.feed.follow_athlete(&amy());
    follower.reading().await;
    let place = follower.add_all([&job]).unwrap();
    assert_eq!(place.sequence, requested.position.sequence, "what was before is to be read from the log");
    running.complete(&requested).await;
    told_to_the_end(&mut follower, &job).await;
}

#[tokio::test]
async fn the_reader_rests_while_nobody_follows() {
    let running = Running::begin();
    let follower = running.feed.follow_athlete(&amy());
    let before = follower.reading().await;
    assert_eq!(running.feed.len(), 1);
    drop(follower);
    assert!(running.feed.is_empty());
    let (job, requested) = running.bench.requested().await;
    let mut late = running.feed.follow_job(&job);
    // It may have been told by the same reader, or by one that began at the end of the log; in both cases the place says so.
    let place = late.reading().await;
    assert!(place.log == before.log && place.sequence <= requested.position.sequence);
    late.reached(requested.position.sequence).await;
    running.complete(&requested).await;
    told_to_the_end(&mut late, &job).await;
}

#[tokio::test]
async fn a_follower_that_does_not_read_is_cut_off_and_the_others_are_not() {
    let running = Running::begin();
    let (mut slow, mut quick) = (running.feed.follow_athlete(&amy()), running.feed.follow_athlete(&amy()));
    slow.reading().await;
    running.bench.onboard(&amy()).await;
    let mut requested = 0;
    while running.feed.len() == 2 {
        let wish = ally_handlers::PlanWish::default();
        let key = format!("job {requested}");
        running.bench.submissions.request_plan(&amy(), Some(&key), &wish, &crate::bench::origin(&amy())).await.unwrap();
        requested += 1;
        assert_eq!(event(&mut quick).await.1, "requested");
        assert!(requested <= 2_000, "it is never cut off");
    }
    let mut waiting = 0;
    while let Some(Notice::Event(_)) = next(&mut slow).await {
        waiting += 1;
    }
    assert_eq!(waiting, 1_024, "what waited is told before the end");
    assert!(next(&mut slow).await.is_none());
}

#[tokio::test]
async fn the_end_says_why() {
    let running = Running::begin();
    let mut follower = running.feed.follow_athlete(&amy());
    follower.reading().await;
    running.bench.store.make_anew();
    assert!(matches!(next(&mut follower).await, Some(Notice::End(End::NewLog))));
}
