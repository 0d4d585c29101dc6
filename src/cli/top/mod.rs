//! `ally top`: rates, lag, retries, dead letters and rooms, live in a terminal, from the roles' own metrics.

mod figures;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures::future::join_all;

use super::{Usage, local, reach, terminal};
use crate::app::signal;
use crate::config::{Config, Role};
use figures::Scrape;

/// One role's page may take this long; a role that hangs is shown as not answering.
const ASK_TIMEOUT: Duration = Duration::from_secs(2);
/// Between two looks, unless told otherwise.
const EVERY_SECONDS: u64 = 2;
/// Moves the cursor to the upper left corner and clears what is below.
const HOME: &str = "\u{1b}[H\u{1b}[J";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Seconds between two looks.
    #[arg(long, default_value_t = EVERY_SECONDS, value_parser = clap::value_parser!(u64).range(1..=60))]
    every: u64,
    /// Show one look and end, as is done where nobody sits at a terminal.
    #[arg(long)]
    once: bool,
    /// One JSON object a look.
    #[arg(long)]
    json: bool,
}

pub fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    let live = !args.once && std::io::stdout().is_terminal();
    reach::run(async {
        tokio::select! {
            ended = look(config, args, live) => ended?,
            () = signal::wait() => {}
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn look(config: &Config, args: &Args, live: bool) -> anyhow::Result<()> {
    let client = local::client(ASK_TIMEOUT)?;
    let mut before = scrape(&client, config).await;
    if before.answering() == 0 {
        return Err(Usage(
            "no role answers on its metrics port; start `ally up`, or say where they listen with …_METRICS_PORT".into(),
        )
        .into());
    }
    loop {
        tokio::time::sleep(Duration::from_secs(args.every)).await;
        let now = scrape(&client, config).await;
        let figures = figures::between(&before, &now);
        let shown = if args.json {
            terminal::object(&figures)?;
            true
        } else {
            let clear = if live { HOME } else { "" };
            terminal::is_read(&format!("{clear}{}", figures::render(&figures, terminal::text_width())))
        };
        if !shown || !(live || args.json && !args.once) {
            return Ok(());
        }
        before = now;
    }
}

async fn scrape(client: &reqwest::Client, config: &Config) -> Scrape {
    let asked = Role::ALL.map(|role| async move {
        let (_, metrics) = local::role(&config.ports, role);
        let answer = client.get(format!("{metrics}/metrics")).send().await.ok()?;
        Some((role, answer.text().await.ok()?))
    });
    let pages = join_all(asked).await.into_iter().flatten().collect();
    Scrape { at: Instant::now(), pages }
}
