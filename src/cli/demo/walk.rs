//! One athlete's walk: answers in, every status on the way, plan out.

use std::time::{Duration, Instant};

use ally_domain::engine::plan::Plan;
use anyhow::{Context, bail};

use super::athletes::Athlete;
use super::show;
use crate::cli::client::{Client, Status};

/// A plan that takes longer than this is no demonstration.
const DEADLINE: Duration = Duration::from_secs(25);
/// How often the status is asked for, as an app would poll.
const POLL: Duration = Duration::from_millis(10);

/// A job from its request to its plan.
pub struct Walk {
    pub job: String,
    pub trace_id: Option<String>,
    pub plan: Plan,
}

pub async fn walk(client: &Client, athlete: &Athlete) -> anyhow::Result<Walk> {
    show::athlete(&athlete.name, &athlete.answers);
    let begun = Instant::now();
    let job = client.onboard(&athlete.answers).await?.job_id;
    let mut reached = vec![("accepted".to_owned(), begun.elapsed())];
    let status = follow(client, &job, begun, &mut reached).await?;
    show::statuses(&reached);
    let plan = status.plan_id.with_context(|| format!("job {job} completed without a plan"))?;
    Ok(Walk { plan: client.plan(&plan).await?, job, trace_id: status.trace_id })
}

/// Polls until the end, and notes every change of the status on the way.
async fn follow(
    client: &Client,
    job: &str,
    begun: Instant,
    reached: &mut Vec<(String, Duration)>,
) -> anyhow::Result<Status> {
    let mut shown = String::new();
    while begun.elapsed() < DEADLINE {
        let status = client.status(job).await?;
        if status.status != shown {
            shown.clone_from(&status.status);
            reached.push((shown.clone(), begun.elapsed()));
        }
        match status.status.as_str() {
            "completed" => return Ok(status),
            "failed" | "dead_lettered" | "cancelled" => {
                bail!("job {job} is {shown}: {}", status.error.map(|error| error.to_string()).unwrap_or_default())
            }
            _ => tokio::time::sleep(POLL).await,
        }
    }
    bail!("job {job} was still {shown} after {} s; `ally doctor` says which part is stuck", DEADLINE.as_secs())
}
