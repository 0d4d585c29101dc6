//! The roles as processes that are started again at once when they are killed: the supervisor's part in production.

use std::collections::BTreeMap;
use std::fs::File;

use tokio::sync::{Mutex, watch};

use crate::system::{RoleProcess, System};

pub const ROLES: [&str; 4] = ["gateway", "onboarding", "planner", "projector"];

pub struct Roles {
    pub system: System,
    playing: BTreeMap<&'static str, Mutex<Option<RoleProcess>>>,
    /// Where the gateway listens now: each start has ports of its own.
    gateway: watch::Sender<String>,
}

impl Roles {
    pub async fn start(system: System) -> Self {
        let playing = ROLES.map(|role| (role, Mutex::default())).into();
        let roles = Self { system, playing, gateway: watch::Sender::default() };
        for role in ROLES {
            roles.play(role, &mut *roles.playing[role].lock().await).await;
        }
        for role in ROLES {
            roles.playing[role].lock().await.as_ref().unwrap().ready().await;
        }
        roles
    }

    async fn play(&self, role: &'static str, place: &mut Option<RoleProcess>) {
        let mut command = self.system.command(&["serve", "--role", role]);
        let log = File::options().create(true).append(true).open(self.log(role)).unwrap();
        command.stderr(log);
        let process = RoleProcess::start(command, role).await;
        if role == "gateway" {
            self.gateway.send_replace(process.http.clone());
        }
        *place = Some(process);
    }

    /// SIGKILL, and another one at once.
    pub async fn crash(&self, role: &'static str) {
        let mut place = self.playing[role].lock().await;
        place.take().unwrap().kill();
        self.play(role, &mut place).await;
    }

    /// SIGKILL, and nobody starts it again.
    pub async fn stop(&self, role: &'static str) {
        self.playing[role].lock().await.take().unwrap().kill();
    }

    /// Starts one that was stopped.
    pub async fn start_again(&self, role: &'static str) {
        self.play(role, &mut *self.playing[role].lock().await).await;
    }

    pub fn gateway(&self) -> watch::Receiver<String> {
        self.gateway.subscribe()
    }

    /// What the planner says of its queue.
    pub async fn queue(&self) -> Option<serde_json::Value> {
        let planner = format!("{}/queue/status", self.playing["planner"].lock().await.as_ref()?.http);
        crate::system::get(planner).await.ok()?.error_for_status().ok()?.json().await.ok()
    }

    /// SIGTERM for each; every one drains.
    pub async fn terminate(&self) {
        for role in ROLES {
            let process = self.playing[role].lock().await.take().unwrap();
            assert_eq!(process.terminate().await, Some(0), "the {role} drains");
        }
    }

    fn log(&self, role: &str) -> std::path::PathBuf {
        self.system.folder().join(format!("{role}.log"))
    }
}

impl Drop for Roles {
    /// A run that failed tells what the roles said last.
    fn drop(&mut self) {
        if std::thread::panicking() {
            for role in ROLES {
                let said = std::fs::read_to_string(self.log(role)).unwrap_or_default();
                let lines: Vec<_> = said.lines().collect();
                println!("-- {role}\n{}", lines[lines.len().saturating_sub(20)..].join("\n"));
            }
        }
    }
}
