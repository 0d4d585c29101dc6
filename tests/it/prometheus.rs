//! A real Prometheus over roles, with the rules of `compose/`: what dashboards and alerts see.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use ally_telemetry::testing::tool;
use serde_json::Value;
use tempfile::TempDir;

use crate::system::{RoleProcess, eventually, get};

/// A running Prometheus; it ends when it is dropped.
pub struct Prometheus {
    url: String,
    child: Child,
    _data: TempDir,
}

/// The rules of `compose/`.
pub const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/compose/prometheus/rules");

impl Prometheus {
    /// Scrapes roles each second, each under the name of its traces.
    pub async fn over(roles: &[(&str, &RoleProcess)]) -> Self {
        let mut targets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (service, role) in roles {
            let target = role.metrics.trim_start_matches("http://").trim_end_matches("/metrics");
            targets.entry(service).or_default().push(target);
        }
        Self::start(&targets, RULES, None).await
    }

    /// Scrapes targets each second, each under its job's name, by the rules of a folder, and tells an Alertmanager.
    pub async fn start(targets: &BTreeMap<&str, Vec<&str>>, rules: &str, alertmanager: Option<&str>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let rules = format!("{rules}/*.yml");
        let mut config = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [{rules:?}]\nscrape_configs:\n"
        );
        for (service, targets) in targets {
            writeln!(config, "- {{job_name: {service}, static_configs: [{{targets: {targets:?}}}]}}").unwrap();
        }
        if let Some(address) = alertmanager {
            writeln!(config, "alerting: {{alertmanagers: [{{static_configs: [{{targets: [{address:?}]}}]}}]}}")
                .unwrap();
        }
        let file = data.path().join("prometheus.yml");
        std::fs::write(&file, config).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(tool("prometheus"))
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", data.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--log.level=warn")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let prometheus = Self { url: format!("http://{address}"), child, _data: data };
        eventually("Prometheus is ready", async || {
            let answer = get(format!("{}/-/ready", prometheus.url)).await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
        prometheus
    }

    /// What a query finds now: the samples' values.
    pub async fn query(&self, query: &str) -> Vec<f64> {
        let url = reqwest::Url::parse_with_params(&format!("{}/api/v1/query", self.url), [("query", query)]).unwrap();
        let answer: Value = get(url).await.unwrap().json().await.unwrap();
        assert_eq!(answer["status"], "success", "{query}: {answer}");
        let samples = answer["data"]["result"].as_array().unwrap();
        samples.iter().map(|sample| sample["value"][1].as_str().unwrap().parse().unwrap()).collect()
    }

    /// The alerts that wait or fire.
    pub async fn alerts(&self) -> Vec<String> {
        let answer: Value = get(format!("{}/api/v1/alerts", self.url)).await.unwrap().json().await.unwrap();
        let alerts = answer["data"]["alerts"].as_array().unwrap();
        alerts.iter().map(|alert| alert["labels"]["alertname"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
