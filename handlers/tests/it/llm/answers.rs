//! What the model says: drafts, half drafts and no drafts.

use ally_domain::engine::rule::Rule;
use ally_domain::job::FailureCode;
use ally_domain::ports::{PlanProvider, ProviderError};
use ally_handlers::providers::{Fallback, LlmConfig};
use ally_handlers::testing::{FakeModel, Reply};

use super::{KEY, assert_permanent, assert_sound, config, make, order, provider, sound, unsound};

#[tokio::test]
async fn a_sound_draft_becomes_the_plan_and_the_plan_says_whose_it_is() {
    let model = FakeModel::start(|_, _| Reply::draft(&sound(&order()))).await;
    let plan = make(config(&model)).await.unwrap();
    assert_sound(&plan);
    let from = &plan.provenance;
    assert_eq!((from.provider.as_str(), from.model.as_deref(), from.repairs), ("llm", Some("fake-1"), Some(0)));
    assert_eq!((from.seed, &from.fallback), (7, &None));
    assert_eq!(plan.plan_id.as_str(), "plan-1");
    assert_eq!(plan.profile_rev, 1);

    let seen = model.seen();
    assert_eq!(seen.len(), 1);
    let head = seen[0].head.to_ascii_lowercase();
    assert!(head.starts_with("post /v1/chat/completions http/1.1"), "{head}");
    assert!(head.contains(&format!("authorization: bearer {KEY}")), "{head}");
    let body = &seen[0].body;
    assert_eq!(body["model"], "fake-1");
    assert_eq!(body["max_completion_tokens"], 4_096);
    assert_eq!(body["temperature"], 0.2);
    let form = &body["response_format"];
    assert_eq!((&form["type"], &form["json_schema"]["strict"]), (&"json_schema".into(), &true.into()));
    let text = body.to_string();
    assert!(!text.contains("amy") && !text.contains("plan-1"), "the endpoint is not told who asks");
}

#[tokio::test]
async fn only_what_the_athlete_can_do_is_offered() {
    let model = FakeModel::start(|_, _| Reply::draft(&sound(&order()))).await;
    make(config(&model)).await.unwrap();
    let body = &model.seen()[0].body;
    let session = "/response_format/json_schema/schema/properties/sessions/items/properties";
    let days = body.pointer(&format!("{session}/day/enum")).unwrap();
    assert_eq!(days, &serde_json::json!(["monday", "thursday"]));
    let item = format!("{session}/exercises/items/properties");
    let ids = body.pointer(&format!("{item}/exercise/enum")).unwrap().as_array().unwrap();
    assert!(ids.len() > 20 && ids.contains(&"band-squat".into()) && !ids.contains(&"barbell-back-squat".into()));
    assert_eq!(body.pointer(&format!("{item}/sets/minItems")).unwrap(), 4);
    let told = body["messages"][1]["content"].as_str().unwrap();
    assert!(told.contains("band-squat | ") && !told.contains("barbell-back-squat"), "{told}");
    assert!(body.to_string().len() < 64 * 1024, "the prompt is bounded");
}

#[tokio::test]
async fn broken_rules_go_back_by_code_and_a_mended_draft_is_taken() {
    let model =
        FakeModel::start(
            |number, _| {
                if number == 0 { Reply::draft(&unsound(&order())) } else { Reply::draft(&sound(&order())) }
            },
        )
        .await;
    let plan = make(config(&model)).await.unwrap();
    assert_sound(&plan);
    assert_eq!(plan.provenance.repairs, Some(1));
    let seen = model.seen();
    assert_eq!(seen.len(), 2);
    let complaint = seen[1].last_message();
    assert!(
        complaint.contains("R3 at weeks[0].sessions[0]") && complaint.contains("barbell-back-squat"),
        "{complaint}"
    );
    let messages = seen[1].body["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 4, "the task, the order, the draft, the complaint");
    assert!(messages[2]["content"].as_str().unwrap().contains("barbell-back-squat"));
}

#[tokio::test]
async fn a_draft_that_breaks_rules_for_ever_is_refused_by_them_after_two_repairs() {
    let model = FakeModel::start(|_, _| Reply::draft(&unsound(&order()))).await;
    assert_permanent(&make(config(&model)).await, "R3");
    assert_eq!(model.seen().len(), 3);
}

#[tokio::test]
async fn where_it_is_so_configured_the_engine_stands_in_and_the_plan_says_so() {
    let model = FakeModel::start(|_, _| Reply::draft(&unsound(&order()))).await;
    let plan = make(LlmConfig { fallback: Fallback::Builtin, ..config(&model) }).await.unwrap();
    assert_sound(&plan);
    assert_eq!((plan.provenance.provider.as_str(), &plan.provenance.model), ("builtin", &None));
    let fallback = plan.provenance.fallback.unwrap();
    assert_eq!((fallback.from.as_str(), fallback.code.as_str()), ("llm", "broken_rules"));
    assert!(fallback.reason.contains("R3"), "{}", fallback.reason);
    let told = plan.tradeoffs.iter().find(|tradeoff| tradeoff.rule == Rule::R25).unwrap();
    assert!(told.want.contains("fake-1") && told.got.contains("built-in") && told.why.contains("R3"), "{told:?}");
}

#[tokio::test]
async fn what_is_no_draft_goes_back_and_is_refused_in_the_end() {
    let good = serde_json::to_string(&sound(&order())).unwrap();
    let halved = good[..good.len() / 2].to_owned();
    let mut short = sound(&order());
    short.sessions[0].exercises[0].sets.pop();
    let mut unknown = serde_json::to_value(sound(&order())).unwrap();
    unknown["sessions"][0]["exercises"][0]["kilograms"] = 300.into();
    for (what, reply) in [
        ("no JSON", Reply::Text("Sure! Here is your plan: squats.".into())),
        ("half of it", Reply::Text(halved.clone())),
        ("cut off", Reply::CutOff(halved)),
        ("a key twice", Reply::Text(format!(r#"{{"sessions":[],{}"#, &good[1..]))),
        ("another shape", Reply::Text(r#"{"weeks":[]}"#.into())),
        ("a member that no draft has", Reply::Text(unknown.to_string())),
        ("a week too few", Reply::draft(&short)),
        ("nothing", Reply::Text(String::new())),
        ("an envelope without a choice", Reply::Http(200, String::new(), br#"{"choices":[]}"#.to_vec())),
        ("an envelope that is a page", Reply::Http(200, String::new(), b"<html>busy</html>".to_vec())),
    ] {
        let model = FakeModel::start(move |_, _| reply.clone()).await;
        let made = make(config(&model)).await;
        assert_permanent(&made, "no draft of a plan");
        let seen = model.seen();
        assert_eq!(seen.len(), 3, "{what}");
        assert!(seen[1].last_message().contains("cannot be used"), "{what}: {}", seen[1].last_message());
    }
}

#[tokio::test]
async fn a_good_answer_after_a_bad_one_is_taken() {
    let model = FakeModel::start(
        |number, _| {
            if number == 0 { Reply::Text("{".into()) } else { Reply::draft(&sound(&order())) }
        },
    )
    .await;
    assert_eq!(make(config(&model)).await.unwrap().provenance.repairs, Some(1));
}

#[tokio::test]
async fn an_exercise_that_nobody_knows_is_refused_by_rule() {
    let mut draft = sound(&order());
    draft.sessions[0].exercises[0].exercise = "moon-walk".into();
    let model = FakeModel::start(move |_, _| Reply::draft(&draft)).await;
    assert_permanent(&make(config(&model)).await, "R1");
    assert!(model.seen()[1].last_message().contains("moon-walk"));
}

#[tokio::test]
async fn a_model_that_declines_is_not_asked_again() {
    let body = br#"{"choices":[{"message":{"role":"assistant","refusal":"no"},"finish_reason":"stop"}]}"#;
    let model = FakeModel::start(|_, _| Reply::Http(200, String::new(), body.to_vec())).await;
    assert_permanent(&make(config(&model)).await, "declined");
    assert_eq!(model.seen().len(), 1);
}

#[tokio::test]
async fn who_needs_a_yes_first_or_can_have_no_plan_never_reaches_the_model() {
    let model = FakeModel::start(|_, _| Reply::draft(&sound(&order()))).await;
    for fallback in [Fallback::Builtin, Fallback::Fail] {
        let provider = provider(LlmConfig { fallback, ..config(&model) });
        let mut pregnant = order();
        pregnant.profile.pregnant = true;
        let refused = provider.make(&pregnant).await;
        assert!(
            matches!(refused, Err(ProviderError::Permanent { code: FailureCode::ClearanceRequired, .. })),
            "{refused:?}"
        );
        let mut young = order();
        young.profile.age = Some(15);
        young.profile.purpose = ally_domain::engine::profile::Purpose::WeightLoss;
        let refused = provider.make(&young).await;
        assert!(matches!(refused, Err(ProviderError::Permanent { code: FailureCode::Infeasible, .. })), "{refused:?}");
    }
    assert_eq!(model.seen().len(), 0);
}
