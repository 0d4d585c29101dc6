//! Running the binary as an operator does, and reading what it answers.

use std::process::Output;

use serde_json::Value;

use crate::system::{Client, RoleProcess, System, answers};

/// An Ally with an athlete who may ask for plans.
pub struct Ally {
    pub system: System,
    pub gateway: RoleProcess,
    pub planner: RoleProcess,
    pub projector: RoleProcess,
    pub client: Client,
}

impl Ally {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With variables of the test's own.
    pub async fn start_with(set: impl FnOnce(&mut System)) -> Self {
        let mut system = System::new();
        set(&mut system);
        // What cannot succeed is parked after its first attempt.
        system.set("MAX_ATTEMPTS", "1");
        let [gateway, planner, projector] = system.start_ready(["gateway", "planner", "projector"]).await;
        let client = system.client(&gateway, "amy");
        client.onboard(&answers()).await;
        Self { system, gateway, planner, projector, client }
    }

    /// A command that works: its answer, an object a line.
    pub fn objects(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
        objects(&output)
    }

    /// A command that works: its answer, for people.
    pub fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.system.command(arguments).output().unwrap()
    }

    /// Ends the roles and removes what they left on the servers.
    pub async fn remove(self) {
        for role in [self.gateway, self.planner, self.projector] {
            assert_eq!(role.terminate().await, Some(0));
        }
        self.system.remove().await;
    }
}

pub fn objects(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a command said on standard error: a sentence, whatever went wrong.
pub fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("panicked") && !text.contains("backtrace"), "{text}");
    text
}

/// A text of an answer.
pub fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_else(|| panic!("no {field} in {object}"))
}

impl Ally {
    /// See [`runbook`].
    pub fn runbook(&self, block: &str, variables: &[(&str, &str)]) -> String {
        runbook(&self.system, block, variables)
    }
}

/// Runs the commands of the runbook behind a mark `<!-- run: … -->`, as they are printed.
pub fn runbook(system: &System, block: &str, variables: &[(&str, &str)]) -> String {
    let runbook = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/runbook.md")).unwrap();
    let mark = format!("<!-- run: {block} -->\n```sh\n");
    let script = runbook.split(&mark).nth(1).unwrap_or_else(|| panic!("the runbook has no block {block}"));
    let script = script.split("```").next().unwrap();
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_ally"));
    // The system's own environment, with the binary on PATH as an operator has it.
    let environment = system.command(&[]);
    let mut command = std::process::Command::new("bash");
    command.args(["-euc", script]).env_clear();
    command.envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary.parent().unwrap().display());
    let output = command.env("PATH", path).envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{block}: {}{}", String::from_utf8_lossy(&output.stdout), said(&output));
    String::from_utf8(output.stdout).unwrap()
}
