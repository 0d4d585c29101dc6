//! `ally plan`: plans without a server.

mod adapt;
mod export;
mod fuzz;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ally_domain::engine::answers::Answers;
use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::plan::{Plan, Provenance};
use ally_domain::engine::profile::{self, Profile, Unfit};
use ally_domain::engine::request::{DEFAULT_WEEKS, PlanRequest, WEEKS};
use ally_domain::engine::screening::Question;
use ally_domain::engine::{Finding, validate};
use ally_domain::ports::{Clock, PlanOrder};
use ally_domain::{dates, json};
use anyhow::Context;
use clap::Subcommand;
use serde::de::DeserializeOwned;
use time::Date;

use super::dates::set_dates;
use super::terminal::{self, line};
use super::{Usage, outline};
use crate::app::{SystemClock, provider};
use crate::config::{Config, Provider};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a plan for a set of onboarding answers.
    Make(Make),
    /// Judge a plan against every rule.
    Check(Check),
    /// Make the next version of a plan from a log of workouts, and show what changed.
    Adapt(adapt::Adapt),
    /// Write a plan as a calendar, a table, workouts for a watch, or Markdown.
    Export(export::Args),
    /// Plan for random athletes over the whole space of answers, and judge every plan.
    Fuzz(fuzz::Fuzz),
}

#[derive(Debug, clap::Args)]
pub struct Make {
    /// The answers: a body of `POST /api/v1/onboarding`.
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    #[command(flatten)]
    request: Request,
    /// Who makes it; PLAN_PROVIDER unless told.
    #[arg(long, value_enum)]
    provider: Option<Provider>,
    /// Print the plan as JSON instead of its first week.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Check {
    /// The plan, as `ally plan make --json` or the API gives it.
    file: PathBuf,
    /// The answers that it was made for.
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    #[command(flatten)]
    request: Request,
}

#[derive(Debug, clap::Args)]
struct Request {
    /// The Monday of the first week, YYYY-MM-DD; the next one unless told.
    #[arg(long, value_parser = date)]
    start: Option<Date>,
    /// How many weeks.
    #[arg(long, default_value_t = DEFAULT_WEEKS, value_parser = clap::value_parser!(u8).range(i64::from(*WEEKS.start())..=i64::from(*WEEKS.end())))]
    weeks: u8,
    /// The same seed gives the same plan.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

pub fn run(config: &Config, command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Make(args) => make(config, args),
        Command::Check(args) => check(args),
        Command::Adapt(args) => adapt::run(args),
        Command::Export(args) => export::run(args),
        Command::Fuzz(args) => fuzz::run(args),
    }
}

fn make(config: &Config, args: &Make) -> anyhow::Result<ExitCode> {
    let order = PlanOrder {
        plan_id: "local".parse()?,
        athlete: "local".parse()?,
        profile_revision: 1,
        profile: read_profile(&args.profile)?,
        request: args.request.with_defaults(),
    };
    let which = args.provider.unwrap_or(config.plans.provider);
    let provider = provider(config, which).map_err(|error| Usage(format!("{error:#}")))?;
    let runtime = tokio::runtime::Runtime::new().context("the runtime could not start")?;
    let plan = runtime.block_on(provider.make(&order))?;
    if args.json {
        line(&serde_json::to_string_pretty(&plan)?);
    } else {
        line(outline::render(&plan, 1, &Catalogue::embedded()?, terminal::text_width()).trim_end());
        line(&origin(&plan.provenance));
        let open = order.profile.screening.open();
        if !open.is_empty() {
            line(&not_asked(&open));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The questions about health that the answers leave open.
fn not_asked(open: &[Question]) -> String {
    let questions = open.iter().map(|question| format!("\n  {}: {}", question.as_str(), question.asks()));
    format!(
        "The profile leaves questions about health open, and nothing is concluded from that; `screening` takes yes or no:{}",
        questions.collect::<String>()
    )
}

/// Who made the plan, in a sentence.
fn origin(from: &Provenance) -> String {
    match (&from.fallback, &from.model) {
        (Some(fallback), _) => {
            format!("Made by {}, because {} made none: {}.", from.provider, fallback.from, fallback.reason)
        }
        (None, Some(model)) => {
            format!("Drafted by {model}, with {} repairs, and judged by the engine.", from.repairs.unwrap_or(0))
        }
        (None, None) => format!("Made by {}.", from.provider),
    }
}

fn check(args: &Check) -> anyhow::Result<ExitCode> {
    let plan: Plan = read(&args.file)?;
    let profile = read_profile(&args.profile)?;
    let findings = validate(&plan, &profile, &args.request.with_defaults(), &Catalogue::embedded()?);
    show(&findings);
    let hard = findings.iter().filter(|finding| finding.hard).count();
    line(&format!("{hard} hard, {} soft", findings.len() - hard));
    Ok(if hard == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(findings: &[Finding]) {
    let mut table = terminal::table(["rule", "", "where", "has", "should have"]);
    for finding in findings {
        let kind = if finding.hard { "hard" } else { "soft" };
        table.add_row([finding.rule.code(), kind, &finding.place, &finding.got, &finding.want]);
    }
    if !findings.is_empty() {
        line(&table.to_string());
    }
}

impl Request {
    fn with_defaults(&self) -> PlanRequest {
        let today = SystemClock.now().date();
        let start = self.start.map_or_else(|| PlanRequest::monday_after(today), PlanRequest::monday_on_or_after);
        PlanRequest { start, weeks: self.weeks, seed: self.seed }
    }
}

fn date(text: &str) -> Result<Date, String> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let date = Date::parse(text, format).ok().filter(|date| dates::is_date(*date));
    let (first, last) = (dates::DATES.start(), dates::DATES.end());
    date.ok_or_else(|| format!("{text:?} is no date from {first} to {last}; write YYYY-MM-DD"))
}

pub(super) fn read_profile(path: &Path) -> anyhow::Result<Profile> {
    let today = SystemClock.now().date();
    let mut body: serde_json::Value = read(path)?;
    set_dates(&mut body, today)?;
    let answers: Answers = serde_json::from_value(body).map_err(|error| unfit(path, &error))?;
    profile::check(&answers, today).map_err(|unfit| {
        let (Unfit::Invalid(errors) | Unfit::Contradictory(errors)) = &unfit;
        let lines = errors.iter().map(|error| format!("\n  {}: {}; {}", error.field, error.problem, error.expected));
        Usage(format!("{} makes no profile:{}", path.display(), lines.collect::<String>()))
    })?;
    let missing = || answers.missing().into_iter().map(|step| step.as_str()).collect::<Vec<_>>().join(", ");
    let profile = Profile::from_answers(&answers);
    profile.ok_or_else(|| Usage(format!("{} leaves steps open: {}", path.display(), missing())).into())
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text =
        std::fs::read_to_string(path).map_err(|error| Usage(format!("{} cannot be read: {error}", path.display())))?;
    json::read_as(text.as_bytes()).map_err(|error| unfit(path, &error))
}

fn unfit(path: &Path, error: &dyn std::fmt::Display) -> anyhow::Error {
    Usage(format!("{} does not fit: {error}", path.display())).into()
}
