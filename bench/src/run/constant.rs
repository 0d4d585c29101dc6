//! How many constants a second the product's HTTP server answers.

use std::process::Stdio;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::settings::Settings;
use crate::figures::Figures;
use crate::stack::constant;

/// Requests before those that count.
const WARM_UP: u64 = 1_000;

pub async fn measure(settings: &Settings, figures: &mut Figures) -> anyhow::Result<()> {
    let program = std::env::current_exe().context("this program's own file is not known")?;
    let mut server = Command::new(program);
    server.arg("constant").stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut server = server.spawn().context("the server of constants could not be started")?;
    let pid = server.id().context("the server of constants ended at once")?;
    let output = server.stdout.take().context("the server of constants has no output")?;
    let line = BufReader::new(output).lines().next_line().await?.context("the server of constants ended at once")?;
    let address = line.trim().parse().with_context(|| format!("{line:?} is no address"))?;
    constant(address, pid, WARM_UP.min(settings.requests), settings.callers).await?;
    let seen = constant(address, pid, settings.requests, settings.callers).await?;
    server.kill().await?;
    let error = seen.first_error.unwrap_or_default();
    anyhow::ensure!(seen.errors == 0, "{} constants were not answered: {error}", seen.errors);
    figures.add("constant/requests_per_second", "requests/s", seen.requests_per_second);
    figures.add("constant/latency_ms/p50", "ms", seen.latency.p50);
    figures.add("constant/latency_ms/p99", "ms", seen.latency.p99);
    let cpu: f64 = seen.usage.values().map(|usage| usage.cpu_seconds).sum();
    figures.add("constant/cpu_ms/all", "ms/request", cpu * 1e3 / seen.requests as f64);
    figures.add("constant/cpu_ms/generator", "ms/request", seen.generator_cpu_seconds * 1e3 / seen.requests as f64);
    Ok(())
}
