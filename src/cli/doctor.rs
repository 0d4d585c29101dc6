//! `ally doctor`: every role and server asked how it is, the cause told before its symptoms, and what to do about it.
//!
//! It asks whom it can reach, and what the roles say that they use; nothing is changed. Each look has a deadline, so that a
//! server that hangs is told within seconds, like one that is gone.

mod archive;
mod clocks;
mod consumers;
mod dead_letters;
mod finding;
mod handshake;
mod model;
mod orphans;
mod page;
mod rank;
mod release;
mod roles;
mod servers;
mod show;
mod store;
mod streams;
mod subject;
mod traces;
mod views;
mod webhooks;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::future::join_all;
use reqwest::Client;
use serde_json::Value;

use ally_projections::{AboutServer, Database};
use ally_telemetry::names::dependency;

use self::finding::Finding;
use self::rank::{Diagnosis, rank};
use self::roles::Seen;
use self::subject::Subject;
use super::{local, reach, terminal};
use crate::config::{Config, Role};

/// What does not answer by then is told as not answering; a role gives its own parts two seconds.
const TIMEOUT: Duration = Duration::from_millis(2_500);
/// What is asked of the log and of the views takes no longer, each by itself.
const LOOK_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the findings as JSON, one object a line, causes first.
    #[arg(long)]
    json: bool,
    /// After a release: have an athlete of its own walk to a plan first, and see that every role is of this version.
    #[arg(long)]
    release: bool,
    /// Look again every so many seconds, until Ctrl-C.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    watch: Option<u64>,
}

pub fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("the runtime could not start")?;
    let code = runtime.block_on(look_and_show(config, args));
    // What still waits for a server that hangs is left alone.
    runtime.shutdown_background();
    code
}

async fn look_and_show(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    loop {
        let begun = Instant::now();
        let diagnosis = rank(Box::pin(look(config, args.release)).await?);
        if args.watch.is_some() {
            terminal::clear();
        }
        match args.json {
            true => show::objects(&diagnosis)?,
            false => show::text(&diagnosis, begun.elapsed()),
        }
        match args.watch {
            None => return Ok(exit_code(&diagnosis)),
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
        }
    }
}

fn exit_code(diagnosis: &Diagnosis) -> ExitCode {
    if diagnosis.causes.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn look(config: &Config, release: bool) -> anyhow::Result<Vec<Finding>> {
    // First, so that the figures that are read below have moved.
    let walked = if release { Some(release::walk(config).await) } else { None };
    let client = local::client(TIMEOUT)?;
    let (roles, mut nats, mut postgres, (monitoring, page, nats_clock), endpoint) = tokio::join!(
        join_all(Role::ALL.map(|role| roles::look(&client, config, role))),
        servers::nats(config),
        servers::postgres(config),
        monitoring(&client, config),
        model::look(config, TIMEOUT),
    );
    let (of_roles, seen): (Vec<_>, Vec<_>) = roles.into_iter().unzip();
    servers::elsewhere(&mut nats.finding, dependency::NATS, &config.nats.url.to_string(), &seen);
    servers::elsewhere(&mut postgres.finding, dependency::POSTGRES, &config.database.url.to_string(), &seen);
    let reachable = (nats.is_reached(), postgres.is_reached());
    let mut findings: Vec<_> = all_away(&seen).into_iter().collect();
    findings.extend(of_roles.into_iter().flatten());
    findings.extend([nats.finding, postgres.finding, monitoring]);
    findings.extend(store::look(config, &page));
    findings.extend(endpoint);
    findings.extend(model::met(&seen));
    let (further, collectors) =
        tokio::join!(log_and_views(config, &seen, reachable, &page), traces::collectors(&client, &seen));
    findings.extend(further);
    findings.extend(collectors);
    findings.extend(traces::lost(&seen));
    findings.extend(clocks::of_roles(&seen));
    findings.extend(nats_clock);
    findings.push(clocks::versions(&seen));
    if release {
        findings.extend(walked);
        findings.extend(release::look(&seen));
    }
    Ok(findings)
}

/// With what its clock comes to: a moment later it would seem to be behind.
async fn monitoring(client: &Client, config: &Config) -> (Finding, Value, Option<Finding>) {
    let begun = Instant::now();
    let (finding, page) = servers::monitoring(client, config).await;
    let clock = clocks::of_nats(&page, begun.elapsed().as_secs_f64());
    (finding, page, clock)
}

/// Where no role answers at all, that is the one thing to say.
fn all_away(seen: &[Seen]) -> Option<Finding> {
    let is_away = seen.iter().all(|seen| !seen.answers);
    is_away.then(|| {
        let remedy = "`ally up` starts all of them here; ALLY_ROLE_HOST says where they run, if not on this machine";
        Finding::unwell(Subject::AllRoles, "Ally", "none of its roles answers", remedy)
    })
}

/// What only the log and the views know, as far as each can be reached.
async fn log_and_views(config: &Config, seen: &[Seen], reachable: (bool, bool), page: &Value) -> Vec<Finding> {
    let (log, views) = tokio::join!(async { if reachable.0 { Some(log(config).await) } else { None } }, async {
        if reachable.1 { Some(within("the views", Subject::Postgres, views::log_in(config)).await) } else { None }
    },);
    let mut findings = Vec::new();
    let (log, views) = (known(log, &mut findings), known(views, &mut findings));
    if let Some(log) = &log {
        findings.extend(Box::pin(of_log(config, log, seen, views.as_ref())).await);
    }
    let about = match &views {
        Some(views) => server(views, &mut findings).await,
        None => None,
    };
    findings.extend(clocks::durability(page, about.as_ref()));
    findings
}

/// What the log knows, each look with a deadline of its own.
async fn of_log(config: &Config, log: &reach::Log, seen: &[Seen], views: Option<&Database>) -> Vec<Finding> {
    let one = |finding: Finding| async move { vec![finding] };
    let lag = async {
        match views {
            Some(views) => views::lag(log, views, seen).await,
            None => Vec::new(),
        }
    };
    let hooks = async {
        match views {
            Some(views) => webhooks::look(&log.jetstream, views, seen).await,
            None => Vec::new(),
        }
    };
    let letters = async { one(dead_letters::look(&log.jetstream).await).await };
    let orphans = async { one(orphans::look(config, log, seen).await).await };
    let archive = async { archive::look(config, log).await.into_iter().collect() };
    let (streams, consumers, letters, orphans, archive, lag, hooks) = tokio::join!(
        bounded("streams", Subject::Streams, async { one(streams::look(&log.jetstream).await).await }),
        bounded("consumers", Subject::Consumer(String::new()), consumers::look(config, &log.jetstream)),
        bounded("dead letters", Subject::DeadLetters, letters),
        bounded("orphaned jobs", Subject::Orphans, orphans),
        bounded("archive", Subject::Archive, archive),
        bounded("views", Subject::Lag(String::new()), lag),
        bounded("webhooks", Subject::Webhooks, hooks),
    );
    // Without its streams nothing else of the log can be looked at, and each look would only say so again.
    match streams.iter().any(Finding::is_unwell) {
        true => streams,
        false => [streams, consumers, letters, orphans, archive, lag, hooks].concat(),
    }
}

/// What PostgreSQL says of itself, and what its clock comes to.
async fn server(views: &Database, findings: &mut Vec<Finding>) -> Option<AboutServer> {
    let begun = Instant::now();
    let about = tokio::time::timeout(LOOK_TIMEOUT, views.about_server()).await.ok()?.ok()?;
    findings.extend(clocks::of_postgres(&about, begun.elapsed().as_secs_f64()));
    Some(about)
}

async fn bounded(what: &str, subject: Subject, look: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    let found = within(what, subject, async { Ok(look.await) }).await;
    found.unwrap_or_else(|finding| vec![finding])
}

/// What was reached; what was not is a finding.
fn known<T>(reached: Option<Result<T, Finding>>, findings: &mut Vec<Finding>) -> Option<T> {
    match reached? {
        Ok(reached) => Some(reached),
        Err(finding) => {
            findings.push(finding);
            None
        }
    }
}

async fn log(config: &Config) -> Result<reach::Log, Finding> {
    let reached = async {
        let log = async { reach::log_of(config, reach::jetstream(config).await?) }.await;
        log.map_err(|error| {
            let remedy = "its own log says why JetStream does not answer, or why it lets nobody in";
            Finding::unwell(Subject::Nats, "JetStream", format!("{error:#}"), remedy)
        })
    };
    within("JetStream", Subject::Nats, reached).await
}

async fn within<T>(what: &str, subject: Subject, look: impl Future<Output = Result<T, Finding>>) -> Result<T, Finding> {
    tokio::time::timeout(LOOK_TIMEOUT, look).await.unwrap_or_else(|_| {
        let found = format!("no answer within {} s, although its server speaks", LOOK_TIMEOUT.as_secs());
        Err(Finding::unwell(
            subject,
            what,
            found,
            "the server's own log says what it waits for: its disk, a lock, its other servers",
        ))
    })
}

/// Sentences in the order in which they come, none of them twice.
fn each_once<'a>(sentences: impl Iterator<Item = &'a str>) -> String {
    let mut once: Vec<&str> = Vec::new();
    for sentence in sentences {
        if !once.contains(&sentence) {
            once.push(sentence);
        }
    }
    once.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_is_told_once_however_many_things_it_is_for() {
        assert_eq!(each_once(["apply", "restore", "apply", "update", "restore"].into_iter()), "apply; restore; update");
    }
}
