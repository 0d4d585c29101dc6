//! `ally trace`: the traces that `ally up` keeps, asked for over HTTP, so that it works from any terminal.

mod answer;
pub mod check;
mod expected;

use std::collections::BTreeMap;
use std::process::ExitCode;

use ally_domain::ids::JobId;
use ally_telemetry::trace_tree::{TraceSpan, trace_tree};

use super::client::Client;
use super::{Usage, reach, terminal};
use crate::config::Config;
use answer::{Summary, Trace, Traces};

/// Of a moment as it is answered, what a person reads: `2026-11-20T08:30:00`.
const SECONDS: usize = 19;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A job's id or a trace's; without one the newest traces are listed.
    id: Option<String>,
    /// List only traces with an error.
    #[arg(long, conflicts_with = "id")]
    errors: bool,
    /// List the slowest first.
    #[arg(long, conflicts_with = "id")]
    slowest: bool,
    /// List also those that only read something.
    #[arg(long, conflicts_with = "id")]
    reads: bool,
    /// How many to list.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=100))]
    limit: u16,
    /// Where the gateway is, where it is not where the configuration says: http://127.0.0.1:4000.
    #[arg(long, value_name = "URL")]
    gateway: Option<String>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    let client = Client::operator(config, args.gateway.as_deref())?;
    reach::run(async {
        let Some(id) = &args.id else { return list(&client, args).await };
        let spans = find(&client, id).await?;
        if spans.is_empty() {
            return Err(unknown(id).into());
        }
        if args.json {
            terminal::object(&serde_json::json!({"spans": spans.iter().map(answer::object).collect::<Vec<_>>()}))?;
        } else {
            terminal::line(trace_tree(&spans).trim_end());
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn list(client: &Client, args: &Args) -> anyhow::Result<ExitCode> {
    let order = if args.slowest { "slowest" } else { "newest" };
    let Args { errors, reads, limit, .. } = args;
    let path = format!("/api/v1/operator/traces?errors={errors}&reads={reads}&order={order}&limit={limit}");
    let found: Traces = client.get(&path).await?;
    if args.json {
        for trace in &found.traces {
            terminal::object(trace)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    // No table: an id that is broken into two lines cannot be copied.
    for Summary { trace_id, name, service: _, started_at, duration_ms, spans, errors, job_ids } in found.traces {
        let began = started_at.get(..SECONDS).unwrap_or(&started_at).replace('T', " ");
        let (jobs, failed) =
            (job_ids.join(", "), if errors > 0 { format!(", {errors} with an error") } else { String::new() });
        terminal::line(&format!("{trace_id} {began}Z {duration_ms:>9.1} ms {spans:>3} spans{failed}  {name}  {jobs}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The spans of a trace, or of every trace in which something was done for a job; each with the traces that it is linked with.
/// Requests that only asked how far a job is are left out.
async fn find(client: &Client, id: &str) -> anyhow::Result<Vec<TraceSpan>> {
    let is_trace = id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    let wanted = match id.parse::<JobId>() {
        _ if is_trace => vec![id.to_ascii_lowercase()],
        Ok(job) => {
            let path = format!("/api/v1/operator/traces?jobId={job}&limit=100");
            let found: Traces = client.get(&path).await?;
            found.traces.into_iter().map(|trace| trace.trace_id).collect()
        }
        Err(_) => return Err(Usage(format!("{id:?} is neither a job's id nor a trace's")).into()),
    };
    let mut spans = BTreeMap::new();
    for trace in wanted {
        let Some(whole) = client.find::<Trace>(&format!("/api/v1/operator/traces/{trace}")).await? else { continue };
        for span in whole.spans {
            spans.insert((span.trace_id.clone(), span.span_id.clone()), TraceSpan::from(span));
        }
    }
    Ok(spans.into_values().collect())
}

fn unknown(id: &str) -> Usage {
    Usage(format!(
        "no trace of {id} is kept: it is too old, or was traced elsewhere; `ally trace` lists those that are, and where OTEL_EXPORTER_OTLP_ENDPOINT is set they are behind it"
    ))
}
