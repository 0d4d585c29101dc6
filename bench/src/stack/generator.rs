//! The generator as the process that it is: started, waited for, and its report read.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use anyhow::Context;
use serde::de::DeserializeOwned;
use tokio::process::Command;

use crate::load::{LoadReport, RequestReport};

/// A generator for one gateway.
pub struct Generator<'a> {
    gateway: SocketAddr,
    tokens: &'a Path,
    pid: u32,
}

/// How jobs come at a fixed rate.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    /// Jobs a second.
    pub rate: f64,
    pub seconds: f64,
    /// One of this many is polled.
    pub poll_one_in: u64,
}

impl<'a> Generator<'a> {
    /// Load on a gateway, whose tree of processes is measured.
    pub fn new(gateway: SocketAddr, tokens: &'a Path, pid: u32) -> Self {
        Self { gateway, tokens, pid }
    }

    /// Onboards every athlete and walks some jobs.
    pub async fn warm_up(&self, jobs: u64) -> anyhow::Result<()> {
        let _: serde_json::Value = self.load("warm-up", &[("--jobs", jobs.to_string())]).await?;
        Ok(())
    }

    /// Jobs as fast as so many callers get them accepted.
    pub async fn closed(&self, jobs: u64, callers: usize, deadline_seconds: u64) -> anyhow::Result<LoadReport> {
        let callers = ("--callers", callers.to_string());
        let deadline = ("--deadline-seconds", deadline_seconds.to_string());
        self.load("closed", &[("--jobs", jobs.to_string()), callers, deadline]).await
    }

    /// Jobs at a fixed rate.
    pub async fn open(&self, open: Open, deadline_seconds: u64) -> anyhow::Result<LoadReport> {
        let rate = [("--rate", open.rate.to_string()), ("--seconds", open.seconds.to_string())];
        let polls = ("--poll-one-in", open.poll_one_in.to_string());
        let deadline = ("--deadline-seconds", deadline_seconds.to_string());
        self.load("open", &[rate.as_slice(), &[polls, deadline]].concat()).await
    }

    async fn load<T: DeserializeOwned>(&self, mode: &str, options: &[(&str, String)]) -> anyhow::Result<T> {
        let mut command = generator(mode)?;
        command.arg("--address").arg(self.gateway.to_string()).arg("--tokens").arg(self.tokens);
        command.arg("--pid").arg(self.pid.to_string());
        report(command, options).await
    }
}

/// Requests that a server answers at once.
pub async fn constant(server: SocketAddr, pid: u32, requests: u64, callers: usize) -> anyhow::Result<RequestReport> {
    let mut command = generator("constant")?;
    command.arg("--address").arg(server.to_string()).arg("--pid").arg(pid.to_string());
    report(command, &[("--requests", requests.to_string()), ("--callers", callers.to_string())]).await
}

fn generator(mode: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("this program's own file is not known")?);
    command.args(["load", mode]).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    Ok(command)
}

/// Its bars and errors go where those of this process go.
async fn report<T: DeserializeOwned>(mut command: Command, options: &[(&str, String)]) -> anyhow::Result<T> {
    command.args(options.iter().flat_map(|(name, value)| [*name, value.as_str()]));
    let output = command.spawn().context("the generator could not be started")?.wait_with_output().await?;
    anyhow::ensure!(output.status.success(), "the generator failed: {}", output.status);
    serde_json::from_slice(&output.stdout).context("the generator's report cannot be read")
}
