//! The files of `compose/`, as far as they can be checked without a container engine: they parse, they fit each other, the
//! founding ports and variables. What each service may do, where logs and traces go, and what dashboards name stand below.

mod dashboards;
mod pipelines;
mod schema;
mod services;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ally_telemetry::names;
use serde_json::Value;

/// Two projects: what runs, and what watches it.
const PROJECTS: &[&str] = &["compose.yaml", "monitoring.yaml"];
const PROMETHEUS: &[&str] = &["prometheus/containers.yml", "prometheus/host.yml"];
/// What the scripts draw at the first start.
const DRAWN: [&str; 4] = ["GF_SECURITY_ADMIN_PASSWORD", "POSTGRES_PASSWORD", "ALLY_JWT_SECRET", "ALLY_WEBHOOK_KEY"];
/// Where Docker keeps what each container wrote: the one folder of the machine that a container sees.
const DOCKERS_LOGS: &str = "/var/lib/docker/containers";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn compose(file: &str) -> PathBuf {
    root().join("compose").join(file)
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn yaml(file: &str) -> Value {
    serde_saphyr::from_str(&text(&compose(file))).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn files(below: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Every service of a project, with its name.
fn services_of(project: &str) -> Vec<(String, Value)> {
    yaml(project)["services"].as_object().unwrap().clone().into_iter().collect()
}

/// Every service of the whole stack, with its name.
fn services() -> Vec<(String, Value)> {
    PROJECTS.iter().flat_map(|project| services_of(project)).collect()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// `${NAME:-default}` and `${NAME:?message}`, in a text.
fn variables(text: &str) -> Vec<(String, Option<String>)> {
    let parts = text.split("${").skip(1).map(|part| part.split_once('}').unwrap().0);
    parts
        .map(|part| match part.split_once(":-") {
            Some((name, default)) => (name.to_owned(), Some(default.to_owned())),
            None => (part.split(':').next().unwrap().to_owned(), None),
        })
        .collect()
}

#[test]
fn every_yaml_and_json_file_parses() {
    let mut seen = 0;
    for path in files(&root().join("compose")) {
        let extension = path.extension().and_then(|extension| extension.to_str());
        if matches!(extension, Some("yaml" | "yml")) {
            let parsed: Result<Value, _> = serde_saphyr::from_str(&text(&path));
            assert!(parsed.is_ok(), "{}: {:?}", path.display(), parsed.err());
            seen += 1;
        } else if extension == Some("json") {
            assert!(serde_json::from_str::<Value>(&text(&path)).is_ok(), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 9, "{seen} files");
}

#[test]
fn every_mounted_file_exists() {
    let mut mounts = 0;
    for project in PROJECTS {
        let declared = yaml(project)["volumes"].clone();
        for (name, service) in services_of(project) {
            for volume in strings(&service["volumes"]) {
                let source = volume.split(':').next().unwrap();
                if source.starts_with('.') || source == DOCKERS_LOGS {
                    assert!(source == DOCKERS_LOGS || compose(source).exists(), "{name} mounts {source}");
                    assert!(volume.ends_with(":ro"), "{name} could write to {source}");
                    mounts += 1;
                } else {
                    assert!(declared.get(source).is_some(), "{name} uses the undeclared volume {source}");
                }
            }
            if let Some(context) = service["build"]["context"].as_str() {
                let dockerfile = service["build"]["dockerfile"].as_str().unwrap_or("Dockerfile");
                assert!(compose(context).join(dockerfile).exists(), "{name} is built from {context}/{dockerfile}");
            }
        }
    }
    assert!(mounts >= 4, "{mounts} mounts");
}

#[test]
fn every_image_has_a_pinned_tag() {
    let dockerfiles = ["Dockerfile", "collector/Dockerfile"].map(|file| text(&compose(file))).concat();
    let bases = dockerfiles
        .lines()
        .filter_map(|line| line.strip_prefix("FROM "))
        .map(|line| line.split(' ').next().unwrap().to_owned());
    let images = services().into_iter().filter_map(|(name, service)| {
        let image = service["image"].as_str().unwrap_or_else(|| panic!("{name} has no image")).to_owned();
        let is_ours = image.ends_with(":local");
        assert!(!is_ours || !service["build"].is_null() || image == "ally:local", "nothing builds {image} of {name}");
        (!is_ours).then_some(image)
    });
    for image in bases.chain(images) {
        let (_, tag) = image.rsplit_once(':').unwrap_or_else(|| panic!("{image} has no tag"));
        let version = tag.trim_start_matches('v');
        assert!(version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.'), "{image} floats");
    }
}

#[test]
fn the_image_is_built_by_the_toolchain_of_the_repository() {
    let toolchain = text(&root().join("rust-toolchain.toml"));
    let channel = toolchain.lines().find_map(|line| line.strip_prefix("channel = ")).unwrap().trim_matches('"');
    assert!(text(&compose("Dockerfile")).contains(&format!("FROM rust:{channel}-")), "{channel}");
}

#[test]
fn ports_and_their_variables_are_the_founding_ones() {
    let services = services();
    for (service, variable, port) in [
        ("gateway", "GATEWAY_BFF_PORT", 4000),
        ("gateway", "GATEWAY_BFF_METRICS_PORT", 9464),
        ("onboarding", "PROFILE_ONBOARDING_PORT", 4101),
        ("onboarding", "PROFILE_ONBOARDING_METRICS_PORT", 9465),
        ("planner", "PLANNING_ENGINE_PORT", 4102),
        ("planner", "PLANNING_ENGINE_METRICS_PORT", 9466),
        ("presence", "REALTIME_PRESENCE_SERVICE_PORT", 4103),
        ("presence", "REALTIME_PRESENCE_SERVICE_METRICS_PORT", 9467),
        ("projector", "PROJECTOR_PORT", 4104),
        ("projector", "PROJECTOR_METRICS_PORT", 9468),
        ("nats", "NATS_PORT", 4222),
        ("nats", "NATS_MONITOR_PORT", 8222),
        ("postgres", "POSTGRES_PORT", 5432),
        ("collector", "OTLP_HTTP_PORT", 4318),
        ("collector", "OTLP_GRPC_PORT", 4317),
        ("jaeger", "JAEGER_PORT", 16686),
        ("loki", "LOKI_PORT", 3100),
        ("prometheus", "PROMETHEUS_PORT", 9090),
        ("alertmanager", "ALERTMANAGER_PORT", 9093),
        ("grafana", "GRAFANA_PORT", 3000),
    ] {
        let (_, found) = services.iter().find(|(name, _)| name == service).unwrap();
        let wanted = format!(":${{{variable}:-{port}}}:{port}");
        let published = strings(&found["ports"]);
        assert!(published.iter().any(|port| port.ends_with(&wanted)), "{service}: {wanted} in {published:?}");
    }
}

#[test]
fn every_variable_stands_in_the_example_with_the_same_default() {
    let example = text(&compose(".env.example"));
    let example: Vec<_> = example.lines().filter_map(|line| line.split_once('=')).collect();
    for file in PROJECTS {
        for (name, default) in variables(&text(&compose(file))) {
            if name == "PROMETHEUS_CONFIG" {
                assert!(compose("prometheus").join(default.unwrap()).exists());
                continue;
            }
            let given = example.iter().find(|(key, _)| *key == name);
            let (_, value) = given.unwrap_or_else(|| panic!("{name} of {file} is not in .env.example"));
            // A secret has no default here and no value there; where nothing is given there, the default here holds.
            assert!(value.is_empty() || *value == default.unwrap_or_default(), "{name} of {file}");
        }
    }
    for secret in DRAWN {
        assert!(example.contains(&(secret, "")), "{secret} has a value that everybody knows");
    }
}

#[test]
fn every_role_is_scraped_under_the_name_of_its_traces() {
    let roles: Vec<_> = services()
        .into_iter()
        .filter_map(|(name, service)| match strings(&service["command"]).as_slice() {
            [serve, flag, role] if serve == "serve" && flag == "--role" => Some((name, role.clone(), service)),
            _ => None,
        })
        .collect();
    assert_eq!(roles.len(), 5);
    for (host, role, service) in roles {
        assert_eq!(host, role, "a container is named after its role");
        let environment = service["environment"].as_object().unwrap();
        let (variable, metrics_port) = environment.iter().find(|(key, _)| key.ends_with("_METRICS_PORT")).unwrap();
        let prefix = variable.trim_end_matches("_METRICS_PORT");
        let job = prefix.to_ascii_lowercase().replace('_', "-");
        assert!(names::service::ALL.contains(&job.as_str()), "{job} is no role");
        let (port, metrics_port) =
            (environment[&format!("{prefix}_PORT")].as_str().unwrap(), metrics_port.as_str().unwrap());
        for file in PROMETHEUS {
            let config = yaml(file);
            let scraped =
                config["scrape_configs"].as_array().unwrap().iter().find(|scrape| scrape["job_name"] == job.as_str());
            let scraped = scraped.unwrap_or_else(|| panic!("{file} does not scrape {job}"));
            let from = if file.contains("host") { "host.docker.internal" } else { host.as_str() };
            assert_eq!(scraped["static_configs"][0]["targets"][0], format!("{from}:{metrics_port}"));
        }
        let check = strings(&service["healthcheck"]["test"]).join(" ");
        assert!(check.ends_with(&format!("http://127.0.0.1:{port}/health/ready")), "{check}");
        assert_eq!(environment["OTEL_EXPORTER_OTLP_ENDPOINT"], "http://collector:4318");
    }
}

#[test]
fn the_roles_are_given_only_variables_that_they_read() {
    let readers: String = files(&root().join("src"))
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| text(path))
        .collect();
    for (name, service) in services() {
        if service["image"] != "ally:local" {
            continue;
        }
        for variable in service["environment"].as_object().unwrap().keys() {
            assert!(readers.contains(&format!("\"{variable}\"")), "{name} sets {variable}, which nothing reads");
        }
    }
}

#[test]
fn the_event_log_is_on_disk_before_it_acknowledges() {
    let config = text(&compose("nats/nats.conf"));
    let settings: BTreeSet<_> = config.lines().map(str::trim).collect();
    for setting in ["sync_interval: always", "http_port: 8222", "port: 4222", "store_dir: /data"] {
        assert!(settings.contains(setting), "{setting}");
    }
}

#[test]
fn scripts_start_stop_and_clean_on_both_kinds_of_machines() {
    let monitoring = "docker compose -f monitoring.yaml";
    for (verb, wanted) in [("start", "up --detach"), ("stop", "down"), ("clean", "down --volumes")] {
        for kind in ["sh", "ps1"] {
            let path = compose(&format!("scripts/{verb}-monitoring.{kind}"));
            let script = text(&path);
            assert!(script.contains(&format!("{monitoring} {wanted}")), "{}", path.display());
            // The events belong to the other project: nothing here deletes what that one keeps.
            for line in script.lines().filter(|line| line.contains("--volumes") || line.contains("volume rm")) {
                assert!(line.contains(monitoring), "{} deletes more than the monitoring's: {line}", path.display());
            }
            #[cfg(unix)]
            if kind == "sh" {
                use std::os::unix::fs::PermissionsExt;
                assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o111, 0o111, "{}", path.display());
            }
        }
    }
}

#[test]
fn the_scripts_draw_every_secret_that_nobody_else_gives() {
    let [sh, ps1] = ["sh", "ps1"].map(|kind| text(&compose(&format!("scripts/start-monitoring.{kind}"))));
    let drawn = ps1.lines().find(|line| line.trim_start().starts_with("$secrets = ")).unwrap();
    for secret in DRAWN {
        assert!(sh.contains(&format!("s/^{secret}=\\$/&$(secret)/")), "start-monitoring.sh does not draw {secret}");
        assert!(drawn.contains(&format!("'{secret}'")), "start-monitoring.ps1 does not draw {secret}");
    }
}

#[cfg(unix)]
#[test]
fn a_start_draws_each_secret_once_and_gives_an_older_file_the_key_of_webhooks() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["scripts", "bin"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    for file in [".env.example", "scripts/start-monitoring.sh"] {
        fs::copy(compose(file), folder.path().join(file)).unwrap();
    }
    // The container engine is no part of what is looked at.
    let docker = folder.path().join("bin/docker");
    fs::write(&docker, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&docker, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let start = || {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.path().join("bin").display());
        let mut script = std::process::Command::new("sh");
        let output = script.arg(folder.path().join("scripts/start-monitoring.sh")).env("PATH", path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read_to_string(folder.path().join(".env")).unwrap()
    };
    let value = |env: &str, name: &str| {
        let found: Vec<_> = env.lines().filter_map(|line| line.strip_prefix(&format!("{name}="))).collect();
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        found[0].to_owned()
    };
    let first = start();
    let drawn: BTreeSet<_> = DRAWN.iter().map(|name| value(&first, name)).collect();
    assert!(drawn.len() == DRAWN.len() && drawn.iter().all(|secret| secret.len() >= 32), "{drawn:?}");
    assert_eq!(start(), first, "another start changes nothing");
    let older: String =
        first.lines().filter(|line| !line.starts_with("ALLY_WEBHOOK_KEY")).map(|line| format!("{line}\n")).collect();
    fs::write(folder.path().join(".env"), &older).unwrap();
    let updated = start();
    assert!(value(&updated, "ALLY_WEBHOOK_KEY").len() >= 32);
    assert_eq!(value(&updated, "ALLY_JWT_SECRET"), value(&first, "ALLY_JWT_SECRET"));
}

#[test]
fn the_scripts_write_every_secret_that_a_container_reads() {
    let example = text(&compose(".env.example"));
    assert!(text(&compose(".gitignore")).lines().any(|line| line == "secrets/"), "secrets/ could be committed");
    for project in PROJECTS {
        for (name, secret) in yaml(project)["secrets"].as_object().unwrap() {
            // One from a variable cannot be put into a container that is read-only.
            assert_eq!(secret["file"], format!("./secrets/{name}"));
            for (kind, call) in [("sh", "write_secret"), ("ps1", "Write-Secret")] {
                let script = text(&compose(&format!("scripts/start-monitoring.{kind}")));
                let start = format!("{call} {name} ");
                let variable = script.lines().find_map(|line| line.trim().strip_prefix(&start));
                let variable = variable.unwrap_or_else(|| panic!("start-monitoring.{kind} does not write {name}"));
                assert!(example.contains(&format!("\n{variable}=\n")), "{variable} has a value that everybody knows");
            }
        }
    }
}
