//! An Ally to measure: `ally up` with servers, ports and data of its own, empty at the start and gone at the end.

mod engines;
mod generator;
mod ports;
mod presence;

use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::load::Http;
use crate::usage;
use ports::Ports;

pub use engines::{Stored, Versions};
pub use generator::{Generator, Open, constant};
pub use presence::{Costs, PresenceStack, open_files, raise_open_files};

/// How long everything may take to be ready; a machine without the servers fetches them first.
const READY_DEADLINE: Duration = Duration::from_secs(300);
const READY_POLL: Duration = Duration::from_millis(50);
/// How long the drain and the stop of the servers may take.
const STOP_DEADLINE: Duration = Duration::from_secs(90);
/// Longer than any measurement.
const TOKEN_MINUTES: &str = "1440";
/// How much of the log an error shows.
const TAIL_LINES: usize = 15;

/// Limits out of the way, logs and traces quiet, and as many jobs at once as two cores can use. What stands here is what
/// an operator may set; a `--set` of the caller goes over it.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("PLAN_PROVIDER", "builtin"),
    ("RATE_LIMIT_ATHLETE_PER_MINUTE", "0"),
    ("RATE_LIMIT_CLIENT_PER_MINUTE", "0"),
    ("MAX_QUEUE_DEPTH", "10000000"),
    ("MAX_IN_FLIGHT", "4096"),
    ("PLANNER_MAX_IN_FLIGHT", "64"),
    ("PLANNER_EXPRESS_MAX_IN_FLIGHT", "8"),
    ("DATABASE_MAX_CONNECTIONS", "16"),
    ("OTEL_TRACES_SAMPLER_ARG", "0"),
    ("RUST_LOG", "warn"),
];

/// What is measured, and as whom.
#[derive(Debug, Clone)]
pub struct Subject {
    /// `ally`, or a program composed like it.
    pub program: PathBuf,
    /// Everything that it writes stands under this folder; one measurement at a time may use it.
    pub local: PathBuf,
    /// Tokens of athletes, one a line.
    pub tokens: PathBuf,
    /// Signs them.
    secret: String,
    /// Variables that the caller sets.
    set: Vec<(String, String)>,
}

impl Subject {
    /// Makes the folder and a token for each athlete.
    pub async fn new(program: &Path, local: &Path, athletes: usize, set: &[(String, String)]) -> anyhow::Result<Self> {
        let find = |path: &Path| path.canonicalize().with_context(|| format!("{} is not there", path.display()));
        std::fs::create_dir_all(local).with_context(|| format!("{} could not be made", local.display()))?;
        let program = find(program).context("build it first, for example with `cargo build --release`")?;
        let local = find(local)?;
        let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let secret = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        let subject =
            Self { tokens: local.join(format!("tokens-of-{name}")), program, local, secret, set: set.to_vec() };
        let file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&subject.tokens);
        let mut file = file.with_context(|| format!("{} could not be written", subject.tokens.display()))?;
        for athlete in 0..athletes {
            file.write_all(&subject.token(&format!("bench-{athlete}")).await?)?;
        }
        Ok(subject)
    }

    async fn token(&self, athlete: &str) -> anyhow::Result<Vec<u8>> {
        let arguments = ["token", "--sub", athlete, "--minutes", TOKEN_MINUTES];
        let output = self.command().args(arguments).output().await.context("a token could not be made")?;
        let reason = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "a token could not be made: {}", reason.trim());
        Ok(output.stdout)
    }

    /// Removes the data of the start before, and ends what was left of it.
    async fn clear(&self) -> anyhow::Result<()> {
        let output = self.command().args(["down", "--remove-data"]).output().await?;
        let reason = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "old data could not be removed: {}", reason.trim());
        Ok(())
    }

    /// Signs the tokens of its clients.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env("ALLY_LOCAL_DIR", &self.local).env("ALLY_JWT_SECRET", &self.secret);
        command.envs(ENVIRONMENT.iter().copied()).envs(self.set.iter().map(|(name, value)| (name, value)));
        command.env_remove("ARCHIVE_URL").stdin(Stdio::null());
        command
    }
}

/// An Ally that is ready.
pub struct Stack {
    subject: Subject,
    child: Child,
    pid: u32,
    ports: Ports,
}

impl Stack {
    /// Starts one with empty data.
    pub async fn start(subject: &Subject) -> anyhow::Result<Self> {
        subject.clear().await?;
        let log = subject.local.join("up.log");
        let output = File::create(&log).with_context(|| format!("{} could not be made", log.display()))?;
        let errors = output.try_clone()?;
        let ports = Ports::free()?;
        let mut command = subject.command();
        command.arg("up").envs(ports.variables()).stdout(output).stderr(errors).kill_on_drop(true);
        let mut child =
            command.spawn().with_context(|| format!("{} could not be started", subject.program.display()))?;
        let pid = child.id().context("Ally ended at once")?;
        wait_until_ready(&mut child, ports.roles()).await.with_context(|| tail(&log))?;
        Ok(Self { subject: subject.clone(), child, pid, ports })
    }

    /// Where the gateway listens.
    pub fn gateway(&self) -> SocketAddr {
        address(self.ports.gateway())
    }

    /// Where NATS is.
    pub fn nats_url(&self) -> String {
        format!("nats://{}", address(self.ports.nats))
    }

    /// Puts load on it.
    pub fn generator(&self) -> Generator<'_> {
        Generator::new(self.gateway(), &self.subject.tokens, self.pid)
    }

    /// What the processes use now.
    pub fn usage(&self) -> anyhow::Result<usage::ByProgram> {
        usage::of_tree(self.pid)
    }

    /// What the engines have stored so far.
    pub async fn stored(&self) -> anyhow::Result<Stored> {
        Stored::read(address(self.ports.nats_monitor), self.ports.postgres).await
    }

    /// Which programs run.
    pub async fn versions(&self) -> anyhow::Result<Versions> {
        Versions::read(&self.subject.program, self.pid).await
    }

    /// Drains it, stops its servers and removes its data.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).context("Ally has no process id")?;
        kill_process(pid, Signal::TERM).context("Ally had ended before it was stopped")?;
        let status = timeout(STOP_DEADLINE, self.child.wait()).await;
        let status = status.with_context(|| format!("Ally did not stop within {} s", STOP_DEADLINE.as_secs()))??;
        anyhow::ensure!(status.success(), "Ally {status}: {}", tail(&self.subject.local.join("up.log")));
        self.subject.clear().await
    }
}

async fn wait_until_ready(child: &mut Child, ports: impl Iterator<Item = u16>) -> anyhow::Result<()> {
    let begun = Instant::now();
    for port in ports {
        let http = Http::new(address(port));
        loop {
            let mut request = Request::new(Full::new(Bytes::new()));
            *request.uri_mut() = hyper::Uri::from_static("/health/ready");
            if http.ask(request).await.is_ok_and(|(status, _)| status.is_success()) {
                break;
            }
            if let Some(status) = child.try_wait()? {
                bail!("Ally ended before it was ready: {status}");
            }
            anyhow::ensure!(begun.elapsed() < READY_DEADLINE, "not ready after {} s", READY_DEADLINE.as_secs());
            sleep(READY_POLL).await;
        }
    }
    Ok(())
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// The end of a log, for an error.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default();
    format!("the end of {}:\n{}", log.display(), shown.join("\n"))
}
