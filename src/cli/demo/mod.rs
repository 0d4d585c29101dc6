//! `ally demo`: three athletes walk from their answers to their plans, through the public HTTP API and nothing else.

mod athletes;
mod show;
mod trace;
mod traffic;
mod walk;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ally_domain::engine::catalogue::Catalogue;
use ally_telemetry::export::SpanMemory;
use ally_telemetry::trace_tree::TraceSpan;
use anyhow::Context;

use super::client::Client;
use super::{outline, terminal, up};
use crate::app::signal;
use crate::config::{Config, Observability, Role};

/// How long the roles may take until they are ready.
const READY_DEADLINE: Duration = Duration::from_secs(60);
/// How long no span of a trace may have come before it counts as whole, and how often that is looked at.
const TRACE_POLL: Duration = Duration::from_millis(150);
const TRACE_POLLS: u32 = 20;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder with the athletes' answers, one JSON file each.
    #[arg(long, value_name = "DIR", default_value = "examples/athletes")]
    athletes: PathBuf,
    /// Where the plans go, as JSON; `demo` in the local folder unless told.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Use free ports instead of the configured ones.
    #[arg(long)]
    free_ports: bool,
}

pub fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    let athletes = athletes::read(&args.athletes)?;
    let out = args.out.clone().unwrap_or_else(|| config.embedded.local_dir.join("demo"));
    let begun = Instant::now();
    let mut config = config.clone();
    quieten(&mut config);
    let spans = SpanMemory::default();
    config.observability.span_memory = Some(spans.clone());
    config.observability.sample_ratio = Some(1.0);
    let layout = up::Layout { free_ports: args.free_ports, throwaway: true, apply_streams: false };
    let stack = up::Stack::start(&config, layout)?;
    let outcome = stack.block_on(async {
        tokio::select! {
            outcome = walk_all(&stack, &athletes, &out, &spans) => outcome,
            () = signal::wait() => Err(anyhow::anyhow!("stopped by a signal")),
        }
    });
    signal::end_at_once_on_another();
    stack.stop()?;
    outcome?;
    show::next_steps();
    terminal::line(&format!(
        "\n{} {} plans in {}, everything stopped again; {:.1} s in all",
        terminal::paint("✔", "1;32"),
        athletes.len(),
        out.display(),
        begun.elapsed().as_secs_f64()
    ));
    Ok(ExitCode::SUCCESS)
}

/// The roles' own logs would drown the walk; what goes wrong is still said.
fn quieten(config: &mut Config) {
    if config.observability.log_filter == Observability::default().log_filter {
        "error".clone_into(&mut config.observability.log_filter);
    }
}

async fn walk_all(
    stack: &up::Stack,
    athletes: &[athletes::Athlete],
    out: &Path,
    spans: &SpanMemory,
) -> anyhow::Result<()> {
    stack.ready(READY_DEADLINE).await?;
    std::fs::create_dir_all(out).with_context(|| format!("{} could not be made", out.display()))?;
    let catalogue = Catalogue::embedded()?;
    let mut last = None;
    for athlete in athletes {
        let client = Client::new(stack.url(Role::Gateway), stack.token(&athlete.name)?)?;
        let walk = walk::walk(&client, athlete).await?;
        let file = out.join(format!("{}.json", athlete.name));
        std::fs::write(&file, serde_json::to_vec_pretty(&walk.plan)?)
            .with_context(|| format!("{} could not be written", file.display()))?;
        terminal::line(outline::render(&walk.plan, 1, &catalogue, terminal::text_width()).trim_end());
        last = Some(walk);
    }
    if let Some(walk) = last {
        let trace = whole_trace(spans, walk.trace_id.as_deref().unwrap_or_default()).await;
        let traffic = traffic::render(&stack.metrics(), terminal::text_width());
        terminal::line(show::trace(&walk, &trace, &traffic).trim_end());
    }
    Ok(())
}

/// The spans of a job's trace. The status is told before the last of them end (the settlement, the projection that told
/// it), so a trace is whole when no more spans have come for a moment.
async fn whole_trace(spans: &SpanMemory, trace_id: &str) -> Vec<TraceSpan> {
    let mut trace = spans.trace(trace_id);
    for _ in 0..TRACE_POLLS {
        tokio::time::sleep(TRACE_POLL).await;
        let now = spans.trace(trace_id);
        if now.len() == trace.len() {
            break;
        }
        trace = now;
    }
    trace
}
