//! The arrows of the house, checked against what cargo knows: who may depend on whom, and who may know which engine.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Each crate of the house with those that it may see. `domain` sees nobody; `telemetry` knows nobody.
const ARROWS: &[(&str, &[&str])] = &[
    ("ally-domain", &[]),
    ("ally-telemetry", &[]),
    ("ally-nats", &["ally-domain", "ally-telemetry"]),
    ("ally-handlers", &["ally-domain", "ally-telemetry"]),
    ("ally-projections", &["ally-domain", "ally-telemetry"]),
    ("ally-api", &["ally-handlers", "ally-projections", "ally-domain", "ally-telemetry"]),
    ("ally", &["ally-nats", "ally-api", "ally-handlers", "ally-projections", "ally-domain", "ally-telemetry"]),
    // It measures from outside, and composes the product with a provider of its own.
    ("ally-bench", &["ally", "ally-nats", "ally-api", "ally-handlers", "ally-domain"]),
];

/// Each engine with the crates that may name it in their own code; tests may talk to any.
const KNOWS: &[(&str, &[&str])] = &[
    // The bench appends without the house's store, to know what the server gives.
    ("async-nats", &["ally-nats", "ally-bench"]),
    ("backoff", &["ally-nats"]),
    ("postgres", &["ally-projections"]),
    // The embedded server is ready when it takes a connection; the bench asks how much is stored.
    ("tokio-postgres", &["ally-projections", "ally", "ally-bench"]),
    ("deadpool-postgres", &["ally-projections"]),
    ("refinery", &["ally-projections"]),
    ("poem", &["ally-api"]),
    ("poem-openapi", &["ally-api"]),
];

/// What `domain` must not reach, not even through somebody else.
const NOT_IN_DOMAIN: &[&str] = &[
    "tokio",
    "mio",
    "async-std",
    "async-nats",
    "backoff",
    "postgres",
    "tokio-postgres",
    "poem",
    "hyper",
    "reqwest",
    "rand",
];

/// A crate of the house and what its manifest asks for.
#[derive(Debug, Clone, Default)]
struct Member {
    name: String,
    own: BTreeSet<String>,
    for_tests: BTreeSet<String>,
}

/// The workspace as cargo resolves it on this machine.
#[derive(Debug, Clone, Default)]
struct Workspace {
    members: Vec<Member>,
    /// Normal dependencies of every package, by name.
    reaches: BTreeMap<String, BTreeSet<String>>,
}

fn broken_arrows(workspace: &Workspace) -> Vec<String> {
    let house: BTreeSet<&str> = workspace.members.iter().map(|member| member.name.as_str()).collect();
    let mut broken = Vec::new();
    for member in &workspace.members {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
            broken.push(format!("{} has no arrows: say in ARROWS whom it may see", member.name));
            continue;
        };
        for seen in member.own.union(&member.for_tests).filter(|name| house.contains(name.as_str())) {
            // A crate's tests may build it again with its own test features.
            let itself = *seen == member.name && !member.own.contains(seen);
            if !allowed.contains(&seen.as_str()) && !itself {
                broken.push(format!("{} must not see {seen}", member.name));
            }
        }
    }
    broken
}

fn known_by_others(workspace: &Workspace) -> Vec<String> {
    let mut broken = Vec::new();
    for (engine, owners) in KNOWS {
        for member in &workspace.members {
            if member.own.contains(*engine) && !owners.contains(&member.name.as_str()) {
                broken.push(format!("{} must not know {engine}: only {owners:?} may", member.name));
            }
        }
    }
    broken
}

fn impure_domain(workspace: &Workspace) -> Vec<String> {
    let mut reached = BTreeMap::from([("ally-domain".to_owned(), "ally-domain".to_owned())]);
    let mut queue = vec!["ally-domain".to_owned()];
    while let Some(package) = queue.pop() {
        for next in workspace.reaches.get(&package).into_iter().flatten() {
            if !reached.contains_key(next) {
                reached.insert(next.clone(), format!("{} > {next}", reached[&package]));
                queue.push(next.clone());
            }
        }
    }
    NOT_IN_DOMAIN.iter().filter_map(|name| reached.get(*name)).map(|path| format!("domain reaches {path}")).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Asks cargo, offline: what is built here has been fetched, and other platforms' packages do not matter.
fn read_workspace() -> Workspace {
    let rustc = Command::new("rustc").arg("-vV").current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let version = String::from_utf8(rustc.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = cargo(&["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeMap<&str, &str> =
        packages.iter().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
    let members = metadata["workspace_members"].as_array().unwrap();
    let members = packages.iter().filter(|package| members.contains(&package["id"])).map(member).collect();
    let mut reaches: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let normal =
            node["deps"].as_array().unwrap().iter().filter(|dependency| {
                dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
            });
        let normal = normal.map(|dependency| names[text(&dependency["pkg"])].to_owned());
        reaches.entry(names[text(&node["id"])].to_owned()).or_default().extend(normal);
    }
    Workspace { members, reaches }
}

fn member(package: &Value) -> Member {
    let mut member = Member { name: text(&package["name"]).to_owned(), ..Member::default() };
    for dependency in package["dependencies"].as_array().unwrap() {
        let list = if dependency["kind"] == "dev" { &mut member.for_tests } else { &mut member.own };
        list.insert(text(&dependency["name"]).to_owned());
    }
    member
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn the_arrows_of_the_house_hold() {
    let workspace = read_workspace();
    assert!(workspace.members.len() >= ARROWS.len(), "cargo told of too few crates: {:?}", workspace.members);
    let broken = [broken_arrows(&workspace), known_by_others(&workspace), impure_domain(&workspace)].concat();
    assert!(broken.is_empty(), "the arrows of docs/ARCHITECTURE.md are broken:\n{}", broken.join("\n"));
}

fn house_with(name: &str, own: &[&str], for_tests: &[&str]) -> Workspace {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let mut members: Vec<Member> =
        ARROWS.iter().map(|(name, _)| Member { name: (*name).to_owned(), ..Member::default() }).collect();
    members.retain(|member| member.name != name);
    members.push(Member { name: name.to_owned(), own: owned(own), for_tests: owned(for_tests) });
    Workspace { members, reaches: BTreeMap::new() }
}

#[test]
fn a_planted_arrow_is_caught() {
    assert!(broken_arrows(&house_with("ally-api", &["ally-handlers", "serde"], &[])).is_empty());
    let cases: &[(&str, &str)] =
        &[("ally-domain", "ally-telemetry"), ("ally-handlers", "ally-nats"), ("ally-projections", "ally-api")];
    for (from, to) in cases {
        let expected = [format!("{from} must not see {to}")];
        assert_eq!(broken_arrows(&house_with(from, &[to], &[])), expected);
        assert_eq!(broken_arrows(&house_with(from, &[], &[to])), expected, "in tests as well");
    }
    assert_eq!(broken_arrows(&house_with("ally-new", &[], &[])).len(), 1, "a crate without arrows");
}

#[test]
fn a_planted_engine_is_caught_in_code_and_allowed_in_tests() {
    assert!(known_by_others(&house_with("ally-nats", &["async-nats", "backoff"], &[])).is_empty());
    assert!(known_by_others(&house_with("ally", &[], &["async-nats", "poem"])).is_empty());
    for (member, engine) in [("ally-api", "postgres"), ("ally", "poem"), ("ally-handlers", "backoff")] {
        assert_eq!(known_by_others(&house_with(member, &[engine], &[])).len(), 1, "{member} knows {engine}");
    }
}

#[test]
fn a_runtime_that_domain_reaches_through_another_crate_is_caught() {
    let reaches = |pairs: &[(&str, &str)]| {
        let mut reaches: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in pairs {
            reaches.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        Workspace { members: Vec::new(), reaches }
    };
    assert!(impure_domain(&reaches(&[("ally-domain", "serde"), ("ally-nats", "tokio")])).is_empty());
    let found = impure_domain(&reaches(&[("ally-domain", "clever"), ("clever", "tokio")]));
    assert_eq!(found, ["domain reaches ally-domain > clever > tokio"]);
}
