//! A role as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::{DEADLINE, eventually};

/// A running role; it is killed when it is dropped.
pub struct RoleProcess {
    pub http: String,
    pub metrics: String,
    child: Child,
}

impl RoleProcess {
    /// On free ports.
    pub async fn start(mut command: Command, role: &'static str) -> Self {
        for variable in
            ["GATEWAY_BFF", "PROFILE_ONBOARDING", "PLANNING_ENGINE", "REALTIME_PRESENCE_SERVICE", "PROJECTOR"]
                .map(|name| format!("{name}_PORT"))
        {
            command.env(variable.replace("_PORT", "_METRICS_PORT"), "0").env(variable, "0");
        }
        Self::start_on_its_ports(command, role).await
    }

    /// On the ports of its environment, so that it is found where it was after it was started again.
    pub async fn start_on_its_ports(mut command: Command, role: &'static str) -> Self {
        tokio::task::spawn_blocking(move || {
            let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            let mut urls = line.split_whitespace().filter(|word| word.starts_with("http://"));
            let (Some(http), Some(metrics)) = (urls.next(), urls.next()) else {
                panic!("the {role} said {line:?} and ended with {:?}", child.wait())
            };
            Self { http: http.trim_end_matches(',').to_owned(), metrics: metrics.to_owned(), child }
        })
        .await
        .unwrap()
    }

    /// Waits until the role says that it is ready.
    pub async fn ready(&self) {
        eventually("ready", async || {
            let answer = super::get(format!("{}/health/ready", self.http)).await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// What it says of its health: the status code and the body.
    pub async fn health(&self) -> (u16, serde_json::Value) {
        let answer = super::get(format!("{}/health/ready", self.http)).await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Its metrics, as Prometheus reads them.
    pub async fn metrics(&self) -> String {
        super::get(&self.metrics).await.unwrap().text().await.unwrap()
    }

    /// Its process, for a program that kills it by itself.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no code of the role runs any more.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGSTOP: it hangs until [`Self::wake`].
    pub fn suspend(&self) {
        self.signal(Signal::STOP);
    }

    /// SIGCONT.
    pub fn wake(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// SIGTERM, and the exit code once it has drained.
    pub async fn terminate(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        let begun = std::time::Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < DEADLINE, "it does not end");
            tokio::time::sleep(super::POLL).await;
        }
    }
}

impl Drop for RoleProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
