//! The process between Ally and a server: it ends the server when Ally asks and also when Ally is gone.
//!
//! Both come as the end of its standard input, a pipe that only Ally holds open. So a server ends with its Ally even
//! when Ally is killed, where no code of Ally runs any more; and a terminal's Ctrl-C, which goes to a whole process
//! group, reaches Ally alone, so that the roles can drain before their servers end.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use clap::{Args, ValueEnum};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use super::errors::{Doing, EmbeddedError};
use super::pid::ProcessId;

/// From here on an exit code is a signal's, as shells have it.
const OF_A_SIGNAL: i32 = 128;

/// What to guard, as `ally guard` gets it.
#[derive(Debug, Args)]
pub struct GuardOrder {
    /// What the server takes for a request to end.
    #[arg(long)]
    pub stop_signal: StopSignal,
    /// How long it gets before it is killed.
    #[arg(long)]
    pub grace_ms: u64,
    /// Where the server's process id is written.
    #[arg(long)]
    pub pid_file: PathBuf,
    /// The user to run it as.
    #[arg(long, requires = "gid")]
    pub uid: Option<u32>,
    /// The group to run it as.
    #[arg(long, requires = "uid")]
    pub gid: Option<u32>,
    /// The server with its arguments.
    #[arg(last = true, required = true)]
    pub command: Vec<OsString>,
}

/// The signals that servers understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StopSignal {
    /// PostgreSQL: end the sessions, write a checkpoint, end.
    Int,
    /// NATS: close the connections and the stores, end.
    Term,
}

impl StopSignal {
    /// As the machine knows it.
    pub fn signal(self) -> Signal {
        match self {
            Self::Int => Signal::INT,
            Self::Term => Signal::TERM,
        }
    }
}

/// Runs a server until it ends or standard input does; then ends it.
///
/// # Errors
/// When the server cannot be started.
pub fn run_guard(order: &GuardOrder) -> Result<ExitCode, EmbeddedError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.doing(|| "starting the guard".to_owned())?;
    let code = runtime.block_on(guard(order));
    // Standard input may still be read by a thread of the runtime, which nobody waits for.
    runtime.shutdown_background();
    code
}

async fn guard(order: &GuardOrder) -> Result<ExitCode, EmbeddedError> {
    let mut server = start(order)?;
    if let Some(process) = server.id().and_then(ProcessId::of) {
        process.write(&order.pid_file)?;
    }
    let ended = tokio::select! {
        status = server.wait() => Some(status),
        () = asked_to_end() => None,
    };
    let status = match ended {
        Some(status) => status,
        None => end(&mut server, order).await,
    };
    let _ = std::fs::remove_file(&order.pid_file);
    Ok(status.ok().and_then(code_of).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// How the server ended, for whoever waits for the guard: its exit code, or that of a shell for the signal that ended it.
fn code_of(status: ExitStatus) -> Option<u8> {
    let code = status.code().or_else(|| status.signal().map(|signal| OF_A_SIGNAL + signal));
    code.and_then(|code| u8::try_from(code).ok())
}

/// What the exit code of a guard says of its server's end.
pub fn how_it_ended(guard: ExitStatus) -> String {
    match (guard.code(), guard.signal()) {
        (Some(code), _) if code > OF_A_SIGNAL => format!("was ended by {}", signal_name(code - OF_A_SIGNAL)),
        (Some(code), _) => format!("ended by itself with exit code {code}"),
        (None, Some(signal)) => format!("lost its guard, which was ended by {}", signal_name(signal)),
        (None, None) => "ended by itself".to_owned(),
    }
}

/// `signal 9 (SIGKILL)`
fn signal_name(number: i32) -> String {
    let name = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL, as the kernel does where memory runs out",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => return format!("signal {number}"),
    };
    format!("signal {number} ({name})")
}

fn start(order: &GuardOrder) -> Result<Child, EmbeddedError> {
    let [program, arguments @ ..] = order.command.as_slice() else { unreachable_command()? };
    let mut command = Command::new(program);
    // The servers work on absolute paths, and a folder of the caller's may be closed to the other account.
    command.args(arguments).current_dir("/").stdin(Stdio::null());
    if let (Some(uid), Some(gid)) = (order.uid, order.gid) {
        command.uid(uid).gid(gid);
    }
    command.spawn().doing(|| format!("starting {}", program.to_string_lossy()))
}

/// clap requires a command; this keeps the type honest without a panic.
fn unreachable_command<T>() -> Result<T, EmbeddedError> {
    Err(std::io::Error::from(std::io::ErrorKind::InvalidInput)).doing(|| "reading the command to guard".to_owned())
}

/// Whoever started the guard closed the pipe, or died, or somebody ends the guard itself.
async fn asked_to_end() {
    let mut byte = [0_u8; 1];
    let mut stdin = tokio::io::stdin();
    let closed = async { while stdin.read(&mut byte).await.is_ok_and(|read| read > 0) {} };
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! { () = closed => {}, () = terminated => {} }
}

async fn end(server: &mut Child, order: &GuardOrder) -> std::io::Result<ExitStatus> {
    if let Some(pid) = server.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
        let _ = kill_process(pid, order.stop_signal.signal());
    }
    match tokio::time::timeout(Duration::from_millis(order.grace_ms), server.wait()).await {
        Ok(status) => status,
        Err(_) => {
            server.start_kill()?;
            server.wait().await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_server_is_told_by_what_ended_it() {
        let exited = |code: i32| ExitStatus::from_raw(code << 8);
        assert_eq!(how_it_ended(exited(1)), "ended by itself with exit code 1");
        assert!(how_it_ended(exited(137)).starts_with("was ended by signal 9 (SIGKILL"));
        assert_eq!(how_it_ended(exited(128 + 40)), "was ended by signal 40");
        assert!(how_it_ended(ExitStatus::from_raw(15)).contains("guard, which was ended by signal 15 (SIGTERM)"));
        assert_eq!(code_of(ExitStatus::from_raw(9)), Some(137));
        assert_eq!(code_of(exited(3)), Some(3));
    }
}
