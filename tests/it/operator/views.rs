//! A view that is not what the log says is found, and made anew while it serves.

use reqwest::Method;
use tokio_util::sync::CancellationToken;

use super::bench::{Ally, objects, said, text};
use crate::system::eventually;

const JOBS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tampered_view_is_found_and_rebuilt_while_it_is_read() {
    let ally = Ally::start().await;
    let mut jobs = Vec::new();
    for n in 0..JOBS {
        jobs.push(ally.client.generate(&format!("key-{n}")).await);
    }
    for job in &jobs {
        assert_eq!(ally.client.ended(job).await.status, "completed");
    }
    eventually("every view caught up", async || {
        ally.objects(&["projections", "status"]).iter().all(|it| it["behind"] == 0).then_some(())
    })
    .await;
    let verified = ally.objects(&["projections", "verify"]);
    assert_eq!(verified.len(), ally.objects(&["projections", "list"]).len());
    assert!(verified.iter().all(|it| it["differing"] == 0), "{verified:?}");
    // Nothing was given up here, nobody trained, nobody came into a room, and no app has an endpoint.
    let mut filled = verified.iter().filter(|it| {
        !["dead_letter", "workout", "presence", "channel_metadata", "webhook_endpoint", "webhook_delivery"]
            .contains(&text(it, "projection"))
    });
    assert!(filled.all(|it| it["rows"].as_u64() > Some(0)), "{verified:?}");

    let position = text(&ally.objects(&["jobs", "show", &jobs[0]])[0]["events"][0], "position").to_owned();
    let told = ally.runbook("verify", &[("JOB", &jobs[0]), ("POSITION", &position)]);
    assert!(told.contains("plan: no difference"), "{told}");

    tamper(ally.system.variable("DATABASE_URL"), &jobs[7]).await;
    let found = ally.run(&["projections", "verify", "job_status", "--json"]);
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    let found = objects(&found);
    assert_eq!(found[0]["differing"], 1, "{found:?}");
    assert_eq!((&found[1]["table"], &found[1]["key"]), (&"job_status".into(), &jobs[7].as_str().into()));
    let told = ally.run(&["projections", "verify"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("ally projections rebuild job_status"));

    let (stop, client, id) = (CancellationToken::new(), ally.client.clone(), jobs[0].clone());
    let readers = tokio::spawn({
        let stop = stop.clone();
        async move {
            let mut read = 0;
            while !stop.is_cancelled() {
                let answer = client.request(Method::GET, &format!("/api/v1/jobs/{id}")).send().await.unwrap();
                assert_eq!(answer.status(), 200, "a reader failed");
                read += 1;
            }
            read
        }
    });
    let rebuilt = tokio::task::block_in_place(|| ally.runbook("rebuild", &[]));
    stop.cancel();
    assert!(readers.await.unwrap() > 0);
    assert!(rebuilt.contains("was rebuilt") && rebuilt.contains("job_status: no difference"), "{rebuilt}");
    assert_eq!(ally.client.job(&jobs[7]).await.status, "completed");
    let status = ally.objects(&["projections", "status"]);
    assert!(status.iter().any(|it| it["projection"] == "job_status" && it["generation"] == 1), "{status:?}");
    ally.remove().await;
}

async fn tamper(database: &str, job: &str) {
    let (client, connection) = tokio_postgres::connect(database, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let changed = client.execute("UPDATE job_status SET status = 'failed' WHERE job_id = $1", &[&job]).await.unwrap();
    assert_eq!(changed, 1);
    drop(client);
    connection.await.unwrap().unwrap();
}
