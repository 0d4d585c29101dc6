//! `ally-bench`: measures Ally from outside, over HTTP, as its callers see it.
//!
//! `run` and `compare` start servers of their own and put load on them; `load` is the generator, which they start as a
//! process of its own. What is measured and how to read it stands in `docs/bench/README.md`.

mod compare;
mod constant;
mod figures;
mod load;
mod machine;
mod presence;
mod progress;
mod raw;
mod run;
mod stack;
mod streams;
mod terminal;
mod usage;

use std::future::Future;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

#[derive(Debug, Parser)]
#[command(name = "ally-bench", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure this build: jobs, HTTP and raw batches, again and again; print tables, write JSON and a plot.
    Run(run::Args),
    /// Measure two builds in turn, and print what one is to the other.
    Compare(compare::Args),
    /// Put load on a gateway that runs, and print what was seen as one line of JSON.
    #[command(subcommand)]
    Load(load::Command),
    /// Measure realtime presence by real sockets: heartbeats, fan-out, storms and the floor behind many joins.
    Presence(presence::Args),
    /// Measure streams of job events: what an idle one costs, and how late an event is.
    Streams(streams::Args),
    /// Be some thousands of clients of presence, as standard input says.
    #[command(hide = true)]
    PresenceWorker,
    /// Serve a constant with the product's HTTP server.
    #[command(hide = true)]
    Constant,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(args) => until_signal(run::run(&args)),
        Command::Compare(args) => until_signal(compare::run(&args)),
        Command::Load(command) => load::run(&command),
        Command::Presence(args) => until_signal(presence::run(&args)),
        Command::Streams(args) => until_signal(streams::run(&args)),
        Command::PresenceWorker => presence::work(),
        Command::Constant => constant::run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            terminal::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs to the end or to a signal; then what was started is ended with it.
fn until_signal(measurement: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("the runtime could not start")?;
    LocalSet::new().block_on(&runtime, async {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            outcome = measurement => outcome,
            _ = tokio::signal::ctrl_c() => bail!("stopped by a signal"),
            _ = terminate.recv() => bail!("stopped by a signal"),
        }
    })
}
