//! A process that plays one role or all: each with listeners, telemetry and a runtime of its own, all drained together.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ally_telemetry::export::Telemetry;
use anyhow::Context;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::background::Background;
use super::context::RoleContext;
use super::listeners::Listeners;
use super::role;
use super::{signal, telemetry};
use crate::config::{Config, Role};

/// How long a role may take beyond its drain deadline before it is left behind.
const GRACE: Duration = Duration::from_secs(5);

/// Every connection is an open file, and a shell or a service manager often begins with 1,024 of them. Where more is refused, the
/// process works with those.
fn raise_open_files() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// Roles that run in this process.
pub struct Process {
    roles: Vec<Running>,
    stop: CancellationToken,
    deadline: Duration,
}

struct Running {
    role: Role,
    http: SocketAddr,
    metrics: SocketAddr,
    telemetry: Telemetry,
    runtime: Runtime,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Process {
    /// Binds every port, then starts every role. No role needs NATS or Postgres to be there yet.
    pub fn start(config: &Config, roles: &[Role]) -> anyhow::Result<Self> {
        raise_open_files();
        let listeners: Vec<_> =
            roles.iter().map(|role| Ok((*role, Listeners::bind(config, *role)?))).collect::<anyhow::Result<_>>()?;
        let stop = CancellationToken::new();
        let config = Arc::new(config.clone());
        let roles = listeners
            .into_iter()
            .map(|(role, listeners)| start(role, listeners, &config, &stop))
            .collect::<anyhow::Result<_>>()?;
        let deadline = Duration::from_millis(config.workers.drain_deadline_ms) + GRACE;
        Ok(Self { roles, stop, deadline })
    }

    /// Where a role listens: HTTP and metrics.
    pub fn addresses(&self, role: Role) -> Option<(SocketAddr, SocketAddr)> {
        self.roles.iter().find(|running| running.role == role).map(|running| (running.http, running.metrics))
    }

    /// The metrics of every role at this moment, a page each.
    pub fn metrics(&self) -> Vec<String> {
        self.roles.iter().map(|running| running.telemetry.render_metrics()).collect()
    }

    /// Waits for the end of a role that nobody asked for.
    pub async fn ended(&self) {
        self.stop.cancelled().await;
    }

    /// Runs until Ctrl-C, SIGTERM, or the end of a role; then drains.
    pub fn run_until_signal(self) -> anyhow::Result<ExitCode> {
        let main = Builder::new_current_thread().enable_all().build().context("no runtime for signals")?;
        main.block_on(async {
            tokio::select! {
                () = signal::wait() => {}
                () = self.ended() => {}
            }
        });
        signal::end_at_once_on_another();
        self.stop()?;
        Ok(ExitCode::SUCCESS)
    }

    /// Stops pulling and accepting, finishes or hands back what is in hand, flushes, and ends every role.
    pub fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        let mut outcome = Ok(());
        for running in self.roles {
            let name = running.role.as_str();
            let waited = running.runtime.block_on(async { tokio::time::timeout(self.deadline, running.task).await });
            let ended = match waited {
                Ok(Ok(ended)) => ended.with_context(|| format!("the {name} failed")),
                Ok(Err(panicked)) => Err(anyhow::anyhow!("the {name} broke down: {panicked}")),
                Err(_) => Err(anyhow::anyhow!("the {name} did not drain within {} s", self.deadline.as_secs())),
            };
            running.telemetry.shutdown();
            running.runtime.shutdown_background();
            outcome = outcome.and(ended);
        }
        outcome
    }
}

fn start(role: Role, listeners: Listeners, config: &Arc<Config>, stop: &CancellationToken) -> anyhow::Result<Running> {
    let (http, metrics) = (listeners.http.local_addr()?, listeners.metrics.local_addr()?);
    let telemetry = telemetry::build(config, role)?;
    let workers = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8));
    let runtime = telemetry.build_runtime(workers).with_context(|| format!("the {} got no threads", role.as_str()))?;
    let context = RoleContext {
        role,
        config: config.clone(),
        telemetry: telemetry.clone(),
        stop: stop.clone(),
        background: Background::default(),
    };
    // A role that ends by itself takes the process with it: whoever supervises the process starts it again.
    let end = stop.clone().drop_guard();
    let task = runtime.spawn(async move {
        let _end = end;
        role::run(context, listeners).await
    });
    Ok(Running { role, http, metrics, telemetry, runtime, task })
}
