//! One idempotency key sent by many clients at once: one job, whatever of them is first.

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::system::{Client, System, answers};

const CLIENTS: usize = 64;
/// How many keys, one after the other, unless the variable says another number: `make one-key` sends 1,000.
const KEYS: usize = 50;
const KEYS_VARIABLE: &str = "ALLY_KEYS";

#[allow(clippy::disallowed_methods, reason = "how long the test takes is chosen by who runs it")]
fn keys() -> usize {
    std::env::var(KEYS_VARIABLE).map_or(KEYS, |keys| keys.parse().expect("a number of keys"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_of_many_clients_at_once_is_one_job() {
    let system = System::new();
    let [gateway, _projector] = system.start_ready(["gateway", "projector"]).await;
    let token = system.token("amy");
    let clients: Vec<Client> = (0..CLIENTS).map(|_| Client::new(gateway.http.clone(), token.clone())).collect();
    clients[0].onboard(&answers()).await;
    let keys = keys();
    let mut jobs = Vec::with_capacity(keys);
    for key in 0..keys {
        let answers = join_all(clients.iter().map(|client| send(client, key))).await;
        let (job, _) = &answers[0];
        assert!(answers.iter().all(|(one, _)| one == job), "key {key} names {answers:?}");
        assert_eq!(answers.iter().filter(|(_, is_replayed)| !is_replayed).count(), 1, "one of them made job {job}");
        jobs.push(job.clone());
    }
    jobs.sort_unstable();
    jobs.dedup();
    assert_eq!(jobs.len(), keys);
    let requests = system.hot_subjects().await.into_iter().filter(|subject| subject.ends_with(".requested"));
    assert_eq!(requests.count(), keys, "the log holds one request for each");
    system.remove().await;
}

/// Sends a request under a key; its job, and whether it had been made before.
async fn send(client: &Client, key: usize) -> (String, bool) {
    let request = client.request(Method::POST, "/api/v1/plans/generate").header("Idempotency-Key", format!("k{key}"));
    let answer = request.json(&json!({"weeks": 1})).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let is_replayed = answer.headers().get("idempotent-replayed").is_some();
    let body: Value = answer.json().await.unwrap();
    (body["jobId"].as_str().unwrap().to_owned(), is_replayed)
}
