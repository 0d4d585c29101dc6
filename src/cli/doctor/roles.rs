//! The roles: whether each is there, takes work, and says what it uses.

use std::time::Instant;

use ally_api::About;
use ally_domain::ports::Clock;
use ally_nats::names::durable;
use reqwest::Client;
use serde_json::Value;

use super::finding::Finding;
use super::page::Page;
use super::subject::Subject;
use crate::app::SystemClock;
use crate::cli::local;
use crate::config::{Config, Role};

/// What was seen of a role.
#[derive(Debug)]
pub struct Seen {
    pub role: Role,
    /// Whether anything answered for it.
    pub answers: bool,
    pub page: Page,
    pub about: Option<About>,
    /// By how many seconds its clock is ahead of this one, and how exactly that is known.
    pub ahead: Option<(f64, f64)>,
}

pub async fn look(client: &Client, config: &Config, role: Role) -> (Vec<Finding>, Seen) {
    let (http, metrics) = local::role(&config.ports, role);
    let (health_url, metrics_url) = (format!("{http}/health/ready"), format!("{metrics}/metrics"));
    let about_url = format!("{metrics}/about");
    let (health, page, about) =
        tokio::join!(client.get(&health_url).send(), page(client, &metrics_url), about(client, &about_url));
    let mut findings = match health {
        Err(error) => vec![away(role, &health_url, &error)],
        Ok(answer) => {
            let report = answer.json().await.unwrap_or_default();
            let there = Finding::well(Subject::Role(role), role.service(), format!("answers at {http}"));
            std::iter::once(there).chain(readiness(role, &report)).collect()
        }
    };
    let answers = !findings.iter().any(|it| it.subject == Subject::Role(role) && it.is_unwell());
    findings.push(figures(role, &page, &metrics_url));
    let (about, ahead) = about.map_or((None, None), |(about, ahead)| (Some(about), Some(ahead)));
    (findings, Seen { role, answers, page, about, ahead })
}

/// Nobody answers. What takes the connection and is silent is another thing than what is not there.
fn away(role: Role, url: &str, error: &reqwest::Error) -> Finding {
    let start = format!("start it with `ally serve --role {}`, or all of them with `ally up`", role.as_str());
    let (found, remedy) = match (error.is_timeout(), error.is_connect()) {
        (true, false) => (
            format!("hangs: {url} takes the connection and does not answer within {} s", super::TIMEOUT.as_secs()),
            "look whether its process is stopped (`ps -o stat` shows T) or its machine stands still; end it and start it again, \
             what it had in hand goes to another one"
                .to_owned(),
        ),
        (true, true) => (format!("no connection to {url} within {} s", super::TIMEOUT.as_secs()), start),
        _ => (format!("does not run: nothing listens at {url}"), start),
    };
    Finding::unwell(Subject::Role(role), role.service(), found, remedy)
}

fn readiness(role: Role, report: &Value) -> Vec<Finding> {
    let what = format!("{} health", role.service());
    let status = report["status"].as_str().unwrap_or("something else answers there").to_owned();
    let subject = Subject::Readiness(role);
    let mut findings = vec![match status.as_str() {
        "ready" => Finding::well(subject, what, status),
        "draining" => {
            Finding::unwell(subject, what, status, "it was told to stop; start it again where that was not meant")
        }
        _ => Finding::unwell(subject, what, status, "what it stands on is not there; it goes on by itself once it is"),
    }];
    let unwell = report["components"].as_array().into_iter().flatten().filter(|component| component["status"] != "up");
    findings.extend(unwell.map(|component| {
        let name = component["name"].as_str().unwrap_or_default();
        Finding::unwell(
            Subject::Component(role, name.to_owned()),
            format!("{} → {name}", role.service()),
            component["reason"].as_str().unwrap_or("down"),
            remedy(name, component["status"] == "degraded"),
        )
    }));
    findings
}

fn remedy(component: &str, is_degraded: bool) -> &'static str {
    match component {
        "projections" if is_degraded => {
            "`ally projections status` shows each; the runbook's \"A view is incomplete\" says what to do"
        }
        "archive" => "the line \"archive\" says what to do",
        "background" => "the role's log has the whole reason; report it, it is a fault of Ally",
        _ if is_degraded => "it works; the runbook says what to do before it does not",
        "nats" => "check that nats-server runs and that NATS_URL names it",
        "streams" => "`ally streams apply --dry-run` shows what differs",
        durable::PLANNER
        | durable::PLANNER_EXPRESS
        | durable::ONBOARDING
        | durable::WEBHOOKS
        | durable::WEBHOOK_NOTICES => {
            "the line \"consumers\" says what to do where its settings differ; else it tries again by itself"
        }
        "postgres" => "check that PostgreSQL runs and that DATABASE_URL names it",
        _ => "look into the role's log for the reason; it tries again by itself",
    }
}

async fn page(client: &Client, url: &str) -> Page {
    let Ok(answer) = client.get(url).send().await else { return Page::default() };
    Page::new(answer.text().await.unwrap_or_default())
}

fn figures(role: Role, page: &Page, url: &str) -> Finding {
    let what = format!("{} metrics", role.service());
    match page.series() {
        0 => Finding::unwell(
            Subject::Metrics(role),
            what,
            format!("nothing at {url}"),
            "the role is not up, or its metrics port was moved in another environment",
        ),
        series => Finding::well(Subject::Metrics(role), what, format!("{series} series")),
    }
}

/// What it says of itself, and how far its clock is ahead: it answered at some moment between the question and its answer.
async fn about(client: &Client, url: &str) -> Option<(About, (f64, f64))> {
    let (asked, begun) = (SystemClock.now(), Instant::now());
    let about: About = client.get(url).send().await.ok()?.json().await.ok()?;
    let half = begun.elapsed().as_secs_f64() / 2.0;
    let ahead = (about.now - asked).as_seconds_f64() - half;
    Some((about, (ahead, half)))
}
