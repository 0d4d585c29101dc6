//! The rules of the house that no compiler checks. Each has a test that plants a violation and sees it caught.

mod rules;
mod tree;

use tree::{File, read_tree};

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn the_whole_tree_is_read() {
    let tree = read_tree();
    for path in ["src/main.rs", "domain/src/lib.rs", "nats/src/names.rs", "Makefile", ".ci/run", "README.md"] {
        assert!(tree.iter().any(|file| file.path == path), "{path} was not read, so no rule holds for it");
    }
    assert!(!tree.iter().any(|file| file.path.starts_with("target/") || file.path.starts_with(".local/")));
}

#[test]
fn no_file_is_too_long_to_read() {
    assert_none(&rules::too_long(&read_tree()), "split a file where its description says \"and\"");
}

#[test]
fn a_file_that_is_too_long_is_caught() {
    let lines = "//\n".repeat(401);
    let planted = [file("api/src/a.rs", &lines), file("api/src/b.rs", &lines[3..]), file("docs/c.md", &lines)];
    assert_eq!(rules::too_long(&planted), ["api/src/a.rs has 401 lines, more than 400"]);
}

#[test]
fn wire_names_are_written_once() {
    assert_none(&rules::stray_wire_names(&read_tree()), "subjects are made in nats/src/names.rs");
}

#[test]
fn a_stray_wire_name_is_caught() {
    let (subject, advisory) = (["ally", ".es", ".job"].concat(), ["$", "JS.API"].concat());
    let literal = format!("fn f() -> &'static str {{ \"{subject}\" }}\n");
    let caught = [file("handlers/src/a.rs", &literal), file("nats/src/b.rs", &format!("let api = \"{advisory}\";"))];
    assert_eq!(rules::stray_wire_names(&caught).len(), 2);
    let allowed = [
        file("nats/src/names.rs", &literal),
        file("handlers/src/a.rs", &format!("/// Like `{subject}`.\n#[cfg(test)]\nmod tests {{ {literal} }}")),
        file("nats/tests/it/b.rs", &literal),
    ];
    assert_none(&rules::stray_wire_names(&allowed), "allowed");
}

#[test]
fn metric_names_are_written_once() {
    assert_none(&rules::stray_metric_names(&read_tree()), "metrics are named in telemetry/src/names.rs");
}

#[test]
fn a_stray_metric_name_is_caught() {
    let literal = ["metrics::counter", "!(\"jobs_total\").increment(1);"].concat();
    let wrapped = ["metrics::histogram", "!(\n    \"job_seconds\",\n);"].concat();
    let caught = [file("nats/src/a.rs", &literal), file("api/src/b.rs", &wrapped)];
    assert_eq!(rules::stray_metric_names(&caught).len(), 2);
    let allowed = [file("api/src/a.rs", "counter!(names::JOBS_TOTAL)"), file("telemetry/tests/it/b.rs", &literal)];
    assert_none(&rules::stray_metric_names(&allowed), "allowed");
}

#[test]
fn the_environment_is_read_in_one_place() {
    assert_none(&rules::stray_environment(&read_tree()), "only src/config reads the environment");
}

#[test]
fn a_stray_reader_of_the_environment_is_caught() {
    let read = ["let home = std::env", "::var(\"HOME\");"].concat();
    let caught = [file("api/src/a.rs", &read), file("src/app.rs", &read.replace("var(", "var_os("))];
    assert_eq!(rules::stray_environment(&caught).len(), 2);
    let allowed =
        [file("src/config.rs", &read), file("src/config/environment.rs", &read), file("nats/tests/it/a.rs", &read)];
    assert_none(&rules::stray_environment(&allowed), "allowed");
}

#[test]
fn own_ports_are_never_asked_through_a_proxy() {
    assert_none(
        &rules::stray_proxies(&read_tree()),
        "a client of own ports says no_proxy(): cli/local.rs, tests/it/system",
    );
}

#[test]
fn a_client_that_would_use_a_proxy_is_caught() {
    let planted = [
        file("src/a.rs", "let answer = reqwest::get(url).await;"),
        file("tests/it/b.rs", "use reqwest::Client; let client = Client::builder().timeout(t).build();"),
    ];
    assert_eq!(rules::stray_proxies(&planted).len(), 2);
    let allowed = [file("src/a.rs", "reqwest::Client::builder()\n.timeout(t).no_proxy().build()")];
    assert_none(&rules::stray_proxies(&allowed), "allowed");
}

#[test]
fn the_tree_names_no_machine() {
    assert_none(&rules::machine_paths(&read_tree()), "a path of one machine means nothing on another");
}

#[test]
fn a_machine_s_path_is_caught() {
    let home = ["/ho", "me/amy/ally"].concat();
    let root = ["see /ro", "ot/.cargo"].concat();
    let planted = [file("docs/a.md", &home), file("Makefile", &root), file("docs/b.md", "/etc/passwd and /tmp")];
    assert_eq!(rules::machine_paths(&planted).len(), 2);
}
