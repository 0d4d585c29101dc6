//! Processes that outlive whoever started them, written down so that they can be ended by id and never mistaken for
//! another: ids are used again, an id with its start time is not.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::time::{Instant, sleep};

use super::errors::{Doing, EmbeddedError};

/// How often a process that was asked to end is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A process at one time of its machine's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessId {
    /// Its id.
    pub pid: i32,
    /// When it started, in the machine's own terms.
    started: String,
}

impl ProcessId {
    /// The process that has this id now.
    pub fn of(pid: u32) -> Option<Self> {
        let pid = i32::try_from(pid).ok()?;
        Some(Self { pid, started: start_time(pid)? })
    }

    /// Reads what [`Self::write`] wrote; nothing when there is no such file or it is not whole.
    pub fn read(file: &Path) -> Option<Self> {
        let text = fs::read_to_string(file).ok()?;
        let (pid, started) = text.trim_end().split_once(' ')?;
        Some(Self { pid: pid.parse().ok()?, started: started.to_owned() })
    }

    /// Writes it down.
    pub fn write(&self, file: &Path) -> Result<(), EmbeddedError> {
        fs::write(file, format!("{} {}\n", self.pid, self.started)).doing(|| format!("writing {}", file.display()))
    }

    /// Whether this very process still runs.
    pub fn is_alive(&self) -> bool {
        start_time(self.pid).as_ref() == Some(&self.started)
    }

    /// Asks it to end, and after `grace` makes it. Does nothing when it has ended already.
    pub async fn end(&self, name: &str, signal: Signal, grace: Duration) -> Result<(), EmbeddedError> {
        for (signal, patience) in [(signal, grace), (Signal::KILL, Duration::from_secs(5))] {
            if !self.is_alive() {
                return Ok(());
            }
            if let Some(pid) = Pid::from_raw(self.pid) {
                // It may end between the look and the signal, which is what was wanted.
                let _ = kill_process(pid, signal);
            }
            let deadline = Instant::now() + patience;
            while self.is_alive() && Instant::now() < deadline {
                sleep(LOOK_AGAIN).await;
            }
        }
        if self.is_alive() { Err(EmbeddedError::Undead { name: name.to_owned(), pid: self.pid }) } else { Ok(()) }
    }
}

/// Linux tells it in `/proc`; elsewhere `ps` does. A zombie has ended, whoever has yet to notice.
fn start_time(pid: i32) -> Option<String> {
    if Path::new("/proc/self/stat").exists() {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        return start_time_in(&stat).map(str::to_owned);
    }
    test_kill_process(Pid::from_raw(pid)?).ok()?;
    let output = std::process::Command::new("ps").args(["-o", "lstart=", "-p", &pid.to_string()]).output().ok()?;
    let started = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!started.is_empty()).then_some(started)
}

/// Field 22 of `/proc/<pid>/stat`. Field 2, the name, may hold spaces and brackets: count from its last bracket.
fn start_time_in(stat: &str) -> Option<&str> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace();
    if fields.next()? == "Z" { None } else { fields.nth(18) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_start_time_behind_any_name() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 8123 100 5 18446744073709551615\n";
        assert_eq!(start_time_in(stat), Some("8123"));
        assert_eq!(start_time_in(&stat.replace(") S", ") Z")), None, "a zombie has ended");
    }

    #[tokio::test]
    async fn ends_the_process_that_was_written_down() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let mut child = tokio::process::Command::new("sleep").arg("600").kill_on_drop(true).spawn().unwrap();
        let process = ProcessId::of(child.id().unwrap()).unwrap();
        process.write(&file).unwrap();
        let read = ProcessId::read(&file).unwrap();
        assert_eq!(read, process);
        assert!(read.is_alive());
        read.end("sleep", Signal::TERM, Duration::from_secs(5)).await.unwrap();
        assert!(!child.wait().await.unwrap().success());
    }

    #[tokio::test]
    async fn never_ends_another_process_that_got_the_same_id() {
        let mut child = tokio::process::Command::new("sleep").arg("600").kill_on_drop(true).spawn().unwrap();
        let pid = i32::try_from(child.id().unwrap()).unwrap();
        let earlier = ProcessId { pid, started: "before".to_owned() };
        assert!(!earlier.is_alive());
        earlier.end("sleep", Signal::KILL, Duration::from_secs(1)).await.unwrap();
        assert!(child.try_wait().unwrap().is_none(), "the other process still runs");
    }
}
