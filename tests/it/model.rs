//! Plans drafted by a model, in a whole Ally: made, traced, stopped, waited for, and made here when the model is gone.

use std::time::Duration;

use ally_domain::engine::answers::Answers;
use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::profile::Profile;
use ally_domain::engine::request::{DEFAULT_WEEKS, PlanRequest};
use ally_domain::engine::{ComposeInput, compose};
use ally_domain::testing::draft_of;
use ally_handlers::testing::{FakeModel, Reply};
use ally_telemetry::testing::OtlpReceiver;
use ally_telemetry::trace_tree::SpanKind;
use reqwest::{Method, StatusCode};
use time::macros::date;

use crate::system::{Client, System, answers, eventually};

/// Longer than any test may take: what ends before it was ended by something else.
const FOR_EVER_MS: &str = "600000";

/// What the model answers to the athlete of [`answers`]: a week that repeats knows no dates.
pub fn draft() -> Reply {
    let answers: Answers = serde_json::from_value(answers()).unwrap();
    let profile = Profile::from_answers(&answers).unwrap();
    let request = PlanRequest { start: date!(2027 - 03 - 08), weeks: DEFAULT_WEEKS, seed: 0 };
    let plan_id = "draft".parse().unwrap();
    let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile: &profile, request: &request };
    let catalogue = Catalogue::embedded().unwrap();
    Reply::draft(&draft_of(&compose(&input, &catalogue).unwrap(), &catalogue))
}

/// A system whose planner asks this model.
pub fn asking(base_url: &str) -> System {
    let mut system = System::new();
    system
        .set("PLAN_PROVIDER", "llm")
        .set("LLM_BASE_URL", base_url)
        .set("LLM_API_KEY", "sk-test-0123456789")
        .set("LLM_MODEL", "fake-1");
    system
}

async fn plan(client: &Client, id: &str) -> Plan {
    let answer = client.request(Method::GET, &format!("/api/v1/plans/{id}")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let body: serde_json::Value = answer.json().await.unwrap();
    let plan = if body["plan"].is_object() { &body["plan"] } else { &body };
    serde_json::from_value(plan.clone()).unwrap_or_else(|error| panic!("{error} in {body}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_done_by_the_model_and_its_plan_trace_and_figures_say_so() {
    let model = FakeModel::start(|_, _| draft()).await;
    let receiver = OtlpReceiver::start().await.unwrap();
    let mut system = asking(&model.base_url());
    system.set("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint());
    let [gateway, onboarding, planner, projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let client = system.client(&gateway, "amy");
    let job = client.ended(&client.onboard(&answers()).await).await;
    assert_eq!(job.status, "completed");
    let plan = plan(&client, job.plan_id.as_deref().unwrap()).await;
    assert_eq!((plan.provenance.provider.as_str(), plan.provenance.model.as_deref()), ("llm", Some("fake-1")));
    assert!(plan.validation.passed);
    assert_eq!(model.seen().len(), 1);

    let figures = planner.metrics().await;
    for series in [
        r#"llm_requests_total{provider="llm",model="fake-1",outcome="ok"} 1"#,
        r#"llm_tokens_used_total{provider="llm",model="fake-1",direction="input"} 1200"#,
        r#"llm_tokens_used_total{provider="llm",model="fake-1",direction="output"} 340"#,
        r#"llm_response_time_seconds_count{provider="llm",model="fake-1"} 1"#,
        r#"llm_circuit{state="closed"} 1"#,
        r#"dependency_up{dependency="llm"} 1"#,
    ] {
        assert!(figures.lines().any(|line| line == series), "{series} in\n{figures}");
    }
    for role in [gateway, onboarding, planner, projector] {
        assert_eq!(role.terminate().await, Some(0));
    }
    let spans = receiver.spans();
    let chat = spans.iter().find(|span| span.name == "chat fake-1").expect("the request is a span");
    assert_eq!((chat.service.as_str(), chat.kind), ("planning-engine", SpanKind::Client));
    let generated = spans.iter().find(|span| Some(&span.span_id) == chat.parent_span_id.as_ref()).unwrap();
    assert_eq!(generated.name, "generate_plan");
    for (key, value) in [("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "fake-1"), ("user.id", "amy")] {
        assert_eq!(chat.text(key), Some(value), "{key} of {:?}", chat.attributes);
    }
    for (key, number) in
        [("gen_ai.usage.input_tokens", 1200), ("gen_ai.usage.output_tokens", 340), ("http.response.status_code", 200)]
    {
        assert_eq!(chat.attributes[key], number, "{key} of {:?}", chat.attributes);
    }
    assert_eq!(chat.text("job_id"), generated.text("job_id"), "whose job it is stands on it too");
    assert!(!format!("{spans:?}").contains("sk-test"), "no span holds the key");
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_stopped_hangs_up_on_the_model_and_ends() {
    let model = FakeModel::start(|_, _| Reply::Silence).await;
    let mut system = asking(&model.base_url());
    system.set("LLM_TIMEOUT_MS", FOR_EVER_MS).set("ATTEMPT_DEADLINE_MS", "700000");
    let [gateway, _onboarding, planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let client = system.client(&gateway, "amy");
    let job = client.onboard(&answers()).await;
    model.asked(1).await;
    let answer = client.request(Method::POST, &format!("/api/v1/jobs/{job}/cancel")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED, "{}", answer.text().await.unwrap());
    model.hung_up(1).await;
    let ended = client.ended(&job).await;
    assert_eq!((ended.status.as_str(), ended.plan_id), ("cancelled", None));
    assert_eq!(model.seen().len(), 1, "nobody asked again");
    eventually("the request is counted as given up", async || {
        let figures = planner.metrics().await;
        let counted = r#"llm_requests_total{provider="llm",model="fake-1",outcome="cancelled"} 1"#;
        figures.lines().any(|line| line == counted).then_some(())
    })
    .await;
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_model_keeps_its_job_beyond_many_ack_waits() {
    let model = FakeModel::start(|_, _| Reply::Held(Box::new(draft()))).await;
    let mut system = asking(&model.base_url());
    system.set("ACK_WAIT_MS", "500");
    let [gateway, _onboarding, _planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let client = system.client(&gateway, "amy");
    let job = client.onboard(&answers()).await;
    model.asked(1).await;
    // That nothing happens can only be seen by waiting: four times as long as an unanswered delivery would stay.
    let again = tokio::time::timeout(Duration::from_secs(2), model.asked(2)).await;
    assert!(again.is_err(), "the job was given to somebody else");
    model.release();
    assert_eq!(client.ended(&job).await.status, "completed");
    assert_eq!(model.seen().len(), 1);
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_model_is_gone_the_engine_makes_the_plan_and_says_so() {
    let model = FakeModel::start(|_, _| Reply::Silence).await;
    let system = asking(&model.base_url());
    drop(model);
    let [gateway, _onboarding, planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let client = system.client(&gateway, "amy");
    let job = client.ended(&client.onboard(&answers()).await).await;
    assert_eq!(job.status, "completed");
    let plan = plan(&client, job.plan_id.as_deref().unwrap()).await;
    assert_eq!((plan.provenance.provider.as_str(), &plan.provenance.model), ("builtin", &None));
    let fallback = plan.provenance.fallback.unwrap();
    assert_eq!((fallback.from.as_str(), fallback.code.as_str()), ("llm", "unreachable"));
    assert!(plan.tradeoffs.iter().any(|tradeoff| tradeoff.want.contains("fake-1")));
    let figures = planner.metrics().await;
    assert!(figures.contains(r#"llm_fallbacks_total{reason="unreachable"} 1"#), "{figures}");
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_command_line_the_same_provider_makes_the_plan() {
    let model = FakeModel::start(|_, _| draft()).await;
    let mut system = asking(&model.base_url());
    let file = system.folder().join("answers.json");
    std::fs::write(&file, answers().to_string()).unwrap();
    let make = ["plan", "make", "--json", "--profile", file.to_str().unwrap()];
    let made = |command: &mut std::process::Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Plan>(&output.stdout).unwrap().provenance.provider
    };
    let mut command = system.command(&make);
    assert_eq!(tokio::task::spawn_blocking(move || made(&mut command)).await.unwrap(), "llm", "as PLAN_PROVIDER says");
    assert_eq!(made(system.command(&make).args(["--provider", "builtin"])), "builtin");
    let shown = system.command(&["config", "show"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&shown.stdout).contains("sk-test"), "the key is not shown");
    system.set("LLM_MODEL", "");
    let refused = system.command(&make).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("LLM_MODEL"));
}
