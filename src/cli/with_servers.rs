//! `ally with-servers`: a command with a NATS server and a PostgreSQL of its own. The tests and benches run so.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use super::{Usage, terminal};
use crate::app::streams;
use crate::config::{Address, Config};
use crate::embedded::{DataFolder, PortChoice, Progress, Servers, ServersConfig};

/// How long the command gets to end after a signal was passed on to it.
const GRACE: Duration = Duration::from_secs(30);

#[derive(Debug, clap::Args)]
#[command(after_help = "The command finds the servers by these variables:\n  \
    ALLY_TEST_NATS_URL, ALLY_TEST_NATS_MONITORING_URL, ALLY_TEST_NATS_SERVER (the binary),\n  \
    ALLY_TEST_DATABASE_URL (superuser, database `postgres`), ALLY_TEST_POSTGRES_BIN (the folder)")]
pub struct Args {
    /// Keep the data in this folder and go on with what it holds; without it the data goes with the servers.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Begin with empty data.
    #[arg(long, requires = "data")]
    fresh: bool,
    /// Let PostgreSQL force its writes to disk, as in production; NATS always does.
    #[arg(long)]
    durable: bool,
    /// NATS's port, instead of a free one.
    #[arg(long, value_name = "PORT")]
    nats_port: Option<u16>,
    /// NATS's monitoring port, instead of a free one.
    #[arg(long, value_name = "PORT")]
    nats_monitor_port: Option<u16>,
    /// PostgreSQL's port, instead of a free one.
    #[arg(long, value_name = "PORT")]
    postgres_port: Option<u16>,
    /// The command with its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("the runtime could not start")?;
    runtime.block_on(with_servers(config, args))
}

async fn with_servers(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    if let (Some(data), true) = (&args.data, args.fresh) {
        clear(data)?;
    }
    let progress = Progress::new(terminal::note);
    // Signals are caught from here on, so that none can end this process between the servers' start and their stop.
    let mut signals = Signals::listen()?;
    let mut servers = tokio::select! {
        servers = Servers::start(servers_config(config, args), &progress) => servers?,
        signal = signals.next() => return Ok(code_of_signal(signal)),
    };
    let outcome = match apply_streams(config, &servers).await {
        Ok(()) => run_command(args, &servers, &mut signals).await,
        Err(error) => Err(error),
    };
    if let Some(cause) = servers.ended() {
        terminal::error(&cause.to_string());
    }
    servers.stop().await?;
    outcome
}

/// Whatever the command runs finds the streams of the configured prefix, as under `ally up`.
async fn apply_streams(config: &Config, servers: &Servers) -> anyhow::Result<()> {
    let mut config = config.clone();
    config.nats.url = Address::new(servers.nats_url());
    streams::apply_own(&config, false).await
}

fn servers_config(config: &Config, args: &Args) -> ServersConfig {
    let choose =
        |port: Option<u16>, moved_by| port.map_or(PortChoice::Free, |port| PortChoice::Fixed { port, moved_by });
    let mut servers = ServersConfig::throwaway(config.embedded.servers, config.embedded.local_dir.clone());
    if let Some(folder) = &args.data {
        servers.data = DataFolder::KeptIn(folder.clone());
    }
    servers.durable = args.durable;
    servers.nats_port = choose(args.nats_port, "--nats-port");
    servers.nats_monitoring_port = choose(args.nats_monitor_port, "--nats-monitor-port");
    servers.postgres_port = choose(args.postgres_port, "--postgres-port");
    servers
}

/// A typed-in folder is not removed unless it is one that this command made.
fn clear(data: &PathBuf) -> anyhow::Result<()> {
    let mut entries = match std::fs::read_dir(data) {
        Ok(entries) => entries.flatten().peekable(),
        Err(_) => return Ok(()),
    };
    if entries.peek().is_some() && !data.join("nats.conf").is_file() {
        let text = format!("{} is not empty and was not made by Ally; name another folder with --data", data.display());
        return Err(Usage(text).into());
    }
    std::fs::remove_dir_all(data).with_context(|| format!("{} could not be removed", data.display()))
}

async fn run_command(args: &Args, servers: &Servers, signals: &mut Signals) -> anyhow::Result<ExitCode> {
    let [program, arguments @ ..] = args.command.as_slice() else {
        return Err(Usage("name the command to run behind --".into()).into());
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("ALLY_TEST_NATS_URL", servers.nats_url())
        .env("ALLY_TEST_NATS_MONITORING_URL", servers.nats_monitoring_url())
        .env("ALLY_TEST_NATS_SERVER", servers.nats_server())
        .env("ALLY_TEST_DATABASE_URL", servers.admin_url())
        .env("ALLY_TEST_POSTGRES_BIN", servers.postgres_bin())
        .kill_on_drop(true);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(cause) => {
            let program = program.to_string_lossy();
            return Err(Usage(format!(
                "{program} could not be started: {cause}; check its name and that it is on PATH"
            ))
            .into());
        }
    };
    let at_a_terminal = std::io::stdin().is_terminal();
    let status = loop {
        let signal = tokio::select! {
            status = child.wait() => break status,
            signal = signals.next() => signal,
        };
        // A terminal sends Ctrl-C to the command as well, which knows best what one and what two of them mean.
        if signal != Signal::INT || !at_a_terminal {
            break end(&mut child, signal, signals).await;
        }
    };
    status.map(code_of).context("the command could not be waited for")
}

/// Passes a signal on and waits; after the grace, or at a second signal, the command is killed.
async fn end(child: &mut Child, signal: Signal, signals: &mut Signals) -> std::io::Result<ExitStatus> {
    if let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
    let ended = tokio::select! {
        ended = tokio::time::timeout(GRACE, child.wait()) => ended.ok(),
        _ = signals.next() => None,
    };
    match ended {
        Some(status) => status,
        None => {
            child.start_kill()?;
            child.wait().await
        }
    }
}

/// The exit code that a shell would report: that of the command, or 128 and the signal that ended it.
fn code_of(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn code_of_signal(signal: Signal) -> ExitCode {
    ExitCode::from(128_u8.saturating_add(u8::try_from(signal.as_raw()).unwrap_or(0)))
}

/// Ctrl-C and a request to end.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("signals could not be listened for");
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::INT,
            _ = self.terminate.recv() => Signal::TERM,
        }
    }
}
