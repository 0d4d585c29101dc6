//! Schemathesis asks what the document allows and what it does not, and compares every answer with it: as an athlete and as an operator,
//! each run with a seed of its own. `SCHEMATHESIS_SEED` repeats a run.

use std::process::Command;

use super::{folder_for_a_run, installed, root, run};
use crate::system::{RoleProcess, System, answers};

/// How long one caller asks, in seconds.
const ASKS_FOR: &str = "35";

#[allow(clippy::disallowed_methods, reason = "whoever repeats a run says its seed in the environment")]
fn seed() -> String {
    std::env::var("SCHEMATHESIS_SEED").unwrap_or_else(|_| (uuid::Uuid::new_v4().as_u128() as u32).to_string())
}

/// Asks as the bearer of a token; fails at the first thing that is not as documented, with all that was found.
async fn ask(gateway: &RoleProcess, token: &str, filter: &[&str]) {
    let packages = installed("schemathesis");
    let folder = folder_for_a_run(&packages);
    std::fs::write(folder.path().join("openapi.json"), ally_api::openapi_json()).unwrap();
    let mut python = Command::new("python3");
    python.arg("-B").env("PYTHONPATH", packages.join("packages")).current_dir(folder.path());
    python.env("NO_PROXY", "127.0.0.1").env("PYTHONUTF8", "1");
    python.args(["-c", "from schemathesis.cli import schemathesis; schemathesis()"]);
    python.arg("--config-file").arg(root().join("examples/clients/schemathesis/schemathesis.toml"));
    python.args(["run", "openapi.json", "--url", &gateway.http, "--header", &format!("Authorization: Bearer {token}")]);
    python.args(["--seed", &seed(), "--max-time", ASKS_FOR, "--continue-on-failure", "--no-color"]);
    python.args(["--generation-database", ":memory:"]).args(filter);
    let written = tokio::task::spawn_blocking(move || run(&mut python)).await.unwrap();
    #[allow(clippy::print_stdout, reason = "how much was asked, and by which seed")]
    {
        println!("{written}");
    }
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
    ask(&roles[0], &system.token("walker"), &[]).await;
    drop(roles);
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_is_answered_as_documented_whatever_is_asked() {
    let (system, roles) = system().await;
    let token = system.command(&["token", "--sub", "kim", "--role", "operator"]).output().unwrap();
    let token = String::from_utf8(token.stdout).unwrap();
    ask(&roles[0], token.trim(), &["--include-tag", "Operations"]).await;
    drop(roles);
    system.remove().await;
}
