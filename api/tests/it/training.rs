//! Workouts and pain in, the training log, versions and their difference out.

use std::sync::Arc;

use ally_domain::engine::adapt::{AdaptInput, Adaptation, adapt};
use ally_domain::engine::answers::Answers;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::profile::Profile;
use ally_domain::engine::request::PlanRequest;
use ally_domain::engine::{Catalogue, ComposeInput, compose};
use ally_domain::ids::{AthleteId, JobId, PlanId};
use ally_domain::job::JobCommand;
use ally_domain::plan::{PlanCommand, PlanDecider};
use ally_domain::ports::Clock as _;
use ally_handlers::Executor;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use time::macros::{date, datetime};

use crate::harness::{Ally, all_answers, body, fields, problem};

/// A gateway at noon of a Friday, with a plan of Amy's that began on Monday.
struct World {
    ally: Ally,
    plan: Plan,
    profile: Profile,
}

impl World {
    async fn start() -> Self {
        let ally = Ally::start().await;
        let job = ally.onboarded("amy").await;
        ally.begin(&job).await;
        let answers: Answers = serde_json::from_value(all_answers()).unwrap();
        let profile = Profile::from_answers(&answers).unwrap();
        let job: JobId = job.parse().unwrap();
        let plan_id = PlanId::for_job(&job);
        let request = PlanRequest { start: date!(2026 - 11 - 16), weeks: 4, seed: 7 };
        let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile: &profile, request: &request };
        let plan = compose(&input, Catalogue::shared().unwrap()).unwrap();
        let made = plan.clone();
        ally.complete_with(job.as_str(), "amy", |_| made).await;
        Self { ally, plan, profile }
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/plans/{}{rest}", self.plan.plan_id)
    }

    async fn post(&self, path: &str, athlete: &str, key: &str, body: &Value) -> Response {
        let request = self.ally.request(Method::POST, path, athlete).header("idempotency-key", key);
        request.json(body).send().await.unwrap()
    }

    fn workout(&self) -> Value {
        let session = &self.plan.weeks[0].sessions[0];
        let item = &session.blocks[1].items[0];
        json!({
            "planId": self.plan.plan_id, "sessionId": session.id, "performedAt": format!("{}T19:00:00+01:00", session.date),
            "items": [{"exercise": item.ex, "sets": [{"reps": 8, "loadKg": 22.5, "rir": 2}, {"reps": 8, "loadKg": 22.5, "rpe": 8.5}]}],
            "sessionRpe": 7, "note": "fine",
        })
    }

    async fn log(&self, athlete: &str) -> Response {
        self.ally.get(&format!("/api/v1/workouts?planId={}", self.plan.plan_id), athlete).await
    }
}

fn amy() -> AthleteId {
    "amy".parse().unwrap()
}

#[tokio::test]
async fn a_workout_is_logged_once_and_read_back_as_sent() {
    let world = World::start().await;
    let first = world.post("/api/v1/workouts", "amy", "k1", &world.workout()).await;
    assert_eq!(first.status(), 201);
    let first = body(first).await;
    assert_eq!(body(world.post("/api/v1/workouts", "amy", "k1", &world.workout()).await).await, first);
    let log = body(world.log("amy").await).await;
    assert_eq!(log["workouts"].as_array().unwrap().len(), 1);
    assert_eq!(log["workouts"][0]["entryId"], first["entryId"]);
    let sent = world.workout();
    for field in ["sessionId", "performedAt", "items", "sessionRpe", "note"] {
        assert_eq!(log["workouts"][0]["workout"][field], sent[field], "{field}");
    }
    let mut other = world.workout();
    other["sessionRpe"] = json!(9);
    problem(world.post("/api/v1/workouts", "amy", "k1", &other).await, 422, "idempotency-key-reused").await;

    // Another workout of the same session counts in its place, from the view and from the log.
    assert_eq!(world.post("/api/v1/workouts", "amy", "k2", &other).await.status(), 201);
    let log = body(world.log("amy").await).await;
    assert_eq!(log["workouts"].as_array().unwrap().len(), 1);
    assert_eq!(log["workouts"][0]["workout"]["sessionRpe"], 9);
    world.ally.views.fail(Some("down"));
    assert_eq!(body(world.log("amy").await).await, log, "the log answers while the view does not");
}

#[tokio::test]
async fn what_does_not_fit_the_plan_is_named_field_by_field() {
    let world = World::start().await;
    let late = &world.plan.weeks[3].sessions[0].id;
    let mut wrong = world.workout();
    wrong["sessionId"] = json!(late);
    wrong["performedAt"] = json!("2026-11-21T19:00:00Z");
    wrong["items"][0]["exercise"] = json!("no-such-exercise");
    wrong["items"][0]["sets"][0]["rpe"] = json!(8.2);
    wrong["pain"] = json!([{"bodyPart": "knee", "level": 2}, {"bodyPart": "knee", "level": 3}]);
    let told = problem(world.post("/api/v1/workouts", "amy", "k", &wrong).await, 422, "contradiction").await;
    let expected = [
        "performedAt",
        "sessionId",
        "items[0].exercise",
        "items[0].sets[0].rpe",
        "items[0].sets[0].rpe",
        "pain[1].bodyPart",
    ];
    assert_eq!(fields(&told), expected);
    wrong["sessionId"] = json!("w9d9");
    let told = problem(world.post("/api/v1/workouts", "amy", "k", &wrong).await, 422, "contradiction").await;
    assert!(fields(&told).contains(&"sessionId"), "{told}");
}

#[tokio::test]
async fn what_is_wrong_by_itself_is_named_before_anything_is_asked() {
    let world = World::start().await;
    let wrong = json!({
        "planId": world.plan.plan_id, "sessionId": "w1d1", "performedAt": "yesterday", "sessionRpe": 11, "mood": "good",
        "items": [{"exercise": "plank", "sets": []}, {"exercise": "plank", "sets": [{"reps": -1, "rir": 99}]}],
        "pain": [{"bodyPart": "nose", "level": 12}],
    });
    let told = problem(world.post("/api/v1/workouts", "amy", "k", &wrong).await, 400, "validation").await;
    let mut wrong = fields(&told);
    wrong.sort_unstable();
    assert_eq!(
        wrong,
        [
            "items[0].sets",
            "items[1].sets[0].reps",
            "items[1].sets[0].rir",
            "mood",
            "pain[0].bodyPart",
            "pain[0].level",
            "performedAt",
            "sessionRpe",
        ]
    );
    let told =
        problem(world.post(&world.path("/pain"), "amy", "k", &json!({"pain": []})).await, 400, "validation").await;
    assert_eq!(fields(&told), ["pain"]);
    problem(world.ally.get("/api/v1/workouts", "amy").await, 400, "validation").await;
}

#[tokio::test]
async fn another_athletes_plan_is_not_there_to_log_or_to_adapt() {
    let world = World::start().await;
    world.ally.onboarded("eve").await;
    problem(world.post("/api/v1/workouts", "eve", "k", &world.workout()).await, 404, "not-found").await;
    let hurts = json!({"pain": [{"bodyPart": "knee", "level": 7}]});
    for (path, body) in [("/pain", &hurts), ("/replan", &json!({}))] {
        problem(world.post(&world.path(path), "eve", "k", body).await, 404, "not-found").await;
        problem(world.post(&format!("/api/v1/plans/unknown{path}"), "amy", "k", body).await, 404, "not-found").await;
    }
    problem(world.log("eve").await, 404, "not-found").await;
    for path in ["/versions", "/diff?from=1", "?version=1"] {
        problem(world.ally.get(&world.path(path), "eve").await, 404, "not-found").await;
    }
}

#[tokio::test]
async fn a_next_version_is_a_job_and_each_version_stays_readable() {
    let world = World::start().await;
    let hurts = json!({"pain": [{"bodyPart": "knee", "level": 7}], "at": "2026-11-20T07:00:00Z"});
    assert_eq!(world.post(&world.path("/pain"), "amy", "p", &hurts).await.status(), 201);
    let wish = json!({"reason": "stairs hurt"});
    let accepted = world.post(&world.path("/replan"), "amy", "r", &wish).await;
    assert_eq!(accepted.status(), 202);
    assert!(accepted.headers().contains_key("location"));
    let job = body(accepted).await["jobId"].as_str().unwrap().to_owned();
    assert_eq!(body(world.post(&world.path("/replan"), "amy", "r", &wish).await).await["jobId"], job);
    problem(
        world.post(&world.path("/replan"), "amy", "r", &json!({"reason": "other"})).await,
        422,
        "idempotency-key-reused",
    )
    .await;
    let timeline = body(world.ally.get(&format!("/api/v1/jobs/{job}/timeline"), "amy").await).await;
    assert!(timeline.to_string().contains("next version"), "{timeline}");

    world.revise(&job).await;
    let newest = body(world.ally.get(&world.path(""), "amy").await).await;
    assert_eq!((&newest["version"], &newest["plan"]["parent"]), (&json!(2), &json!(1)));
    let first = body(world.ally.get(&world.path("?version=1"), "amy").await).await;
    assert_eq!(serde_json::from_value::<Plan>(first["plan"].clone()).unwrap(), world.plan);
    problem(world.ally.get(&world.path("?version=3"), "amy").await, 404, "not-found").await;
    problem(world.ally.get(&world.path("?version=0"), "amy").await, 400, "validation").await;
    let versions = body(world.ally.get(&world.path("/versions"), "amy").await).await;
    assert_eq!(versions["versions"].as_array().unwrap().len(), 2);
    let diff = body(world.ally.get(versions["versions"][1]["diff"].as_str().unwrap(), "amy").await).await;
    assert!(!diff["changes"].as_array().unwrap().is_empty());
    assert!(diff["decisions"].as_array().unwrap().iter().all(|decision| decision["version"] == 2));
    problem(world.ally.get(&world.path("/diff?from=2&to=1"), "amy").await, 400, "validation").await;
    problem(world.ally.get(&world.path("/diff?from=1&to=9"), "amy").await, 404, "not-found").await;
    world.ally.views.fail(Some("down"));
    assert_eq!(body(world.ally.get(&world.path("?version=1"), "amy").await).await, first, "the log answers");
    assert_eq!(body(world.ally.get(&world.path("/versions"), "amy").await).await, versions);
}

impl World {
    /// Does a planner's work: the next version, as the engine makes it.
    async fn revise(&self, job: &str) {
        let executor = Executor::new(Arc::new(self.ally.store.clone()));
        let (state, _) = executor.load::<PlanDecider>(&(&self.plan.plan_id).into()).await.unwrap();
        let on = datetime!(2026-11-20 12:00 UTC).date();
        let made = adapt(&AdaptInput::new(&self.plan, &self.profile, &state.log, on), Catalogue::shared().unwrap());
        let Ok(Adaptation::Next(plan)) = made else { panic!("strong pain changes the plan") };
        let command = PlanCommand::Revise { job_id: job.parse().unwrap(), athlete_id: amy(), plan, today: on };
        self.ally.tell_plan(&self.plan.plan_id, &command).await;
        let (plan_id, plan_version) = (self.plan.plan_id.clone(), Some(2));
        self.ally.begin(job).await;
        let at = self.ally.clock.now();
        self.ally.work(job, JobCommand::Complete { attempt: 1, plan_id, plan_version, note: None, at }).await;
    }
}

#[tokio::test]
async fn whoever_is_never_fast_enough_is_told_so_and_nothing_is_stored() {
    let world = World::start().await;
    let stored = || world.ally.store.events("PLANS").len() + world.ally.store.events("ONBOARDING").len();
    let before = stored();
    let pain = json!({"pain": [{"bodyPart": "knee", "level": 2}]});
    let changes = [
        ("/api/v1/onboarding".to_owned(), json!({"age": 41})),
        ("/api/v1/workouts".to_owned(), world.workout()),
        (world.path("/pain"), pain),
        (world.path("/replan"), json!({})),
    ];
    world.ally.store.set_contended(true);
    for (path, change) in &changes {
        let refused = problem(world.post(path, "amy", "k", change).await, 409, "conflict").await;
        assert!(refused["detail"].as_str().unwrap().contains("send this one again"), "{path}: {refused}");
    }
    assert_eq!(stored(), before);
    world.ally.store.set_contended(false);
    for (path, change) in &changes {
        assert!(world.post(path, "amy", "k", change).await.status().is_success(), "{path}");
    }
}
