//! Every link of the documentation that stays in the tree leads somewhere.

use std::path::{Path, PathBuf};
use std::process::Command;

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let arguments = ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"];
    let listed = Command::new("git").args(arguments).current_dir(root).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed.lines().map(|file| root.join(file)).filter(|file| file.is_file()).collect()
}

/// The targets of `[text](target)`, without anchors and without addresses of other places.
fn targets(text: &str) -> Vec<&str> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let own =
        links.filter(|link| !link.contains("://") && !link.starts_with('#') && !link.contains(char::is_whitespace));
    own.map(|link| link.split('#').next().unwrap_or_default()).collect()
}

fn broken(document: &Path, text: &str) -> Vec<String> {
    let folder = document.parent().unwrap();
    let missing = targets(text).into_iter().filter(|target| !folder.join(target).exists());
    missing.map(|target| format!("{}: {target}", document.display())).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let documents = documents();
    assert!(documents.iter().any(|document| document.ends_with("docs/ARCHITECTURE.md")), "{documents:?}");
    let broken: Vec<_> =
        documents.iter().flat_map(|document| broken(document, &std::fs::read_to_string(document).unwrap())).collect();
    assert!(broken.is_empty(), "these links lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn a_planted_broken_link_is_caught() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = "[good](Cargo.toml) [far](https://example.org/x) [here](#anchor) [bad](nowhere.md#top)";
    assert_eq!(broken(&document, text).len(), 1);
}
