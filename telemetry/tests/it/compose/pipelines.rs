//! The ways of traces and logs: the two collectors, Loki, and what Grafana is given to lead from one to the other.

use std::collections::BTreeSet;

use ally_telemetry::names::attr;
use serde_json::Value;

use super::{DOCKERS_LOGS, services, services_of, strings, yaml};

const COLLECTORS: &[&str] = &["collector/config.yaml", "collector/logs.yaml"];

/// The components and parts of components that these files may name, as the documentation of the collector's contrib
/// distribution spells them.
const COMPONENTS: &[(&str, &[&str])] = &[
    ("receivers", &["otlp", "filelog"]),
    ("processors", &["memory_limiter", "tail_sampling", "batch"]),
    ("exporters", &["otlp_grpc", "otlp_http"]),
    ("extensions", &["health_check", "file_storage"]),
];
const POLICIES: &[&str] = &["status_code", "latency", "string_attribute", "probabilistic"];
const OPERATORS: &[&str] = &["container", "filter", "move", "json_parser", "retain"];

/// A component's type: what stands before the slash of its name.
fn kind(name: &str) -> &str {
    name.split('/').next().unwrap()
}

fn keys(map: &Value) -> BTreeSet<String> {
    map.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn each_pipeline_names_what_is_defined_and_nothing_else_is() {
    for file in COLLECTORS {
        let config = yaml(file);
        let mut used = BTreeSet::new();
        for (name, pipeline) in config["service"]["pipelines"].as_object().unwrap() {
            for part in ["receivers", "processors", "exporters"] {
                let named = strings(&pipeline[part]);
                assert!(!named.is_empty(), "{file}: the pipeline {name} has no {part}");
                used.extend(named.into_iter().map(|name| (part, name)));
            }
            let processors = strings(&pipeline["processors"]);
            assert_eq!(
                processors.first().unwrap(),
                "memory_limiter",
                "{file}: a flood costs memory before it is refused"
            );
            assert_eq!(processors.last().unwrap(), "batch", "{file}: batches are taken apart again");
        }
        used.extend(strings(&config["service"]["extensions"]).into_iter().map(|name| ("extensions", name)));
        let defined: BTreeSet<_> = COMPONENTS
            .iter()
            .flat_map(|(part, _)| keys(&config[*part]).into_iter().map(move |name| (*part, name)))
            .collect();
        assert_eq!(used, defined, "{file}");
        for (part, kinds) in COMPONENTS {
            for name in keys(&config[*part]) {
                assert!(kinds.contains(&kind(&name)), "{file}: {name} is none of the documented {part}");
            }
        }
    }
}

#[test]
fn the_collector_listens_where_roles_send_and_sends_where_jaeger_listens() {
    let config = yaml("collector/config.yaml");
    let otlp = &config["receivers"]["otlp"]["protocols"];
    assert_eq!(
        (&otlp["http"]["endpoint"], &otlp["grpc"]["endpoint"]),
        (&"0.0.0.0:4318".into(), &"0.0.0.0:4317".into())
    );
    assert_eq!(config["exporters"]["otlp_grpc/jaeger"]["endpoint"], "jaeger:4317");
    for (_, service) in services_of("monitoring.yaml").iter().filter(|(_, it)| it["image"] == "ally-collector:local") {
        let check = strings(&service["healthcheck"]["test"]);
        assert_eq!(check.last().unwrap(), "http://127.0.0.1:13133/");
    }
    for file in COLLECTORS {
        assert_eq!(yaml(file)["extensions"]["health_check"]["endpoint"], "127.0.0.1:13133", "{file}");
    }
}

#[test]
fn errors_slow_traces_and_jobs_are_always_kept() {
    let config = yaml("collector/config.yaml");
    let sampling = &config["processors"]["tail_sampling"];
    let policies = sampling["policies"].as_array().unwrap();
    for policy in policies {
        let kind = policy["type"].as_str().unwrap();
        assert!(POLICIES.contains(&kind) && policy[kind].is_object(), "{policy}");
    }
    let policy = |name: &str| policies.iter().find(|policy| policy["name"] == name).unwrap();
    assert_eq!(strings(&policy("errors")["status_code"]["status_codes"]), ["ERROR"]);
    assert_eq!(policy("slow")["latency"]["threshold_ms"], 2000);
    assert_eq!(policy("jobs")["string_attribute"]["key"], attr::JOB_ID);
    let part = policy("rest")["probabilistic"]["sampling_percentage"].as_str().unwrap();
    let variable = part.strip_prefix("${env:").and_then(|part| part.strip_suffix('}')).unwrap();
    let (_, collector) = services().into_iter().find(|(name, _)| name == "collector").unwrap();
    assert!(collector["environment"][variable].is_string(), "nothing sets {variable}");
    // Decisions outlive the spans that they were made by.
    let held = sampling["num_traces"].as_u64().unwrap();
    assert!(sampling["decision_cache"]["sampled_cache_size"].as_u64().unwrap() >= 5 * held);
}

#[test]
fn a_line_reaches_loki_with_its_service_its_trace_and_its_job() {
    let config = yaml("collector/logs.yaml");
    let receiver = &config["receivers"]["filelog"];
    assert_eq!(strings(&receiver["include"]), [format!("{DOCKERS_LOGS}/*/*-json.log")]);
    let operators = receiver["operators"].as_array().unwrap();
    for operator in operators {
        assert!(OPERATORS.contains(&operator["type"].as_str().unwrap()), "{operator}");
    }
    // Whose a line is: the label that Docker is told to write is the one that is read.
    let label = format!("attributes.attrs[\"{}\"]", services()[0].1["logging"]["options"]["labels"].as_str().unwrap());
    let moved = |from: &str| operators.iter().any(|it| it["from"] == from && it["to"] == "resource[\"service.name\"]");
    assert!(moved(&label) && moved("attributes.service"), "{operators:?}");
    let json = operators.iter().find(|it| it["type"] == "json_parser").unwrap();
    for id in ["trace_id", "span_id"] {
        assert_eq!(json["trace"][id]["parse_from"], format!("attributes.{id}"));
    }
    let kept = strings(&operators.iter().find(|it| it["type"] == "retain").unwrap()["fields"]);
    for id in [attr::JOB_ID, attr::PLAN_ID, attr::PRESENCE_ROOM_ID] {
        assert!(kept.contains(&format!("attributes.{id}")) || kept.contains(&format!("attributes[\"{id}\"]")), "{id}");
    }
    let exporter = config["exporters"]["otlp_http/loki"]["endpoint"].as_str().unwrap();
    let loki = yaml("loki/config.yaml");
    assert_eq!(exporter, format!("http://loki:{}/otlp", loki["server"]["http_listen_port"]));
    // Where a line was read to outlives the reader.
    assert_eq!(receiver["storage"], "file_storage");
    let (_, reader) = services().into_iter().find(|(name, _)| name == "logs").unwrap();
    let directory = config["extensions"]["file_storage"]["directory"].as_str().unwrap();
    assert!(strings(&reader["volumes"]).iter().any(|volume| volume.ends_with(&format!(":{directory}"))));
}

#[test]
fn loki_takes_structured_metadata_and_forgets_after_a_while() {
    let loki = yaml("loki/config.yaml");
    let schema = &loki["schema_config"]["configs"][0];
    assert_eq!((&schema["schema"], &schema["store"]), (&"v13".into(), &"tsdb".into()), "structured metadata need both");
    let limits = &loki["limits_config"];
    assert_eq!(limits["allow_structured_metadata"], true);
    assert!(limits["retention_period"].is_string() && loki["compactor"]["retention_enabled"] == true);
    let labels = &limits["otlp_config"]["resource_attributes"]["attributes_config"][0];
    assert_eq!(strings(&labels["attributes"]), ["service.name"], "a label of many values makes a stream of each");
}

#[test]
fn grafana_leads_from_metric_to_trace_to_log_and_back() {
    let sources = yaml("grafana/provisioning/datasources/datasources.yaml");
    let source = |uid: &str| {
        sources["datasources"].as_array().unwrap().iter().find(|source| source["uid"] == uid).unwrap()["jsonData"]
            .clone()
    };
    let exemplars = &source("prometheus")["exemplarTraceIdDestinations"][0];
    assert_eq!((&exemplars["name"], &exemplars["datasourceUid"]), (&"trace_id".into(), &"jaeger".into()));
    let lines = &source("jaeger")["tracesToLogsV2"];
    assert_eq!(lines["datasourceUid"], "loki");
    assert!(lines["query"].as_str().unwrap().contains("trace_id=\"$${__trace.traceId}\""), "{lines}");
    let traces = &source("loki")["derivedFields"][0];
    assert_eq!((&traces["matcherType"], &traces["matcherRegex"]), (&"label".into(), &"trace_id".into()));
    assert_eq!(traces["datasourceUid"], "jaeger");
    // A role is scraped with its exemplars only where Prometheus keeps them.
    let (_, prometheus) = services().into_iter().find(|(name, _)| name == "prometheus").unwrap();
    assert!(strings(&prometheus["command"]).contains(&"--enable-feature=exemplar-storage".to_owned()));
}
