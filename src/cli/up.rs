//! `ally up`: every role in one process, over servers of its own, in the foreground.

use std::future::Future;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ally_telemetry::export::SpanMemory;
use anyhow::{Context, bail};
use tokio::runtime::Runtime;

use super::{local, terminal};
use crate::app::{Process, check_ports, secret, signal, streams};
use crate::config::{Address, Config, Role, RolePorts};
use crate::embedded::{DataFolder, NATS_STORE_BYTES, PortChoice, Progress, Servers, ServersConfig};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Use free ports instead of the configured ones.
    #[arg(long)]
    free_ports: bool,
    /// Begin with empty servers, and leave nothing behind.
    #[arg(long)]
    throwaway: bool,
    /// Make a stream that has gone from the data anew, empty; what it held is lost.
    #[arg(long)]
    apply_streams: bool,
}

/// How the stack of one machine is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Any free ports instead of the configured ones.
    pub free_ports: bool,
    /// Data that goes with the servers.
    pub throwaway: bool,
    /// Streams that are gone are made anew.
    pub apply_streams: bool,
}

/// From how many appends on they share a batch while the server's open batches are in memory: there one costs as much as two or
/// three messages, and not as much as eighteen.
const SHARE_BATCH_FROM: usize = 4;
/// How often readiness is asked for.
const READY_POLL: Duration = Duration::from_millis(25);
const READY_DEADLINE: Duration = Duration::from_secs(60);
/// How long one such question may take.
const ASK_TIMEOUT: Duration = Duration::from_secs(5);

pub fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    let Args { free_ports, throwaway, apply_streams } = *args;
    let mut config = config.clone();
    // What is seen of one's own jobs without a collector: `ally trace`.
    config.observability.span_memory = Some(SpanMemory::default());
    let mut stack = Stack::start(&config, Layout { free_ports, throwaway, apply_streams })?;
    let lived = stack.live();
    signal::end_at_once_on_another();
    match &lived {
        Ok(()) => terminal::note("draining; Ctrl-C again ends at once"),
        Err(_) => terminal::note("something has ended that all the rest needs; stopping the rest"),
    }
    let stopped = stack.stop();
    lived?;
    stopped?;
    terminal::note("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Servers and roles of one machine.
pub struct Stack {
    config: Config,
    runtime: Runtime,
    servers: Servers,
    process: Process,
}

impl Stack {
    /// Starts the servers, then every role.
    pub fn start(config: &Config, layout: Layout) -> anyhow::Result<Self> {
        let mut config = config.clone();
        if layout.free_ports {
            let free = RolePorts { http: 0, metrics: 0 };
            Role::ALL.iter().for_each(|role| *config.ports.of_mut(*role) = free);
        }
        check_ports(&config, &Role::ALL)?;
        config.auth.jwt_secret = Some(secret::find_or_make(&config)?);
        config.webhooks.key = Some(secret::webhook_key(&config)?);
        let runtime = Runtime::new().context("the runtime could not start")?;
        let mut servers = runtime.block_on(Servers::start(servers(&config, layout), &Progress::new(terminal::note)))?;
        config.nats.url = Address::new(servers.nats_url());
        config.database.url = Address::new(servers.database_url());
        config.nats.store_limit_bytes.get_or_insert(NATS_STORE_BYTES);
        let started = runtime.block_on(streams::apply_own(&config, layout.apply_streams)).and_then(|()| {
            if servers.keep_batches_in_memory() {
                config.nats.share_batch_from.get_or_insert(SHARE_BATCH_FROM);
            }
            Process::start(&config, &Role::ALL)
        });
        match started {
            Ok(process) => Ok(Self { config, runtime, servers, process }),
            Err(error) => {
                runtime.block_on(servers.stop())?;
                Err(error)
            }
        }
    }

    /// Says when and where everything is ready, then waits for a signal to end. The error says what ended before that.
    fn live(&mut self) -> anyhow::Result<()> {
        let Self { config: _, runtime, servers, process } = self;
        let addresses = addresses(process, servers);
        runtime.block_on(async {
            tokio::select! {
                biased;
                cause = servers.end() => Err(cause.into()),
                () = process.ended() => Err(anyhow::anyhow!("a role ended by itself; its log says why")),
                lived = async {
                    ready(process, READY_DEADLINE).await?;
                    terminal::line(&addresses);
                    terminal::line("ready; Ctrl-C drains and stops");
                    signal::wait().await;
                    Ok(())
                } => lived,
            }
        })
    }

    /// Runs a future beside the roles.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Waits until every role is ready.
    pub async fn ready(&self, deadline: Duration) -> anyhow::Result<()> {
        ready(&self.process, deadline).await
    }

    /// Where a role's HTTP is.
    pub fn url(&self, role: Role) -> String {
        url(&self.process, role)
    }

    /// The metrics of every role at this moment, a page each.
    pub fn metrics(&self) -> Vec<String> {
        self.process.metrics()
    }

    /// A token for an athlete.
    pub fn token(&self, athlete: &str) -> anyhow::Result<String> {
        super::token::mint(&self.config, athlete, Duration::from_secs(3_600), &[])
    }

    /// Drains the roles, then stops the servers.
    pub fn stop(self) -> anyhow::Result<()> {
        let drained = self.process.stop();
        let stopped = self.runtime.block_on(self.servers.stop());
        drained?;
        Ok(stopped?)
    }
}

async fn ready(process: &Process, deadline: Duration) -> anyhow::Result<()> {
    let begun = Instant::now();
    let client = local::client(ASK_TIMEOUT)?;
    for role in Role::ALL {
        let url = format!("{}/health/ready", url(process, role));
        loop {
            let answer = client.get(&url).send().await;
            if answer.as_ref().is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            if begun.elapsed() > deadline {
                let reason = match answer {
                    Ok(answer) => answer.text().await.unwrap_or_default(),
                    Err(error) => error.to_string(),
                };
                bail!("the {} was not ready after {} s: {reason}", role.as_str(), deadline.as_secs());
            }
            tokio::time::sleep(READY_POLL).await;
        }
    }
    Ok(())
}

fn url(process: &Process, role: Role) -> String {
    process.addresses(role).map(|(http, _)| format!("http://{http}")).unwrap_or_default()
}

/// Where everything is, as a table.
fn addresses(process: &Process, servers: &Servers) -> String {
    let mut table = terminal::table(["what", "where"]);
    for role in Role::ALL {
        if let Some((http, metrics)) = process.addresses(role) {
            table.add_row([role.service().to_owned(), format!("http://{http}  metrics http://{metrics}/metrics")]);
        }
    }
    table.add_row(["documentation".to_owned(), format!("{}/docs", url(process, Role::Gateway))]);
    table.add_row(["NATS".to_owned(), format!("{}  monitoring {}", servers.nats_url(), servers.nats_monitoring_url())]);
    table.add_row(["PostgreSQL".to_owned(), servers.database_url()]);
    table.to_string()
}

fn servers(config: &Config, layout: Layout) -> ServersConfig {
    let embedded = &config.embedded;
    if layout.free_ports && layout.throwaway {
        return ServersConfig::throwaway(embedded.servers, embedded.local_dir.clone());
    }
    let choose =
        |port, moved_by| if layout.free_ports { PortChoice::Free } else { PortChoice::Fixed { port, moved_by } };
    ServersConfig {
        source: embedded.servers,
        local: embedded.local_dir.clone(),
        data: if layout.throwaway { DataFolder::Throwaway } else { DataFolder::Kept },
        nats_port: choose(embedded.nats_port, "NATS_PORT"),
        nats_monitoring_port: choose(embedded.nats_monitor_port, "NATS_MONITOR_PORT"),
        postgres_port: choose(embedded.postgres_port, "POSTGRES_PORT"),
        durable: !layout.throwaway,
    }
}
