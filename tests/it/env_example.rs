//! `.env.example` is complete and true: it names every variable, and copying it changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const EXAMPLE: &str = include_str!("../../.env.example");

/// Every variable with its value; without one where the line is switched off.
fn listed() -> BTreeMap<&'static str, Option<&'static str>> {
    let lines = EXAMPLE.lines().filter_map(|line| line.split_once('='));
    lines
        .map(|(name, value)| match name.strip_prefix('#') {
            Some(name) => (name, None),
            None => (name, Some(value)),
        })
        .filter(|(name, _)| is_variable(name))
        .collect()
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn config(argument: &str, environment: &BTreeMap<&str, Option<&str>>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut ally = Command::new(env!("CARGO_BIN_EXE_ally"));
    ally.args(["config", argument]).current_dir(folder.path()).env_clear();
    ally.envs(environment.iter().filter_map(|(name, value)| Some((*name, (*value)?))));
    let output = ally.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_variable_is_listed_and_no_other() {
    let table = config("variables", &BTreeMap::new());
    let read: BTreeSet<&str> =
        table.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).filter(|w| is_variable(w)).collect();
    let listed: BTreeSet<&str> = listed().into_keys().collect();
    assert!(read.len() > 20, "{table}");
    assert_eq!(listed, read, "left: .env.example, right: `ally config variables`");
}

#[test]
fn copying_the_example_changes_nothing() {
    assert_eq!(config("show", &listed()), config("show", &BTreeMap::new()));
    let moved = BTreeMap::from([("GATEWAY_BFF_PORT", Some("4999"))]);
    assert_ne!(config("show", &moved), config("show", &BTreeMap::new()), "the comparison sees a change");
}
