//! Schemathesis asks what the documents of the gateway and of the port of presence allow and what they do not, and compares every answer with
//! them: as an athlete and as an operator, each run with a seed of its own. `SCHEMATHESIS_SEED` repeats a run.

use std::process::Command;

use super::{folder_for_a_run, installed, root, run};
use crate::system::{RoleProcess, System, answers};

/// How long one caller asks, in seconds.
const ASKS_FOR: &str = "35";

#[allow(clippy::disallowed_methods, reason = "whoever repeats a run says its seed in the environment")]
fn seed() -> String {
    std::env::var("SCHEMATHESIS_SEED").unwrap_or_else(|_| (uuid::Uuid::new_v4().as_u128() as u32).to_string())
}

/// A document, and how it is asked: a file of `examples/clients/schemathesis/`.
struct Asked {
    document: fn() -> String,
    config: &'static str,
}

const GATEWAY: Asked = Asked { document: ally_api::openapi_json, config: "schemathesis.toml" };
const PRESENCE: Asked = Asked { document: ally_api::presence_openapi_json, config: "presence.toml" };
/// The operations for operators.
const OPERATIONS: [&str; 2] = ["--include-tag", "Operations"];

/// Asks as the bearer of a token; fails when anything is not as documented, with all that was found.
async fn ask(asked: &Asked, role: &RoleProcess, token: &str, filter: &[&str]) {
    let packages = installed("schemathesis");
    let folder = folder_for_a_run(&packages);
    std::fs::write(folder.path().join("openapi.json"), (asked.document)()).unwrap();
    let mut python = Command::new("python3");
    python.arg("-B").env("PYTHONPATH", packages.join("packages")).current_dir(folder.path());
    python.env("NO_PROXY", "127.0.0.1").env("PYTHONUTF8", "1");
    python.args(["-c", "from schemathesis.cli import schemathesis; schemathesis()"]);
    python.arg("--config-file").arg(root().join("examples/clients/schemathesis").join(asked.config));
    python.args(["run", "openapi.json", "--url", &role.http, "--header", &format!("Authorization: Bearer {token}")]);
    python.args(["--seed", &seed(), "--max-time", ASKS_FOR, "--continue-on-failure", "--no-color"]);
    python.args(["--generation-database", ":memory:"]).args(filter);
    let written = tokio::task::spawn_blocking(move || run(&mut python)).await.unwrap();
    #[allow(clippy::print_stdout, reason = "how much was asked, and by which seed")]
    {
        println!("{written}");
    }
}

/// The token of an operator.
fn operator(system: &System) -> String {
    let token = system.command(&["token", "--sub", "kim", "--role", "operator"]).output().unwrap();
    String::from_utf8(token.stdout).unwrap().trim().to_owned()
}

/// A system in which there is something to ask for.
async fn system() -> (System, [RoleProcess; 4]) {
    let system = System::new();
    let roles = system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let athlete = system.client(&roles[0], "walker");
    let job = athlete.onboard(&answers()).await;
    athlete.ended(&job).await;
    (system, roles)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_athlete_is_answered_as_documented_whatever_is_asked() {
    let (system, roles) = system().await;
    ask(&GATEWAY, &roles[0], &system.token("walker"), &[]).await;
    drop(roles);
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_is_answered_as_documented_whatever_is_asked() {
    let (system, roles) = system().await;
    ask(&GATEWAY, &roles[0], &operator(&system), &OPERATIONS).await;
    drop(roles);
    system.remove().await;
}

/// Presence without a limit of messages, so that what is asked is answered.
async fn presence() -> (System, [RoleProcess; 2]) {
    let mut system = System::new();
    system.set("PRESENCE_MESSAGES_PER_SECOND", "0");
    let roles = system.start_ready(["presence", "projector"]).await;
    (system, roles)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_of_presence_is_answered_as_documented_whatever_is_asked() {
    let (system, roles) = presence().await;
    ask(&PRESENCE, &roles[0], &system.token("walker"), &[]).await;
    drop(roles);
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_of_presence_is_answered_as_documented_whatever_is_asked() {
    let (system, roles) = presence().await;
    ask(&PRESENCE, &roles[0], &operator(&system), &OPERATIONS).await;
    drop(roles);
    system.remove().await;
}
