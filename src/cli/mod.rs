//! The command line: one file a subcommand. What a person gets wrong ends with a sentence and exit code 2.

mod archive;
mod asyncapi;
mod client;
mod config;
mod consumers;
mod dates;
mod demo;
mod dlq;
mod doctor;
mod down;
mod events;
mod hand;
mod jobs;
pub mod local;
mod metrics;
mod migrate;
mod openapi;
mod outline;
mod plan;
mod problems;
mod progress;
mod projections;
mod reach;
mod rooms;
mod serve;
mod streams;
pub mod terminal;
mod token;
mod top;
mod trace;
mod up;
mod webhooks;

mod with_servers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, OwnProvider};

/// Ally turns an athlete's answers into a training plan, event by event.
#[derive(Debug, Parser)]
#[command(name = "ally", version, arg_required_else_help = true)]
struct Cli {
    /// Configuration file; `ally.toml` is read when it is there.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every role over servers of its own, in the foreground, until Ctrl-C.
    Up(up::Args),
    /// Run one role against the servers of the configuration.
    Serve(serve::Args),
    /// Walk three athletes from their answers to their plans, and show each hop.
    Demo(demo::Args),
    /// Create or update the tables of the views.
    Migrate,
    /// The streams of the event log: make them, bring them up to date.
    #[command(subcommand)]
    Streams(streams::Command),
    /// Make a bearer token.
    Token(token::Args),
    /// Print the OpenAPI document.
    Openapi(openapi::Args),
    /// Print the AsyncAPI document of streams, or of the sockets of presence.
    Asyncapi(asyncapi::Args),
    /// Print the page of every metric, in Markdown.
    Metrics(metrics::Args),
    /// Write a page of each kind of problem, in Markdown.
    Problems(problems::Args),
    /// Look at every role and server, and say what to do about what is wrong.
    Doctor(doctor::Args),
    /// Rates, lag, retries, dead letters and rooms, live.
    Top(top::Args),
    /// The traces that `ally up` keeps: of a job, of a request, the newest, the slowest.
    Trace(trace::Args),
    /// Walk an athlete from their answers to their plan, and check that the trace of it shows every step.
    TraceCheck(trace::check::Args),
    /// What was given up: look at it, put it back, discard it.
    #[command(subcommand)]
    Dlq(dlq::Command),
    /// The event log: follow it, look back, fold it step by step.
    #[command(subcommand)]
    Events(events::Command),
    /// The views: how far they are; build them anew, check them against the log.
    #[command(subcommand)]
    Projections(projections::Command),
    /// Jobs that ended long ago: move them out of the log, look at what was moved.
    #[command(subcommand)]
    Archive(archive::Command),
    /// The workers' queues: how they stand; pause and resume them.
    #[command(subcommand)]
    Consumers(consumers::Command),
    /// Plan jobs, whoever's: look at one, cancel one, put back what nobody holds.
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Realtime presence: who is in which room, and was; remove a member.
    #[command(subcommand)]
    Rooms(rooms::Command),
    /// Webhooks: the endpoints of apps, what went to them, tests, sending again; and a receiver on this machine.
    #[command(subcommand)]
    Webhooks(webhooks::Command),
    /// Training plans without a server: make one, check one, try many.
    #[command(subcommand)]
    Plan(plan::Command),
    /// The configuration as it is used.
    #[command(subcommand)]
    Config(config::Command),
    /// Run a command with a NATS server and a PostgreSQL of its own, then stop them.
    WithServers(with_servers::Args),
    /// Stop an `ally up` of this folder, and servers that lost theirs.
    Down(down::Args),
    /// Between Ally and a server that it started: ends the server when Ally is gone.
    #[command(hide = true)]
    Guard(crate::embedded::GuardOrder),
}

/// What a person can mend: exit code 2. Everything else that goes wrong is exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Runs the command line. A provider takes the place of the configured one.
pub fn run(provider: Option<OwnProvider>) -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli, provider) {
        Ok(code) => code,
        Err(error) => {
            terminal::error(&format!("{error:#}"));
            ExitCode::from(if mendable(&error) { 2 } else { 1 })
        }
    }
}

fn mendable(error: &anyhow::Error) -> bool {
    error.is::<Usage>() || error.is::<crate::config::ConfigError>() || reach::out_of_reach(error)
}

fn dispatch(cli: Cli, provider: Option<OwnProvider>) -> anyhow::Result<ExitCode> {
    let load = |flags: &[(&'static str, String)]| {
        let mut config = Config::load(cli.config.as_deref(), flags)?;
        config.plans.own.clone_from(&provider);
        Ok::<_, crate::config::ConfigError>(config)
    };
    match cli.command {
        Command::Up(args) => up::run(&load(&[])?, &args),
        Command::Serve(args) => serve::run(&load(&[])?, &args),
        Command::Demo(args) => demo::run(&load(&[])?, &args),
        Command::Migrate => migrate::run(&load(&[])?),
        Command::Streams(command) => streams::run(&load(&[])?, &command),
        Command::Token(args) => token::run(&load(&[])?, &args),
        Command::Openapi(args) => openapi::run(&args),
        Command::Asyncapi(args) => asyncapi::run(&args),
        Command::Metrics(args) => metrics::run(&args),
        Command::Problems(args) => problems::run(&args),
        Command::Doctor(args) => doctor::run(&load(&[])?, &args),
        Command::Top(args) => top::run(&load(&[])?, &args),
        Command::Trace(args) => trace::run(&load(&[])?, &args),
        Command::TraceCheck(args) => trace::check::run(&load(&[])?, &args),
        Command::Dlq(command) => dlq::run(&load(&[])?, &command),
        Command::Events(command) => events::run(&load(&[])?, &command),
        Command::Projections(command) => projections::run(&load(&[])?, &command),
        Command::Archive(command) => archive::run(&load(&[])?, &command),
        Command::Consumers(command) => consumers::run(&load(&[])?, &command),
        Command::Jobs(command) => jobs::run(&load(&[])?, &command),
        Command::Rooms(command) => rooms::run(&load(&[])?, &command),
        Command::Webhooks(command) => webhooks::run(&load(&[])?, &command),
        Command::Plan(command) => plan::run(&load(&[])?, &command),
        Command::Config(command) => config::run(&load(&[])?, &command),
        Command::WithServers(args) => with_servers::run(&load(&[])?, &args),
        Command::Down(args) => down::run(&load(&[])?, &args),
        Command::Guard(order) => Ok(crate::embedded::run_guard(&order)?),
    }
}
