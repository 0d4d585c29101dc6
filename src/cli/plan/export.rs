//! `ally plan export`: a plan's file in the forms that other programs read.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use ally_api::{DEFAULT_START, Export, Form};
use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::plan::Plan;
use ally_domain::ports::Clock;
use anyhow::Context;
use clap::ValueEnum;
use serde::Deserialize;
use time::{OffsetDateTime, Time};

use super::{read, read_profile};
use crate::app::SystemClock;
use crate::cli::Usage;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan, as `ally plan make --json` or the API gives it.
    file: PathBuf,
    /// The form.
    #[arg(long, value_enum)]
    format: Format,
    /// Only this session: `w1d1`.
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// When sessions of a calendar start, HH:MM local time; 18:00 unless told.
    #[arg(long, value_parser = hour_minute)]
    start: Option<Time>,
    /// The answers that it was made for: a calendar keeps off their fixed schedules.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Write it to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A calendar (iCalendar).
    Ics,
    /// A table (CSV).
    Csv,
    /// A workout for a watch (FIT): one session.
    Fit,
    /// Every session as a FIT workout in an archive.
    Zip,
    /// Markdown, for people.
    Md,
}

/// What the API answers; a plan alone says less.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    plan: Plan,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (plan, created_at) = plan_of(args)?;
    let catalogue = Catalogue::embedded()?;
    let schedules = match &args.profile {
        Some(path) => read_profile(path)?.fixed_schedules,
        None => Vec::new(),
    };
    let start = args.start.unwrap_or(DEFAULT_START);
    let export = Export { plan: &plan, created_at, earlier: &[], schedules: &schedules, start, catalogue: &catalogue };
    let bytes = written(&export, args)?;
    match &args.out {
        Some(path) => {
            std::fs::write(path, bytes).with_context(|| format!("{} could not be written", path.display()))?
        }
        // A reader that has gone away (`| head`) is no fault.
        None => drop(std::io::stdout().lock().write_all(&bytes)),
    }
    Ok(ExitCode::SUCCESS)
}

fn plan_of(args: &Args) -> anyhow::Result<(Plan, OffsetDateTime)> {
    let body: serde_json::Value = read(&args.file)?;
    let unfit = |error: serde_json::Error| Usage(format!("{} is no plan: {error}", args.file.display()));
    if body.get("createdAt").is_some() {
        let answered: Answered = serde_json::from_value(body).map_err(unfit)?;
        return Ok((answered.plan, answered.created_at));
    }
    Ok((serde_json::from_value(body).map_err(unfit)?, SystemClock.now()))
}

fn written(export: &Export<'_>, args: &Args) -> anyhow::Result<Vec<u8>> {
    let form = match args.format {
        Format::Ics => Form::Calendar,
        Format::Csv => Form::Table,
        Format::Fit => Form::Fit,
        Format::Zip => Form::Archive,
        Format::Md => Form::Markdown,
    };
    let sessions: Vec<_> = export.plan.weeks.iter().flat_map(|week| &week.sessions).collect();
    let ids = || sessions.iter().map(|session| session.id.as_str()).collect::<Vec<_>>().join(", ");
    let Some(id) = &args.session else {
        if form == Form::Fit {
            let what = "a FIT file holds one session: name it with --session, or take --format zip for all of them";
            return Err(Usage(format!("{what}; there are {}", ids())).into());
        }
        return Ok(export.plan(form)?);
    };
    let session = sessions.iter().find(|session| session.id == *id);
    let session = session.ok_or_else(|| Usage(format!("the plan has no session {id}; there are {}", ids())))?;
    if form == Form::Archive {
        return Err(
            Usage("an archive holds every session: leave out --session, or take --format fit".to_owned()).into()
        );
    }
    Ok(export.session(session, form)?)
}

fn hour_minute(text: &str) -> Result<Time, String> {
    let format = time::macros::format_description!("[hour]:[minute]");
    Time::parse(text, format).map_err(|_| format!("{text:?} is no time of day; write HH:MM"))
}
