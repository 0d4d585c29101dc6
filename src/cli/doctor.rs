//! `ally doctor`: every role and server asked how it is, and what to do about what is wrong.

mod archive;
mod consumers;
mod model;
mod orphans;
mod store;
mod streams;

use std::process::ExitCode;
use std::time::Duration;

use ally_nats::names::durable;
use anyhow::Context;
use reqwest::Client;
use serde_json::Value;

use super::local;
use super::terminal::{self, line, paint};
use crate::config::{Config, Role};

/// What does not answer by then is told as not answering.
const TIMEOUT: Duration = Duration::from_secs(3);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the findings as JSON, one object a line.
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
#[derive(Debug, serde::Serialize)]
struct Finding {
    what: String,
    well: bool,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

pub fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("the runtime could not start")?;
    let findings = runtime.block_on(look(config))?;
    if args.json {
        for finding in &findings {
            line(&serde_json::to_string(finding)?);
        }
    } else {
        show(&findings);
    }
    Ok(if findings.iter().all(|finding| finding.well) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn look(config: &Config) -> anyhow::Result<Vec<Finding>> {
    let client = local::client(TIMEOUT)?;
    let mut findings = Vec::new();
    for role in Role::ALL {
        let ports = config.ports.of(role);
        let health = format!("http://{}/health/ready", local::address(config.ports.host, ports.http));
        findings.extend(role_health(&client, role, &health).await);
        let metrics = format!("http://{}/metrics", local::address(config.ports.host, ports.metrics));
        findings.push(role_metrics(&client, role, &metrics).await);
    }
    findings.push(monitoring(&client, config).await);
    findings.extend(store::look(&client, config).await);
    findings.push(streams::look(config).await);
    findings.extend(archive::look(config).await);
    findings.extend(consumers::look(config).await);
    findings.push(orphans::look(config, &client).await);
    findings.extend(model::look(config, TIMEOUT).await?);
    Ok(findings)
}

async fn role_health(client: &Client, role: Role, url: &str) -> Vec<Finding> {
    let what = format!("{} health", role.service());
    let report: Value = match client.get(url).send().await {
        Ok(answer) => answer.json().await.unwrap_or_default(),
        Err(_) => {
            let remedy = format!("start it with `ally serve --role {}`, or all of them with `ally up`", role.as_str());
            return vec![Finding {
                what,
                well: false,
                found: format!("nothing answers at {url}"),
                remedy: Some(remedy),
            }];
        }
    };
    let status = report["status"].as_str().unwrap_or("something else answers there").to_owned();
    let mut findings = vec![Finding { what, well: status == "ready", found: status, remedy: None }];
    let unwell = report["components"].as_array().into_iter().flatten().filter(|component| component["status"] != "up");
    findings.extend(unwell.map(|component| {
        let name = component["name"].as_str().unwrap_or_default();
        let remedy = match name {
            "projections" if component["status"] == "degraded" => {
                "`ally projections status` shows each; the runbook's \"A view is incomplete\" says what to do"
            }
            "archive" => "the line \"archive\" says what to do",
            "background" => "the role's log has the whole reason; report it, it is a fault of Ally",
            _ if component["status"] == "degraded" => "it works; the runbook says what to do before it does not",
            "nats" => "check that nats-server runs and that NATS_URL names it",
            "streams" => "`ally streams apply --dry-run` shows what differs",
            durable::PLANNER | durable::PLANNER_EXPRESS | durable::ONBOARDING => {
                "the line \"consumers\" says what to do where its settings differ; else it tries again by itself"
            }
            "postgres" => "check that PostgreSQL runs and that DATABASE_URL names it",
            _ => "look into the role's log for the reason; it tries again by itself",
        };
        Finding {
            what: format!("{} → {name}", role.service()),
            well: false,
            found: component["reason"].as_str().unwrap_or("down").to_owned(),
            remedy: Some(remedy.to_owned()),
        }
    }));
    findings
}

async fn role_metrics(client: &Client, role: Role, url: &str) -> Finding {
    let what = format!("{} metrics", role.service());
    let text = match client.get(url).send().await {
        Ok(answer) => answer.text().await.unwrap_or_default(),
        Err(_) => String::new(),
    };
    let series = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
    let well = series > 0;
    let found = if well { format!("{series} series") } else { format!("nothing at {url}") };
    let remedy = (!well).then(|| "the role is not up, or its metrics port was moved in another environment".to_owned());
    Finding { what, well, found, remedy }
}

async fn monitoring(client: &Client, config: &Config) -> Finding {
    let port = config.embedded.nats_monitor_port;
    let url = format!("http://127.0.0.1:{port}/healthz");
    let well = client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success());
    let found = if well { "healthy".to_owned() } else { format!("nothing healthy at {url}") };
    let remedy =
        (!well).then(|| "start nats-server with its monitoring on (http_port), or set NATS_MONITOR_PORT".to_owned());
    Finding { what: "NATS monitoring".to_owned(), well, found, remedy }
}

/// Sentences in the order in which they come, none of them twice.
fn each_once<'a>(sentences: impl Iterator<Item = &'a str>) -> String {
    let mut told: Vec<&str> = Vec::new();
    for sentence in sentences {
        if !told.contains(&sentence) {
            told.push(sentence);
        }
    }
    told.join("; ")
}

fn show(findings: &[Finding]) {
    let mut table = terminal::table(["", "what", "found", "what to do"]);
    for finding in findings {
        let mark = if finding.well { paint("✔", "32") } else { paint("✘", "31") };
        table.add_row([&mark, &finding.what, &finding.found, finding.remedy.as_deref().unwrap_or_default()]);
    }
    line(&table.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_is_told_once_however_many_things_it_is_for() {
        assert_eq!(each_once(["apply", "restore", "apply", "update", "restore"].into_iter()), "apply; restore; update");
    }
}
