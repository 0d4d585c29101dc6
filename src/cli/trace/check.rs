//! `ally trace-check`: an athlete walks from their answers to their plan, and the trace of it must show every step.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use ally_telemetry::trace_tree::{TraceSpan, trace_tree};
use anyhow::bail;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{Trace, Traces};
use super::expected::lacks;
use crate::cli::client::Client;
use crate::cli::{local, reach, terminal};
use crate::config::{Config, Role};

/// A plan that takes longer is told as such.
const JOB_DEADLINE: Duration = Duration::from_secs(60);
/// Spans come a moment after what they are about: the last ones when the batch of the projector has ended.
const TRACE_DEADLINE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(100);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the gateway is, where it is not where the configuration says: http://127.0.0.1:4000.
    #[arg(long, value_name = "URL")]
    gateway: Option<String>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

pub fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    let gateway = args.gateway.as_deref();
    let name = format!("trace-check-{}", Uuid::new_v4().simple());
    let (athlete, operator) = (Client::athlete(config, gateway, &name)?, Client::operator(config, gateway)?);
    reach::run(async {
        // Said before anything is asked for, where no trace would be found.
        operator.get::<Traces>("/api/v1/operator/traces?limit=1").await?;
        let job = athlete.onboard(&answers()).await?.job_id;
        let trace = completed(&athlete, &job).await?;
        let spans = whole(&operator, &trace).await?;
        let lacks = lacks(&spans);
        if args.json {
            terminal::object(&json!({"jobId": job, "traceId": trace, "spans": spans.len(), "lacks": lacks}))?;
        } else {
            terminal::line(trace_tree(&spans).trim_end());
            for lack in &lacks {
                terminal::line(&format!("{} {lack}", terminal::paint("✘", "31")));
            }
        }
        if !lacks.is_empty() {
            bail!("the trace {trace} of job {job} does not show the walk: {}", lacks.join("; "));
        }
        if !args.json {
            let mark = terminal::paint("✔", "32");
            terminal::line(&format!(
                "{mark} the trace shows the walk from the request to the rows: {} spans",
                spans.len()
            ));
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// A walk for `ally doctor --release`: the job's id, its trace, and what the trace lacks; nothing is said of a trace that is not
/// kept here.
pub async fn walk(config: &Config) -> anyhow::Result<(String, String, Option<Vec<String>>)> {
    let name = format!("release-check-{}", Uuid::new_v4().simple());
    let (gateway, _) = local::role(&config.ports, Role::Gateway);
    let gateway = Some(gateway.as_str());
    let (athlete, operator) = (Client::athlete(config, gateway, &name)?, Client::operator(config, gateway)?);
    let job = athlete.onboard(&answers()).await?.job_id;
    let trace = completed(&athlete, &job).await?;
    let is_kept = operator.get::<Traces>("/api/v1/operator/traces?limit=1").await.is_ok();
    let lacks = if is_kept { Some(lacks(&whole(&operator, &trace).await?)) } else { None };
    Ok((job, trace, lacks))
}

/// Polls until the job has ended; the trace that it belongs to.
async fn completed(client: &Client, job: &str) -> anyhow::Result<String> {
    let begun = Instant::now();
    loop {
        let status = client.status(job).await?;
        match (status.status.as_str(), status.trace_id) {
            ("completed", Some(trace)) => return Ok(trace),
            ("completed", None) => bail!("job {job} is completed, and its status names no trace"),
            ("failed" | "dead_lettered" | "cancelled", _) => {
                bail!("job {job} is {}; `ally jobs why {job}` says why", status.status)
            }
            (status, _) if begun.elapsed() > JOB_DEADLINE => {
                let waited = JOB_DEADLINE.as_secs();
                bail!("job {job} was still {status} after {waited} s; `ally jobs why {job}` says what it waits for")
            }
            _ => tokio::time::sleep(POLL).await,
        }
    }
}

/// The spans of the trace, once they show the walk, or what there is of them by the deadline.
async fn whole(client: &Client, trace: &str) -> anyhow::Result<Vec<TraceSpan>> {
    let begun = Instant::now();
    loop {
        let kept = client.find::<Trace>(&format!("/api/v1/operator/traces/{trace}")).await?;
        let spans: Vec<TraceSpan> = kept.into_iter().flat_map(|kept| kept.spans).map(Into::into).collect();
        if begun.elapsed() > TRACE_DEADLINE || lacks(&spans).is_empty() {
            return Ok(spans);
        }
        tokio::time::sleep(POLL).await;
    }
}

fn answers() -> Value {
    json!({
        "purpose": "general_fitness", "proficiency": "intermediate", "season": "offseason",
        "availabilityDays": ["monday", "wednesday", "friday"], "weeklyGoalDays": 3, "minutesPerSession": 60,
        "equipment": ["dumbbells", "pull_up_bar"], "recoveryHabits": ["good_sleep"],
    })
}
