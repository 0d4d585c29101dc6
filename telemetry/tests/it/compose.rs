//! The files of `compose/`, as far as they can be checked without a container engine: they parse, they fit each other, the
//! founding ports and variables, and the list of names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ally_telemetry::names;
use serde_json::Value;

use crate::promql;

const FILES: &[&str] = &["compose.yaml", "monitoring.yaml"];
const PROMETHEUS: &[&str] = &["prometheus/containers.yml", "prometheus/host.yml"];
/// Labels that Prometheus itself adds.
const ADDED: &[&str] = &["job", "instance", "le"];

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

/// Every service of the whole stack, with its name.
fn services() -> Vec<(String, Value)> {
    let all = FILES.iter().flat_map(|file| yaml(file)["services"].as_object().unwrap().clone());
    all.collect()
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
    for (name, service) in services() {
        for volume in strings(&service["volumes"]) {
            let source = volume.split(':').next().unwrap();
            if source.starts_with('.') {
                assert!(compose(source).exists(), "{name} mounts {source}");
                assert!(volume.ends_with(":ro"), "{name} could write to {source}");
                mounts += 1;
            } else {
                let declared = FILES.iter().any(|file| yaml(file)["volumes"].get(source).is_some());
                assert!(declared, "{name} uses the undeclared volume {source}");
            }
        }
    }
    assert!(mounts >= 4, "{mounts} mounts");
    let build = &yaml("compose.yaml")["services"]["migrate"]["build"];
    assert!(compose(build["context"].as_str().unwrap()).join(build["dockerfile"].as_str().unwrap()).exists());
    for file in strings(&yaml("compose.yaml")["include"]) {
        assert!(FILES.contains(&file.as_str()) && compose(&file).exists(), "{file}");
    }
}

#[test]
fn every_image_has_a_pinned_tag() {
    let dockerfile = text(&compose("Dockerfile"));
    let bases = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("FROM "))
        .map(|line| line.split(' ').next().unwrap().to_owned());
    let images = services()
        .into_iter()
        .map(|(name, service)| service["image"].as_str().unwrap_or_else(|| panic!("{name} has no image")).to_owned());
    for image in bases.chain(images).filter(|image| image != "ally:local") {
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
        ("jaeger", "JAEGER_PORT", 16686),
        ("prometheus", "PROMETHEUS_PORT", 9090),
        ("alertmanager", "ALERTMANAGER_PORT", 9093),
        ("grafana", "GRAFANA_PORT", 3000),
    ] {
        let (_, found) = services().into_iter().find(|(name, _)| name == service).unwrap();
        let wanted = format!("${{ALLY_BIND:-127.0.0.1}}:${{{variable}:-{port}}}:{port}");
        let published = strings(&found["ports"]);
        assert!(published.contains(&wanted), "{service}: {wanted} in {published:?}");
    }
}

#[test]
fn every_variable_stands_in_the_example_with_the_same_default() {
    let example = text(&compose(".env.example"));
    let example: Vec<_> = example.lines().filter_map(|line| line.split_once('=')).collect();
    for file in FILES {
        for (name, default) in variables(&text(&compose(file))) {
            if name == "PROMETHEUS_CONFIG" {
                assert!(compose("prometheus").join(default.unwrap()).exists());
                continue;
            }
            let given = example.iter().find(|(key, _)| *key == name);
            let (_, value) = given.unwrap_or_else(|| panic!("{name} of {file} is not in .env.example"));
            // A secret has no default here and no value there.
            assert_eq!(*value, default.unwrap_or_default(), "{name} of {file}");
        }
    }
    for secret in ["GF_SECURITY_ADMIN_PASSWORD", "POSTGRES_PASSWORD", "ALLY_JWT_SECRET"] {
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
fn the_collector_listens_where_roles_send_and_sends_where_jaeger_listens() {
    let config = yaml("collector/config.yaml");
    assert_eq!(config["receivers"]["otlp"]["protocols"]["http"]["endpoint"], "0.0.0.0:4318");
    assert_eq!(config["exporters"]["otlp/jaeger"]["endpoint"], "jaeger:4317");
    assert_eq!(config["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"], "0.0.0.0:4317");
    let pipeline = &config["service"]["pipelines"]["traces"];
    assert_eq!(strings(&pipeline["processors"]), ["memory_limiter", "tail_sampling", "batch"]);
    let policies = config["processors"]["tail_sampling"]["policies"].as_array().unwrap();
    let kept: Vec<_> = policies.iter().map(|policy| policy["type"].as_str().unwrap()).collect();
    assert_eq!(
        kept,
        ["status_code", "latency", "probabilistic"],
        "errors and slow traces are kept whatever the rest is"
    );
    for part in ["receivers", "processors", "exporters"] {
        for name in strings(&pipeline[part]) {
            assert!(config[part].get(&name).is_some(), "the pipeline names the undefined {name}");
        }
    }
}

#[test]
fn every_query_of_every_dashboard_names_metrics_and_labels_that_exist() {
    let sources = yaml("grafana/provisioning/datasources/datasources.yaml");
    let uids: BTreeSet<_> =
        sources["datasources"].as_array().unwrap().iter().map(|source| source["uid"].as_str().unwrap()).collect();
    let mut queries = 0;
    for path in files(&compose("grafana/dashboards")) {
        let dashboard: Value = serde_json::from_str(&text(&path)).unwrap();
        for panel in dashboard["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().into_iter().flatten() {
                let query = target["expr"].as_str().unwrap();
                check(query);
                assert!(uids.contains(target["datasource"]["uid"].as_str().unwrap()), "{query}");
                queries += 1;
            }
        }
    }
    assert!(queries >= 15, "{queries} queries");
}

fn check(query: &str) {
    let found = promql::named(query);
    assert!(!found.series.is_empty(), "{query} names no metric");
    let mut labels: Vec<&str> = ADDED.to_vec();
    for series in found.series.iter().filter(|series| *series != "up") {
        let metric = names::metric(series).unwrap_or_else(|| panic!("{series} is no metric, in {query}"));
        let is_series = metric.name != series || metric.buckets.is_empty();
        assert!(is_series, "{series} is a histogram: {query} wants its _bucket, _sum or _count");
        labels.extend(metric.labels);
    }
    for label in &found.labels {
        assert!(labels.contains(&label.as_str()), "{label} is no label of {:?}, in {query}", found.series);
    }
}

#[test]
fn scripts_start_stop_and_clean_on_both_kinds_of_machines() {
    for (verb, wanted) in [("start", "up --detach"), ("stop", "docker compose down"), ("clean", "down --volumes")] {
        for kind in ["sh", "ps1"] {
            let path = compose(&format!("scripts/{verb}-monitoring.{kind}"));
            assert!(text(&path).contains(wanted), "{}", path.display());
            #[cfg(unix)]
            if kind == "sh" {
                use std::os::unix::fs::PermissionsExt;
                assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o111, 0o111, "{}", path.display());
            }
        }
    }
}
