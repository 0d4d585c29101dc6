//! Jobs that cannot succeed are parked, shown, and put back once their cause is gone.

use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::ports::EventStore;
use async_nats::jetstream;
use reqwest::Method;
use serde_json::{Value, json};

use super::bench::{Ally, objects, said, text};
use crate::system::{Client, eventually, server};

/// Room for a request and none for a plan.
const TOO_SMALL_FOR_A_PLAN: i32 = 2_600;

/// The cause: somebody has lowered the largest message that the log takes. The old limit.
async fn limit_messages(ally: &Ally, bytes: i32) -> i32 {
    let nats = async_nats::connect(server("ALLY_TEST_NATS_URL")).await.unwrap();
    let jetstream = jetstream::new(nats);
    let name = format!("{}_PLANS", ally.system.variable("ALLY_PREFIX"));
    let mut config = jetstream.get_stream(name).await.unwrap().cached_info().config.clone();
    let before = std::mem::replace(&mut config.max_message_size, bytes);
    jetstream.update_stream(config).await.unwrap();
    before
}

/// Requests plans that cannot be stored, and waits until they are parked. The jobs, and the limit that was.
async fn parked(ally: &Ally, count: usize) -> (Vec<String>, i32) {
    let before = limit_messages(ally, TOO_SMALL_FOR_A_PLAN).await;
    let mut jobs = Vec::new();
    for n in 0..count {
        jobs.push(ally.client.generate(&format!("key-{n}")).await);
    }
    for job in &jobs {
        let ended = ally.client.ended(job).await;
        assert_eq!(ended.status, "dead_lettered", "{ended:?}");
    }
    (jobs, before)
}

async fn completed(ally: &Ally, job: &str) {
    eventually(&format!("job {job} completed"), async || {
        let job = ally.client.job(job).await;
        (job.status == "completed" && job.plan_id.is_some()).then_some(())
    })
    .await;
}

/// Who redrove a job, once for each time.
async fn redriven_by(ally: &Ally, job: &str) -> Vec<String> {
    let aggregate = AggregateRef { kind: AggregateKind::Job, id: job.parse().unwrap() };
    let history = ally.system.log().await.load(&aggregate).await.unwrap();
    let redriven = history.events.into_iter().filter(|event| event.event_type.name == "redriven");
    redriven.map(|event| event.actor).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_lettered_job_completes_once_its_cause_is_gone() {
    let ally = Ally::start().await;
    let (jobs, limit) = parked(&ally, 3).await;

    let letters = ally.objects(&["dlq", "list"]);
    assert_eq!(letters.len(), 3);
    let groups = ally.objects(&["dlq", "groups"]);
    assert_eq!((groups.len(), &groups[0]["count"]), (1, &serde_json::json!(3)), "{groups:?}");
    let (id, fingerprint) = (text(&letters[0], "id"), text(&groups[0], "fingerprint"));
    assert_eq!(ally.objects(&["dlq", "list", "--fingerprint", fingerprint, "--limit", "2"]).len(), 2);
    assert_eq!(ally.objects(&["dlq", "list", "--consumer", "onboarding"]).len(), 0);
    let shown = ally.runbook("dead-letter", &[("ID", id), ("JOB", &jobs[0])]);
    for told in [jobs[0].as_str(), fingerprint, "→ dead_lettered", &format!("ally dlq redrive {id}")] {
        assert!(shown.contains(told), "{told}: {shown}");
    }

    let tried = ally.objects(&["dlq", "redrive", "--all", "--dry-run"]);
    assert_eq!(tried.len(), 3);
    assert_eq!(ally.objects(&["dlq", "list"]), letters, "a dry run changes nothing");
    assert!(ally.objects(&["dlq", "discard", "--all", "--dry-run"]).iter().all(|it| it["outcome"] == "dry_run"));
    assert_eq!(ally.objects(&["dlq", "list"]), letters, "a dry run changes nothing");

    limit_messages(&ally, limit).await;
    let selected = ["dlq", "redrive", "--fingerprint", fingerprint, "--rate", "100"];
    let redriven = ally.objects(&[&selected[..], &["--note", "the limit is back", "--as", "kim"]].concat());
    assert!(redriven.iter().all(|it| it["outcome"] == "redriven"), "{redriven:?}");
    for job in &jobs {
        completed(&ally, job).await;
        assert_eq!(redriven_by(&ally, job).await, ["operator:kim"]);
    }
    assert_eq!(ally.objects(&["dlq", "list"]).len(), 0);
    let again = ally.text(&["dlq", "redrive", id, "--note", "once more"]);
    assert!(again.contains(id) && again.contains("was put back before, by operator:kim"), "{again}");
    let again = ally.objects(&["dlq", "redrive", id, id, "--note", "once more"]);
    assert_eq!(again, [json!({"id": id, "about": letters[0]["about"], "outcome": "already"})]);
    // By its cause, as ids: the audit knows all of them.
    let again = ally.objects(&["dlq", "redrive", "--fingerprint", fingerprint, "--note", "once more"]);
    assert!(again.len() == 3 && again.iter().all(|it| it["outcome"] == "already"), "{again:?}");
    let never = ally.run(&["dlq", "redrive", "--fingerprint", "0000", "--note", "once more"]);
    assert!(never.status.code() == Some(2) && said(&never).contains("no dead letter has"), "{}", said(&never));
    let otherwise = ally.run(&["dlq", "discard", "--fingerprint", fingerprint, "--note", "no"]);
    assert!(otherwise.status.code() == Some(2) && said(&otherwise).contains("was redriven by"), "{}", said(&otherwise));
    let otherwise = ally.run(&["dlq", "discard", id, "--note", "no"]);
    assert_eq!(otherwise.status.code(), Some(2), "it was not discarded, and is not now");
    assert!(said(&otherwise).contains("was redriven by operator:kim"), "{}", said(&otherwise));
    let unknown = ally.run(&["dlq", "redrive", "planner.PLANS-999999", "--note", "once more"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(said(&unknown).contains("PLANS-999999"), "{}", said(&unknown));
    ally.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_redrives_over_http() {
    let ally = Ally::start().await;
    let (jobs, limit) = parked(&ally, 1).await;
    limit_messages(&ally, limit).await;
    let token = ally.text(&["token", "--sub", "kim", "--role", "operator"]);
    let kim = Client::new(ally.gateway.http.clone(), token.trim().to_owned());
    let office = "/api/v1/operator/dead-letters";
    let listed: Value = kim.request(Method::GET, office).send().await.unwrap().json().await.unwrap();
    assert_eq!(listed["letters"][0]["about"], format!("job {}", jobs[0]));
    let redrive = format!("{office}/{}/redrive", text(&listed["letters"][0], "id"));
    let redriven = async || kim.request(Method::POST, &redrive).json(&json!({"note": "fixed"})).send().await.unwrap();
    let first: Value = redriven().await.json().await.unwrap();
    assert_eq!(first["outcome"], "redriven", "{first}");
    completed(&ally, &jobs[0]).await;
    let again: Value = redriven().await.json().await.unwrap();
    assert_eq!(again["outcome"], "already", "twice is once: {again}");
    let discard = redrive.replace("/redrive", "/discard");
    let otherwise = kim.request(Method::POST, &discard).json(&json!({"note": "no"})).send().await.unwrap();
    assert_eq!(otherwise.status(), 404, "it was not discarded, and is not now");
    let timeline = ally.client.request(Method::GET, &format!("/api/v1/jobs/{}/timeline", jobs[0]));
    let timeline: Value = timeline.send().await.unwrap().json().await.unwrap();
    let entries = timeline["entries"].as_array().unwrap();
    let redriven = entries.iter().filter(|it| it["type"] == "plan_job.redriven.v1").collect::<Vec<_>>();
    assert_eq!((redriven.len(), text(redriven[0], "actor")), (1, "operator:kim"), "{timeline}");
    ally.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_group_is_redriven_over_http_while_its_consumer_is_paused() {
    let ally = Ally::start().await;
    let (jobs, limit) = parked(&ally, 3).await;
    limit_messages(&ally, limit).await;
    let token = ally.text(&["token", "--sub", "kim", "--role", "operator"]);
    let kim = Client::new(ally.gateway.http.clone(), token.trim().to_owned());
    let get = async |path: &str| -> Value {
        kim.request(Method::GET, &format!("/api/v1/operator/{path}")).send().await.unwrap().json().await.unwrap()
    };
    let post = async |path: &str, body: Value| -> Value {
        let request = kim.request(Method::POST, &format!("/api/v1/operator/{path}")).json(&body);
        request.send().await.unwrap().json().await.unwrap()
    };
    let groups = get("dead-letter-groups").await;
    assert_eq!(groups["groups"][0]["count"], 3, "{groups}");
    let fingerprint = text(&groups["groups"][0], "fingerprint");
    assert_eq!(post("consumers/planner/pause", json!({"seconds": 600})).await["paused"], true);

    let first = json!({"fingerprint": fingerprint, "note": "the limit is back", "limit": 2});
    let answer = post("dead-letters/redrive", first.clone()).await;
    assert_eq!((answer["outcomes"].as_array().unwrap().len(), &answer["more"]), (2, &json!(true)), "{answer}");
    let answer = post("dead-letters/redrive", first).await;
    assert_eq!((answer["outcomes"].as_array().unwrap().len(), &answer["more"]), (1, &json!(false)), "{answer}");
    let redriven = get("dead-letters?state=redriven&limit=100").await;
    assert_eq!(redriven["letters"].as_array().unwrap().len(), 3, "what was just done is seen: {redriven}");
    assert!(redriven["letters"].as_array().unwrap().iter().all(|it| it["endedBy"] == "operator:kim"), "{redriven}");
    assert_eq!(ally.objects(&["dlq", "list", "--state", "redriven"]).len(), 3);
    assert!(ally.objects(&["dlq", "list", "--from-stream"]).is_empty());

    let waiting = get("consumers").await;
    let planner = waiting["consumers"].as_array().unwrap().iter().find(|it| it["name"] == "planner").unwrap();
    assert_eq!((&planner["paused"], &planner["pending"]), (&json!(true), &json!(3)), "{waiting}");
    assert_eq!(post("consumers/planner/resume", json!({})).await["paused"], false);
    for job in &jobs {
        completed(&ally, job).await;
        assert_eq!(redriven_by(&ally, job).await, ["operator:kim"]);
    }
    assert_eq!(ally.run(&["projections", "verify", "dead_letter"]).status.code(), Some(0));
    assert_eq!(ally.run(&["projections", "rebuild", "dead_letter"]).status.code(), Some(0));
    assert_eq!(ally.objects(&["dlq", "list", "--state", "redriven"]).len(), 3, "folded from the audits alone");
    ally.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_is_redriven_as_the_runbook_says() {
    let ally = Ally::start().await;
    let (jobs, limit) = parked(&ally, 3).await;
    limit_messages(&ally, limit).await;
    let letters = ally.objects(&["dlq", "list"]);
    let (id, fingerprint) = (text(&letters[0], "id"), text(&letters[0], "fingerprint"));
    let told = ally.runbook("redrive", &[("ID", id), ("FINGERPRINT", fingerprint)]);
    assert!(told.contains("2 would be without --dry-run") && told.contains("no dead letters"), "{told}");
    for job in &jobs {
        completed(&ally, job).await;
    }
    ally.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_who_redrive_at_once_redrive_once() {
    let ally = Ally::start().await;
    let (jobs, limit) = parked(&ally, 4).await;
    limit_messages(&ally, limit).await;
    let redrive = |name: &str| {
        let mut command = ally.system.command(&["dlq", "redrive", "--all", "--note", "fixed", "--json", "--as", name]);
        std::thread::spawn(move || command.output().unwrap())
    };
    let both = [redrive("kim"), redrive("sam")].map(|run| run.join().unwrap());
    let mut outcomes = both.iter().flat_map(objects).map(|it| text(&it, "outcome").to_owned()).collect::<Vec<_>>();
    outcomes.retain(|outcome| outcome == "redriven");
    assert_eq!(outcomes.len(), jobs.len(), "{both:?}");
    for job in &jobs {
        completed(&ally, job).await;
        assert_eq!(redriven_by(&ally, job).await.len(), 1, "redriven once");
    }
    assert_eq!(ally.objects(&["dlq", "list"]).len(), 0);
    ally.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redrive_before_its_time_parks_again_and_a_discarded_letter_is_gone() {
    let ally = Ally::start().await;
    let (jobs, _) = parked(&ally, 1).await;
    let first = ally.objects(&["dlq", "list"]);
    ally.text(&["dlq", "redrive", text(&first[0], "id"), "--note", "perhaps", "--as", "kim"]);
    let second = eventually("parked again", async || {
        let letters = ally.objects(&["dlq", "list"]);
        let anew = letters.len() == 1 && letters[0]["id"] != first[0]["id"];
        anew.then_some(letters)
    })
    .await;
    assert_eq!(second[0]["eventType"], "plan_job.redriven.v1");
    assert_eq!(second[0]["fingerprint"].as_str().map(str::len), first[0]["fingerprint"].as_str().map(str::len));

    let redrive = format!("/api/v1/operator/dead-letters/{}/redrive", text(&second[0], "id"));
    let refused = ally.client.request(Method::POST, &redrive).json(&json!({"note": "mine"})).send().await.unwrap();
    assert_eq!(refused.status(), 403, "an athlete is no operator");

    let told = ally.runbook("discard", &[("ID", text(&second[0], "id"))]);
    assert!(told.contains("is discarded"), "{told}");
    assert_eq!(ally.objects(&["dlq", "list"]).len(), 0);
    assert_eq!(ally.client.job(&jobs[0]).await.status, "dead_lettered", "its history stays");
    ally.remove().await;
}
