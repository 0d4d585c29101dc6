//! The whole system: jobs run, leave the log, and are what they were to everybody who asks.

use reqwest::Method;
use serde_json::Value;

use crate::operator::bench::{Ally, said, text};
use crate::system::{System, eventually};

const JOBS: usize = 12;

/// What an athlete sees of a job: where it stands and how it got there.
async fn seen(ally: &Ally, job: &str) -> (Value, Vec<Value>) {
    let get = async |path: String| -> Value {
        let answer = ally.client.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    };
    let timeline = get(format!("/api/v1/jobs/{job}/timeline")).await;
    (get(format!("/api/v1/jobs/{job}")).await, timeline["entries"].as_array().unwrap().clone())
}

pub fn with_archive(system: &mut System) {
    let folder = system.folder().join("archive");
    system.set("ARCHIVE_URL", &format!("file://{}", folder.display()));
    // Small segments, so that there are several.
    system.set("ARCHIVE_SEGMENT_BYTES", "20000");
}

pub async fn views_have_caught_up(ally: &Ally) {
    eventually("every view caught up", async || {
        ally.objects(&["projections", "status"]).iter().all(|it| it["behind"] == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_that_a_job_left_the_log() {
    let ally = Ally::start_with(with_archive).await;
    let mut jobs = Vec::new();
    for n in 0..JOBS {
        jobs.push(ally.client.generate(&format!("key-{n}")).await);
    }
    for job in &jobs {
        assert_eq!(ally.client.ended(job).await.status, "completed");
    }
    views_have_caught_up(&ally).await;
    let mut before = Vec::new();
    for job in &jobs {
        before.push(seen(&ally, job).await);
    }

    let found = ally.objects(&["archive", "run", "--after", "0", "--dry-run"]).remove(0);
    assert!(found["jobs"].as_u64() >= Some(JOBS as u64), "{found}");
    assert!(ally.objects(&["archive", "list"]).is_empty(), "a dry run moves nothing");
    assert_eq!(ally.objects(&["archive", "run"]).remove(0)["jobs"], 0, "nothing is thirty days old");
    let moved = ally.objects(&["archive", "run", "--after", "0"]).remove(0);
    assert!(moved["jobs"] == found["jobs"] && moved["segments"].as_u64() > Some(1), "{moved}");
    let hot = ally.system.hot_subjects().await;
    assert!(jobs.iter().all(|job| hot.iter().filter(|subject| subject.contains(job.as_str())).count() == 1), "{hot:?}");

    // The athlete.
    views_have_caught_up(&ally).await;
    for (job, (status, timeline)) in jobs.iter().zip(&before) {
        let (status_now, timeline_now) = seen(&ally, job).await;
        assert_eq!(&status_now, status);
        assert_eq!(&timeline_now[..timeline.len()], &timeline[..], "the same past");
        assert!(text(&timeline_now[timeline.len()], "summary").contains("went to the archive"), "{timeline_now:?}");
    }
    for (n, job) in jobs.iter().enumerate() {
        assert_eq!(&ally.client.generate(&format!("key-{n}")).await, job, "the same key is the same job");
    }
    let cancel = ally.client.request(Method::POST, &format!("/api/v1/jobs/{}/cancel", jobs[0])).send().await.unwrap();
    assert_eq!(cancel.status(), 409, "{}", cancel.text().await.unwrap());

    // The operator.
    let verified = ally.objects(&["projections", "verify"]);
    // Nothing was given up here, nobody trained, nobody came into a room, and no app has an endpoint.
    let empty = ["dead_letter", "workout", "presence", "channel_metadata", "webhook_endpoint", "webhook_delivery"];
    let rows = |it: &Value| it["rows"].as_u64() > Some(0) || empty.contains(&text(it, "projection"));
    assert!(verified.iter().all(|it| it["differing"] == 0 && rows(it)), "{verified:?}");
    for view in ["job_status", "job_timeline", "plan"] {
        ally.objects(&["projections", "rebuild", view]);
    }
    for (job, (status, _)) in jobs.iter().zip(&before) {
        assert_eq!(&seen(&ally, job).await.0, status, "after the rebuild");
    }
    let shown = ally.objects(&["jobs", "show", &jobs[0]]).remove(0);
    assert_eq!((&shown["state"]["status"], &shown["state"]["attempts"]), (&"completed".into(), &1.into()));
    let steps = ally.objects(&["events", "replay", "job", &jobs[0]]);
    assert_eq!(text(&steps[0]["event"], "type"), "plan_job.requested.v1");
    let refused = ally.run(&["jobs", "cancel", &jobs[0]]);
    assert!(
        refused.status.code() == Some(2) && said(&refused).contains("completed and archived"),
        "{}",
        said(&refused)
    );
    let segment = shown["state"]["archivedIn"].as_str().unwrap().to_owned();
    let told = ally.runbook("archive", &[("SEGMENT", &segment), ("JOB", &jobs[0])]);
    assert!(told.contains("whole and undamaged") && told.contains("finished"), "{told}");

    // No second plan, no second run: the log holds as many completions and plans as there were jobs.
    let completed = ally.objects(&["events", "tail", "--type", "completed", "-n", "1000"]).len();
    let created = ally.objects(&["events", "tail", "--type", "plan.created", "-n", "1000"]).len();
    assert_eq!((completed, created), (JOBS, JOBS));

    let mut blind = ally.system.command(&["projections", "verify", "job_status"]);
    let blind = blind.env_remove("ARCHIVE_URL").output().unwrap();
    assert!(blind.status.code() == Some(2) && said(&blind).contains("ARCHIVE_URL"), "{}", said(&blind));
    ally.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_projector_archives_by_itself() {
    let ally = Ally::start_with(|system| {
        with_archive(system);
        system.set("ARCHIVE_AFTER_SECONDS", "0").set("ARCHIVE_EVERY_SECONDS", "1");
    })
    .await;
    let job = ally.client.generate("one").await;
    assert_eq!(ally.client.ended(&job).await.status, "completed");
    eventually("the job left the log", async || {
        let hot = ally.system.hot_subjects().await;
        (hot.iter().filter(|subject| subject.contains(&job)).count() == 1).then_some(())
    })
    .await;
    eventually("the metrics tell", async || {
        let told = ally.projector.metrics().await;
        (told.contains("archive_jobs_total 1") && told.contains(r#"archive_runs_total{outcome="ok"}"#)).then_some(())
    })
    .await;
    assert_eq!(ally.client.job(&job).await.status, "completed");
    ally.remove().await;
}
