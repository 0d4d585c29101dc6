//! The load generator: submits jobs over HTTP, asks for their states, and says what a caller saw.
//!
//! A process of its own with one thread, so that it can be given a core and its cost be told from that of the
//! measured program. Read in this order: [`api`] (what is asked), [`closed`] and [`open`] (when), [`report`] (what was
//! seen), [`http`] and [`pace`] (how).

mod api;
mod check;
mod closed;
mod constant;
mod http;
mod latency;
mod open;
mod pace;
mod report;
mod warm_up;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;
use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::terminal;

pub use api::Api;
pub use http::Http;
pub use latency::{Latency, Recorder};
pub use report::{LoadReport, RequestReport};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Onboard every athlete and walk some jobs, so that what comes next meets a warm system.
    WarmUp(WarmUpArgs),
    /// A fixed number of callers, each with one request in flight; nothing is polled until everything is accepted.
    Closed(ClosedArgs),
    /// Jobs at a fixed rate, whatever the answers take; latencies count from the scheduled moment.
    Open(OpenArgs),
    /// Requests that any server answers at once: what HTTP alone gives.
    Constant(ConstantArgs),
}

/// Whom to ask, and as whom.
#[derive(Debug, clap::Args)]
pub struct Target {
    /// Where the gateway listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4000")]
    address: SocketAddr,
    /// A file with bearer tokens, one a line; each is an athlete.
    #[arg(long, value_name = "FILE")]
    tokens: PathBuf,
    /// The process whose tree is measured: `ally up`.
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
    /// How long the whole may take, in seconds. What is not done by then counts as unfinished.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    deadline_seconds: u64,
}

#[derive(Debug, clap::Args)]
pub struct WarmUpArgs {
    #[command(flatten)]
    target: Target,
    /// Jobs beside the first plan of each athlete.
    #[arg(long, default_value_t = 500)]
    jobs: u64,
}

#[derive(Debug, clap::Args)]
pub struct ClosedArgs {
    #[command(flatten)]
    target: Target,
    /// How many jobs.
    #[arg(long, default_value_t = 2_000)]
    jobs: u64,
    /// How many callers.
    #[arg(long, default_value_t = 64)]
    callers: usize,
}

#[derive(Debug, clap::Args)]
pub struct OpenArgs {
    #[command(flatten)]
    target: Target,
    /// Jobs a second.
    #[arg(long, default_value_t = 200.0)]
    rate: f64,
    /// For how long, in seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// How long after an answer a job's state is asked for again, in milliseconds.
    #[arg(long, default_value_t = 1.0)]
    poll_ms: f64,
    /// One job of this many is polled; the others are looked at when everything is over.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    poll_one_in: u64,
}

#[derive(Debug, clap::Args)]
pub struct ConstantArgs {
    /// Where the server listens.
    #[arg(long, value_name = "ADDRESS")]
    address: SocketAddr,
    /// The path to ask for.
    #[arg(long, default_value = "/metrics")]
    path: String,
    /// How many requests.
    #[arg(long, default_value_t = 20_000)]
    requests: u64,
    /// How many callers, each with one request in flight.
    #[arg(long, default_value_t = 64)]
    callers: usize,
    /// The process whose tree is measured.
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
}

pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("the runtime could not start")?;
    let report = LocalSet::new().block_on(&runtime, async {
        Ok::<_, anyhow::Error>(match command {
            Command::WarmUp(args) => serde_json::to_string(&warm_up::run(&api(&args.target)?, args.jobs).await?)?,
            Command::Closed(args) => serde_json::to_string(&closed::run(&api(&args.target)?, args).await?)?,
            Command::Open(args) => serde_json::to_string(&open::run(&api(&args.target)?, args).await?)?,
            Command::Constant(args) => serde_json::to_string(&constant::run(args).await?)?,
        })
    })?;
    terminal::line(&report);
    Ok(ExitCode::SUCCESS)
}

fn api(target: &Target) -> anyhow::Result<Rc<api::Api>> {
    let file = &target.tokens;
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let tokens: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let deadline = Instant::now() + Duration::from_secs(target.deadline_seconds);
    let api = api::Api::new(target.address, &tokens, deadline);
    Ok(Rc::new(api.with_context(|| format!("the tokens in {} cannot be used", file.display()))?))
}
