//! `ally-bench run`: everything is measured in rounds, in turn, so that a slow moment of the machine meets all of it.
//!
//! Every backlog begins with an empty store, so that its figure says nothing about what was measured before it.

mod constant;
mod finished;
mod plot;
mod report;
mod settings;
mod table;
mod take;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;

use crate::figures::Figures;
use crate::raw::Raw;
use crate::stack::{Open, Stack, Subject};
use crate::terminal;
use report::Report;
use settings::Settings;

pub use settings::{Args, variable};
pub use table::{number, shown};
pub use take::{take_closed, take_open};

/// The programs that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The product with its engine.
    Engine,
    /// The same with a provider that answers a ready plan at once.
    Ready,
}

impl Kind {
    /// In this order, each round.
    const ALL: [Self; 2] = [Self::Ready, Self::Engine];

    /// As figures name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Ready => "ready",
        }
    }
}

/// Jobs before the first that counts.
pub const WARM_UP_JOBS: u64 = 300;

pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = Settings::new(args)?;
    let mut report = Report { quick: args.quick, settings: settings.clone(), ..Report::new() };
    if cfg!(debug_assertions) {
        terminal::note("this is a debug build: its figures say nothing about the product");
    }
    let subject = async |program: &Path| Subject::new(program, &settings.local, settings.athletes, &settings.set).await;
    let (engine, ready) = (subject(&settings.ally).await?, subject(&settings.ready).await?);
    for round in 1..=settings.runs {
        constant::measure(&settings, &mut report.figures).await?;
        for kind in Kind::ALL {
            let subject = if kind == Kind::Engine { &engine } else { &ready };
            backlogs(subject, kind, round, &settings, &mut report).await?;
        }
    }
    if !settings.finished.is_empty() {
        finished::measure(&ready, &settings, &mut report).await?;
    }
    let files = report.write(&settings.out)?;
    terminal::line(&table::render(&report));
    terminal::line(&files.iter().map(|file| format!("written: {}", file.display())).collect::<Vec<_>>().join("\n"));
    if report.faults.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    terminal::error(&format!("jobs were lost, doubled or failed:\n{}", report.faults.join("\n")));
    Ok(ExitCode::FAILURE)
}

/// Every backlog of one round, each on a stack of its own; on the first also the rates, and raw batches once.
async fn backlogs(
    subject: &Subject,
    kind: Kind,
    round: usize,
    settings: &Settings,
    report: &mut Report,
) -> anyhow::Result<()> {
    for (place, jobs) in settings.backlog.iter().enumerate() {
        let name = kind.as_str();
        terminal::note(&format!("round {round} of {}: {name}, a backlog of {jobs}", settings.runs));
        let stack = Stack::start(subject).await?;
        report.versions = stack.versions().await?;
        stack.generator().warm_up(WARM_UP_JOBS.min(*jobs)).await?;
        let before = stack.stored().await?;
        let seen = stack.generator().closed(*jobs, settings.callers, settings.deadline_seconds).await?;
        let after = stack.stored().await?;
        report.expect_exact(&format!("{name}, a backlog of {jobs}, round {round}"), &seen);
        take_closed(&mut report.figures, &format!("{name}/backlog/{jobs}"), &seen, &before, &after);
        if place == 0 {
            rates(&stack, name, round, settings, report).await?;
            if kind == Kind::Ready {
                raw(&stack, settings, &mut report.figures).await?;
            }
        }
        stack.stop().await?;
    }
    Ok(())
}

async fn rates(
    stack: &Stack,
    name: &str,
    round: usize,
    settings: &Settings,
    report: &mut Report,
) -> anyhow::Result<()> {
    for rate in &settings.rates {
        terminal::note(&format!("round {round} of {}: {name}, {rate} jobs/s", settings.runs));
        let open = Open { rate: *rate, seconds: settings.seconds, poll_one_in: settings.poll_one_in(*rate) };
        let seen = stack.generator().open(open, settings.deadline_seconds).await?;
        report.expect_exact(&format!("{name}, {rate} jobs/s, round {round}"), &seen);
        take_open(&mut report.figures, &format!("{name}/rate/{rate}"), &seen);
    }
    Ok(())
}

async fn raw(stack: &Stack, settings: &Settings, figures: &mut Figures) -> anyhow::Result<()> {
    let raw = Raw::open(&stack.nats_url()).await?;
    let rate = raw.messages_per_second(Duration::from_secs_f64(settings.raw_seconds)).await?;
    figures.add("raw/batches_of_200/messages_per_second", "messages/s", rate);
    raw.close().await
}

/// A program beside this one, unless a path was given.
pub fn beside(given: Option<&PathBuf>, name: &str) -> anyhow::Result<PathBuf> {
    match given {
        Some(path) => Ok(path.clone()),
        None => Ok(std::env::current_exe().context("this program's own file is not known")?.with_file_name(name)),
    }
}
