//! One athlete's walk: answers in, hops shown as they happen, plan out.

use std::time::{Duration, Instant};

use ally_domain::engine::plan::Plan;
use anyhow::{Context, bail};

use super::athletes::Athlete;
use super::client::{Client, Status};
use super::show;

/// A plan that takes longer than this is no demonstration.
const DEADLINE: Duration = Duration::from_secs(25);
/// How often the status is asked for, as an app would poll.
const POLL: Duration = Duration::from_millis(10);

pub async fn walk(client: &Client, athlete: &Athlete) -> anyhow::Result<Plan> {
    show::athlete(&athlete.name, &athlete.answers);
    let begun = Instant::now();
    let accepted = client.onboard(&athlete.answers).await?;
    show::hop(
        "accepted",
        begun.elapsed(),
        &format!("job {}, {}, {}", accepted.job_id, accepted.status, accepted.position),
    );
    let status = follow(client, &accepted.job_id, begun).await?;
    show::times(&status);
    let plan = status.plan_id.with_context(|| format!("job {} completed without a plan", accepted.job_id))?;
    client.plan(&plan).await
}

/// Polls until the end, and tells every change of the status on the way.
async fn follow(client: &Client, job: &str, begun: Instant) -> anyhow::Result<Status> {
    let mut shown = String::new();
    while begun.elapsed() < DEADLINE {
        let status = client.status(job).await?;
        if status.status != shown {
            let attempt = if status.attempts > 0 { format!("attempt {}", status.attempts) } else { String::new() };
            show::hop(&status.status, begun.elapsed(), &attempt);
            shown.clone_from(&status.status);
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
