//! What went in stands in no log: no answer, no token, no password, however much is logged.

use std::fs::File;
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{RoleProcess, System, answers, eventually};

/// What an athlete writes and nobody else may read.
const PRIVATE: &str = "my left knee hurts since the fall";

fn logged(folder: &Path, role: &str) -> PathBuf {
    folder.join(format!("{role}.log"))
}

async fn start(system: &System, role: &'static str) -> RoleProcess {
    let mut command = system.command(&["serve", "--role", role]);
    command.stderr(File::create(logged(system.folder(), role)).unwrap());
    let process = RoleProcess::start(command, role).await;
    process.ready().await;
    process
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_went_in_stands_in_a_log() {
    let mut system = System::new();
    system.set("RUST_LOG", "debug");
    let own_password = "hunter2-of-the-database";
    let url = system.variable("DATABASE_URL").replacen("ally@", &format!("ally:{own_password}@"), 1);
    assert!(url.contains(own_password), "{url}");
    system.set("DATABASE_URL", &url);
    let secret = system.variable("ALLY_JWT_SECRET").to_owned();
    system.apply_streams().await;
    let projector = start(&system, "projector").await;
    let gateway = start(&system, "gateway").await;
    let onboarding = start(&system, "onboarding").await;
    let planner = start(&system, "planner").await;

    let client = system.client(&gateway, "amy");
    let token = system.token("amy");
    let mut told = answers();
    told["purposeDetails"] = json!(PRIVATE);
    let job = client.onboard(&told).await;
    assert_eq!(client.ended(&job).await.status, "completed");
    // Refused in several ways, each with something private in it.
    let mut wrong = answers();
    wrong["weeklyGoalDays"] = json!("seventy-seven-days");
    for (path, body) in [("/api/v1/onboarding", &wrong), ("/api/v1/plans/generate", &json!({"secret-field-name": 1}))] {
        let answer = client.request(Method::POST, path).json(body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{path}");
    }
    let answer = client.request(Method::GET, "/api/v1/jobs/no-such-job").send().await.unwrap();
    assert_eq!(answer.status(), 404);
    let lines = eventually("the job's end is logged", async || {
        let lines = lines(&logged(system.folder(), "planner"));
        lines.iter().any(|line| line["message"] == "a job ended").then_some(lines)
    })
    .await;
    let ended = lines.iter().find(|line| line["message"] == "a job ended").unwrap();
    assert_eq!(
        (&ended["job_id"], &ended["outcome"], &ended["attempts"]),
        (&json!(job), &json!("completed"), &json!(1))
    );
    assert!(ended["duration_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{ended}");
    let refused = self::lines(&logged(system.folder(), "gateway"));
    for (route, status) in [("/api/v1/onboarding", 400), ("/api/v1/plans/generate", 400), ("/api/v1/jobs/{id}", 404)] {
        let line = refused.iter().find(|line| line["route"] == route && line["status"] == status);
        let line = line.unwrap_or_else(|| panic!("no line of {status} at {route} in {refused:#?}"));
        assert!(line["method"].is_string() && line["problem"].is_string() && line["trace_id"].is_string(), "{line}");
    }

    for process in [gateway, onboarding, planner, projector] {
        assert_eq!(process.terminate().await, Some(0));
    }
    for role in ["gateway", "onboarding", "planner", "projector"] {
        let text = std::fs::read_to_string(logged(system.folder(), role)).unwrap();
        assert!(!text.is_empty(), "{role} has logged nothing");
        for private in [PRIVATE, "seventy-seven-days", "secret-field-name", own_password, &token, &secret] {
            assert!(!text.contains(private), "{private:?} stands in the log of the {role}");
        }
    }
    system.remove().await;
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}
