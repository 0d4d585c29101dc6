//! A server under its guard, as Ally holds it: started with a log, asked whether it still runs, stopped.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{Instant, sleep, timeout};

use super::account::Account;
use super::errors::{Doing, EmbeddedError};
use super::guard::{StopSignal, how_it_ended};
use super::pid::ProcessId;

/// How long a server gets to end by itself.
pub const GRACE: Duration = Duration::from_secs(20);
/// How long a server gets to answer. A crashed PostgreSQL replays its log first.
const READY_DEADLINE: Duration = Duration::from_secs(60);
const ASK_AGAIN: Duration = Duration::from_millis(20);
const LOG_TAIL_LINES: usize = 12;
/// How a server ended whose guard cannot be waited for.
const UNSEEN: &str = "ended by itself";

/// How to run a server.
#[derive(Debug)]
pub struct Launch<'a> {
    /// What a person calls it.
    pub name: &'static str,
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Who runs it.
    pub account: &'a Account,
    /// What it takes for a request to end.
    pub stop_signal: StopSignal,
    /// The folder for its log and its process id.
    pub folder: &'a Path,
}

/// A running server. Dropping it asks the server to end and does not wait.
#[derive(Debug)]
pub struct GuardedProcess {
    name: &'static str,
    guard: Child,
    /// The guard ends the server when this closes. Apart from the child, because waiting for a child closes its input.
    lifeline: Option<ChildStdin>,
    log: PathBuf,
    pid_file: PathBuf,
    stop_signal: StopSignal,
}

/// The file that holds a server's process id while it runs.
pub fn pid_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.pid"))
}

impl GuardedProcess {
    /// Starts a server. It may end at once: see [`Self::ready`].
    pub fn start(launch: Launch<'_>) -> Result<Self, EmbeddedError> {
        let Launch { name, command, account, stop_signal, folder } = launch;
        let log = folder.join(format!("{name}.log"));
        let pid_file = pid_file(folder, name);
        let ally = std::env::current_exe().doing(|| "finding Ally's own program".to_owned())?;
        let mut guard = Command::new(ally);
        guard.arg("guard").args(["--stop-signal", if stop_signal == StopSignal::Int { "int" } else { "term" }]);
        guard.args(["--grace-ms", &GRACE.as_millis().to_string()]).arg("--pid-file").arg(&pid_file);
        if let Account::Lent(lent) = account {
            guard.args(["--uid", &lent.uid.to_string(), "--gid", &lent.gid.to_string()]);
        }
        guard.arg("--").args(command);
        let output = open_log(&log)?;
        let errors = output.try_clone().doing(|| format!("opening {}", log.display()))?;
        // A group of its own keeps the terminal's signals away: Ally decides when a server ends.
        guard.stdin(Stdio::piped()).stdout(output).stderr(errors).process_group(0);
        let mut guard = guard.spawn().doing(|| format!("starting the guard of {name}"))?;
        let lifeline = guard.stdin.take();
        Ok(Self { name, guard, lifeline, log, pid_file, stop_signal })
    }

    /// Waits until `answers` does, asking again and again; an end of the process ends the wait.
    pub async fn ready<E: std::fmt::Display>(
        &mut self,
        mut answers: impl AsyncFnMut() -> Result<(), E>,
    ) -> Result<(), EmbeddedError> {
        let deadline = Instant::now() + READY_DEADLINE;
        loop {
            let last = match timeout(READY_DEADLINE, answers()).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(last)) => last.to_string(),
                Err(_) => "it took the connection and did not answer".to_owned(),
            };
            if let Some(cause) = self.ended() {
                return Err(cause);
            }
            if Instant::now() >= deadline {
                let seconds = READY_DEADLINE.as_secs();
                let (log, tail) = (self.log.clone(), self.log_tail());
                return Err(EmbeddedError::NotReady { name: self.name, seconds, last, log, tail });
            }
            sleep(ASK_AGAIN).await;
        }
    }

    /// Whether it has ended by itself, and then how its log ends.
    pub fn ended(&mut self) -> Option<EmbeddedError> {
        match self.guard.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(self.ended_with(how_it_ended(status))),
            Err(_) => Some(self.ended_with(UNSEEN.to_owned())),
        }
    }

    /// Waits until it ends by itself, and then tells how its log ends.
    pub async fn end(&mut self) -> EmbeddedError {
        // Whether the guard's own end can be told or not, nobody guards the server any more.
        let how = self.guard.wait().await.map_or_else(|_| UNSEEN.to_owned(), how_it_ended);
        self.ended_with(how)
    }

    fn ended_with(&self, how: String) -> EmbeddedError {
        EmbeddedError::Ended { name: self.name, how, log: self.log.clone(), tail: self.log_tail() }
    }

    /// Asks the server to end and waits until it has; after the grace it is killed.
    pub async fn stop(mut self) -> Result<(), EmbeddedError> {
        drop(self.lifeline.take());
        // The guard keeps the grace; this only outwaits it.
        if timeout(GRACE + Duration::from_secs(5), self.guard.wait()).await.is_ok() {
            return Ok(());
        }
        if let Some(server) = ProcessId::read(&self.pid_file) {
            server.end(self.name, self.stop_signal.signal(), Duration::ZERO).await?;
        }
        self.guard.kill().await.doing(|| format!("ending the guard of {}", self.name))
    }

    fn log_tail(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
    }
}

/// Each start begins its log anew: development servers run for hours, and the last run is the one that is looked at.
fn open_log(path: &Path) -> Result<File, EmbeddedError> {
    OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .open(path)
        .doing(|| format!("opening {}", path.display()))
}
