//! The rules themselves: each takes files and answers with what breaks it, a line each.

use super::tree::File;

const MAX_LINES: usize = 400;

/// How a file begins that a program writes and nobody reads.
const GENERATED: &str = "// @generated";

/// Rust files of more lines than a person reads in one go.
pub fn too_long(files: &[File]) -> Vec<String> {
    let rust = files.iter().filter(|file| file.path.ends_with(".rs") && !file.text.starts_with(GENERATED));
    rust.map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(file, lines)| format!("{} has {lines} lines, more than {MAX_LINES}", file.path))
        .collect()
}

/// Subjects and JetStream's own names, anywhere but in the file that makes them.
pub fn stray_wire_names(files: &[File]) -> Vec<String> {
    let wire = |line: &str| line.contains(".es.") || line.contains("$JS");
    find(files, |path| path != "nats/src/names.rs", |code| lines_where(code, wire))
}

/// Metrics recorded under a literal instead of a constant of the list.
pub fn stray_metric_names(files: &[File]) -> Vec<String> {
    let recorded = |code: &str| {
        let mut found = Vec::new();
        for kind in ["counter!(", "gauge!(", "histogram!("] {
            for (at, _) in code.match_indices(kind) {
                let name = code[at + kind.len()..].trim_start();
                if name.starts_with('"') {
                    found.push(format!("{kind}{}", name.lines().next().unwrap_or_default()));
                }
            }
        }
        found
    };
    find(files, |path| !path.starts_with("telemetry/src/names"), recorded)
}

/// Readers of the environment beside the configuration.
pub fn stray_environment(files: &[File]) -> Vec<String> {
    let reads = |line: &str| line.contains("env::var") || line.contains("env::vars");
    let configuration = |path: &str| path == "src/config.rs" || path.starts_with("src/config/");
    find(files, |path| !configuration(path), |code| lines_where(code, reads))
}

/// HTTP clients that go through a proxy of the environment, beside those that are meant to: an own port would be looked for on
/// the proxy's machine.
pub fn stray_proxies(files: &[File]) -> Vec<String> {
    let made = |text: &str| {
        let ways = ["reqwest::get(", "Client::new()", "Client::builder()"];
        let whole = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric());
        let found = ways.iter().flat_map(|way| text.match_indices(way)).filter(|(at, _)| whole(*at));
        found
            .filter(|(at, _)| !text[*at..].split(';').next().unwrap_or_default().contains("no_proxy"))
            .map(|(_, way)| way.to_owned())
            .collect::<Vec<_>>()
    };
    let meant = ["handlers/src/providers/llm/client.rs", "telemetry/src/tracer.rs", "tests/it/house"];
    let rust = files.iter().filter(|file| file.path.ends_with(".rs") && file.text.contains("reqwest"));
    let others = rust.filter(|file| !meant.iter().any(|path| file.path.starts_with(path)));
    others.flat_map(|file| made(&file.text).into_iter().map(|way| format!("{}: {way}", file.path))).collect()
}

/// Paths that exist on somebody's machine only.
pub fn machine_paths(files: &[File]) -> Vec<String> {
    let homes = [["/ho", "me/"], ["/ro", "ot/"], ["/wo", "rk/"], ["/Us", "ers/"]].map(|halves| halves.concat());
    let mut found = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            let starts = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-}*".contains(c));
            if homes.iter().any(|home| line.match_indices(home).any(|(at, _)| starts(at))) {
                found.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    found
}

/// Looks into the code of the crates, tests and comments left out.
fn find(files: &[File], applies: impl Fn(&str) -> bool, look: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| is_code(&file.path) && applies(&file.path)) {
        found.extend(look(&code_of(&file.text)).into_iter().map(|what| format!("{}: {what}", file.path)));
    }
    found
}

fn is_code(path: &str) -> bool {
    let in_src = path.starts_with("src/") || path.contains("/src/");
    let for_tests = path.ends_with("/tests.rs") || path.contains("/tests/") || path.contains("/testing");
    path.ends_with(".rs") && in_src && !for_tests
}

/// A module of tests stands last in its file.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn lines_where(code: &str, matches: impl Fn(&str) -> bool) -> Vec<String> {
    code.lines().filter(|line| matches(line)).map(|line| line.trim().to_owned()).collect()
}
