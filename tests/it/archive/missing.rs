//! A segment of the archive is gone: nothing is rebuilt with a hole, what serves goes on, and everybody is told which.

use reqwest::Method;
use serde_json::Value;

use super::whole::{views_have_caught_up, with_archive};
use crate::operator::bench::{Ally, objects, said, text};
use crate::system::eventually;

const JOBS: usize = 6;

/// Removes the rows of a job, as a rebuild over a hole would have.
async fn forget(ally: &Ally, job: &str) {
    let database = ally.system.variable("DATABASE_URL");
    let (client, connection) = tokio_postgres::connect(database, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    assert_eq!(client.execute("DELETE FROM job_status WHERE job_id = $1", &[&job]).await.unwrap(), 1);
    // As a projector does whose transaction changes a row.
    client.execute("SELECT pg_notify('ally_job_changed', $1)", &[&job]).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

async fn problem(ally: &Ally, path: &str) -> (u16, Value) {
    let answer = ally.client.request(Method::GET, path).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_segment_is_named_by_everybody_and_no_view_is_rebuilt_without_it() {
    let ally = Ally::start_with(|system| {
        with_archive(system);
        system.set("ARCHIVE_SEGMENT_BYTES", "5000");
    })
    .await;
    let mut jobs = Vec::new();
    for n in 0..JOBS {
        jobs.push(ally.client.generate(&format!("key-{n}")).await);
    }
    for job in &jobs {
        assert_eq!(ally.client.ended(job).await.status, "completed");
    }
    views_have_caught_up(&ally).await;
    ally.objects(&["archive", "run", "--after", "0"]);
    views_have_caught_up(&ally).await;
    let segments = ally.objects(&["archive", "list"]);
    assert!(segments.len() > 1 && segments.iter().all(|it| it["state"] == "finished"), "{segments:?}");

    let archive = ally.system.folder().join("archive").join(ally.system.variable("ALLY_PREFIX")).join("PLANS");
    let gone = ally.objects(&["jobs", "show", &jobs[JOBS - 1]])[0]["state"]["archivedIn"].as_str().unwrap().to_owned();
    let file = archive.join(format!("{gone}.jsonl.zst"));
    let kept = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();

    // The operator.
    let listed = ally.run(&["archive", "list", "--json"]);
    assert_eq!(listed.status.code(), Some(1), "{}", said(&listed));
    let missing: Vec<_> = objects(&listed).into_iter().filter(|it| it["state"] == "missing").collect();
    assert_eq!((missing.len(), text(&missing[0], "segment")), (1, gone.as_str()));
    let doctor = objects(&ally.run(&["doctor", "--json"]));
    let told = doctor.iter().find(|finding| finding["what"] == "archive").unwrap();
    assert!(told["well"] == false && told.to_string().contains(&gone), "{told}");
    ally.runbook("missing-segment", &[]);
    for command in ["rebuild", "verify"] {
        let stopped = ally.run(&["projections", command, "job_status"]);
        assert_eq!(stopped.status.code(), Some(2), "{command}: {}", said(&stopped));
        assert!(said(&stopped).contains(&gone) && said(&stopped).contains("is missing"), "{}", said(&stopped));
    }

    // The athlete: the view serves on, and what only the segment knows is not denied.
    for job in &jobs {
        assert_eq!(ally.client.job(job).await.status, "completed");
    }
    assert_eq!(ally.client.generate(&format!("key-{}", JOBS - 1)).await, jobs[JOBS - 1], "decisions go on");
    forget(&ally, &jobs[JOBS - 1]).await;
    for path in [format!("/api/v1/jobs/{}", jobs[JOBS - 1]), format!("/api/v1/jobs/{}/timeline", jobs[JOBS - 1])] {
        let (status, told) = problem(&ally, &path).await;
        assert_eq!((status, text(&told, "type")), (503, "/problems/archive-missing"), "{told}");
    }
    let stranger = ally.system.client(&ally.gateway, "bea");
    let answer = stranger.request(Method::GET, &format!("/api/v1/jobs/{}", jobs[JOBS - 1])).send().await.unwrap();
    assert_eq!(answer.status(), 404, "to anybody else there is no such job");

    // An empty folder in the place of the whole archive.
    let mut empty = ally.system.command(&["projections", "rebuild", "job_status"]);
    let folder = tempfile::tempdir().unwrap();
    let empty = empty.env("ARCHIVE_URL", format!("file://{}", folder.path().display())).output().unwrap();
    assert!(empty.status.code() == Some(2) && said(&empty).contains("is missing"), "{}", said(&empty));

    // The archiver adds nothing to a folder that is not the archive, and the projector's health says so.
    let late = ally.client.generate("late").await;
    assert_eq!(ally.client.ended(&late).await.status, "completed");
    views_have_caught_up(&ally).await;
    let refused = ally.run(&["archive", "run", "--after", "0"]);
    assert!(
        refused.status.code() == Some(2) && said(&refused).contains("is it the right folder?"),
        "{}",
        said(&refused)
    );
    let archive_of = async || {
        let (status, report) = ally.projector.health().await;
        assert_eq!(status, 200, "it is no reason to take it out of service: {report}");
        report["components"].as_array().unwrap().iter().find(|part| part["name"] == "archive").unwrap().clone()
    };
    eventually("the projector's health names the segment", async || {
        let archive = archive_of().await;
        (archive["status"] == "degraded" && archive["reason"].as_str()?.contains(&gone)).then_some(())
    })
    .await;
    assert!(ally.projector.metrics().await.lines().any(|line| line == "archive_segments_missing 1"));

    std::fs::write(&file, &kept).unwrap();
    ally.objects(&["archive", "list"]);
    let whole = ally.run(&["archive", "declare-lost", &gone, "--note", "why"]);
    assert!(whole.status.code() == Some(2) && said(&whole).contains("is not lost"), "{}", said(&whole));
    ally.objects(&["projections", "rebuild", "job_status"]);
    eventually("the job is in the view again", async || {
        let (status, job) = problem(&ally, &format!("/api/v1/jobs/{}", jobs[JOBS - 1])).await;
        (status == 200 && job["status"] == "completed").then_some(())
    })
    .await;
    eventually("the projector's health is well", async || (archive_of().await["status"] == "up").then_some(())).await;

    // For good: an operator says so, in their name.
    std::fs::remove_file(&file).unwrap();
    let told = ally.runbook("lost-segment", &[("SEGMENT", &gone)]);
    assert!(told.contains(&format!("{gone} is lost")), "{told}");
    assert!(told.contains("was declared lost: by operator:kim") && told.contains("which was declared lost"), "{told}");
    let doctor = objects(&ally.run(&["doctor", "--json"]));
    let archive = doctor.iter().find(|finding| finding["what"] == "archive").unwrap();
    assert!(archive["well"] == true && text(archive, "found").contains("1 of them declared lost"), "{archive}");
    let again = ally.objects(&["archive", "declare-lost", &gone, "--note", "twice"]);
    assert_eq!(again[0]["outcome"], "already");
    ally.objects(&["archive", "run", "--after", "0"]);
    // The job is not denied: what stands for it in the log says how it ended.
    let (status, job) = problem(&ally, &format!("/api/v1/jobs/{}", jobs[JOBS - 1])).await;
    assert_eq!((status, &job["status"]), (200, &"completed".into()), "{job}");
    assert_eq!(ally.client.generate(&format!("key-{}", JOBS - 1)).await, jobs[JOBS - 1], "decisions go on");
    ally.remove().await;
}
