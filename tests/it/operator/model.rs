//! A model's endpoint that fails: what the runbook says to look at, and what the doctor says of it.

use ally_handlers::testing::{FakeModel, Reply};
use serde_json::Value;

use super::bench::{Ally, objects};
use crate::system::answers;

pub fn models(ids: &str) -> Reply {
    Reply::Http(200, String::new(), format!(r#"{{"data":[{ids}]}}"#).into_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_runbooks_commands_show_why_the_model_makes_no_plan() {
    let ally = Ally::start().await;
    let model = FakeModel::start(|_, _| Reply::status(401, "")).await;
    let file = ally.system.folder().join("answers.json");
    std::fs::write(&file, answers().to_string()).unwrap();
    let shown = ally.runbook(
        "model",
        &[
            ("ANSWERS", file.to_str().unwrap()),
            ("LLM_BASE_URL", &model.base_url()),
            ("LLM_MODEL", "fake-1"),
            ("LLM_API_KEY", "sk-test-0123456789"),
        ],
    );
    assert!(shown.contains("Made by builtin, because llm made none") && shown.contains("LLM_API_KEY"), "{shown}");
    assert!(!shown.contains("sk-test"), "{shown}");
    ally.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_looks_at_the_endpoint_where_a_model_makes_the_plans() {
    let ally = Ally::start().await;
    for (reply, well, says) in [
        (models(r#"{"id":"fake-1"}"#), true, "offers fake-1"),
        (models(r#"{"id":"other"}"#), false, "set LLM_MODEL to one of: other"),
        (Reply::status(401, ""), false, "LLM_API_KEY"),
        (Reply::status(404, ""), true, "lists no models"),
    ] {
        let model = FakeModel::start(move |_, _| reply.clone()).await;
        let mut doctor = ally.system.command(&["doctor", "--json"]);
        doctor.envs([("PLAN_PROVIDER", "llm"), ("LLM_BASE_URL", &model.base_url()), ("LLM_MODEL", "fake-1")]);
        let found = objects(&tokio::task::spawn_blocking(move || doctor.output().unwrap()).await.unwrap());
        let endpoint = found.iter().find(|finding| finding["what"] == "model endpoint").unwrap();
        assert_eq!(endpoint["well"], Value::Bool(well), "{endpoint}");
        assert!(endpoint.to_string().contains(says), "{endpoint}");
        let asked = &model.seen()[0].head;
        assert!(asked.starts_with("GET /v1/models"), "{asked}");
    }
    let without = objects(&ally.run(&["doctor", "--json"]));
    assert!(without.iter().all(|finding| finding["what"] != "model endpoint"), "the engine needs no endpoint");
    ally.remove().await;
}
