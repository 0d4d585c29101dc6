//! `ally demo`: three athletes walk from their answers to their plans, through the public HTTP API and nothing else.

mod athletes;
mod client;
mod show;
mod walk;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::{terminal, up, week};
use crate::app::signal;
use crate::config::{Config, Observability, Role};

/// How long the roles may take until they are ready.
const READY_DEADLINE: Duration = Duration::from_secs(60);

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
    let stack = up::Stack::start(&config, up::Layout { free_ports: args.free_ports, throwaway: true })?;
    let outcome = stack.block_on(async {
        tokio::select! {
            outcome = walk_all(&stack, &athletes, &out) => outcome,
            () = signal::wait() => Err(anyhow::anyhow!("stopped by a signal")),
        }
    });
    stack.stop()?;
    outcome?;
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

async fn walk_all(stack: &up::Stack, athletes: &[athletes::Athlete], out: &Path) -> anyhow::Result<()> {
    stack.ready(READY_DEADLINE).await?;
    std::fs::create_dir_all(out).with_context(|| format!("{} could not be made", out.display()))?;
    for athlete in athletes {
        let client = client::Client::new(stack.url(Role::Gateway), stack.token(&athlete.name)?)?;
        let plan = walk::walk(&client, athlete).await?;
        let file = out.join(format!("{}.json", athlete.name));
        std::fs::write(&file, serde_json::to_vec_pretty(&plan)?)
            .with_context(|| format!("{} could not be written", file.display()))?;
        week::show(&plan, 1)?;
        terminal::line(&format!("  the whole plan: {}", file.display()));
    }
    Ok(())
}
