//! `ally plan adapt`: the next version of a plan from a log of workouts, without a server.

use std::path::PathBuf;
use std::process::ExitCode;

use ally_domain::engine::adapt::{AdaptInput, Adaptation, Change, Decision, adapt, diff};
use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::workout::TrainingLog;
use ally_domain::ports::Clock;
use time::Date;

use super::{date, read, read_profile};
use crate::app::SystemClock;
use crate::cli::terminal::{self, line};

#[derive(Debug, clap::Args)]
pub struct Adapt {
    /// The plan, as `ally plan make --json` gives it.
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    /// The answers that it was made for.
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// What was done and what hurt: {"workouts": […], "reports": […]}, each as the API takes it, without the plan's id.
    #[arg(long, value_name = "FILE")]
    workouts: PathBuf,
    /// The day it is, YYYY-MM-DD: sessions before it never change. Today unless told.
    #[arg(long, value_parser = date)]
    on: Option<Date>,
    /// Print the next version as JSON instead of what changed.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Adapt) -> anyhow::Result<ExitCode> {
    let (plan, told): (Plan, TrainingLog) = (read(&args.plan)?, read(&args.workouts)?);
    let profile = read_profile(&args.profile)?;
    // Folded like the log's own entries: the newest workout of a session counts, and all stand in order.
    let mut log = TrainingLog::default();
    told.workouts.into_iter().for_each(|workout| log.log(workout));
    told.reports.into_iter().for_each(|report| log.report(report));
    let on = args.on.unwrap_or_else(|| SystemClock.now().date());
    match adapt(&AdaptInput::new(&plan, &profile, &log, on), &Catalogue::embedded()?)? {
        Adaptation::Same(_) if args.json => line(&serde_json::to_string_pretty(&plan)?),
        Adaptation::Next(next) if args.json => line(&serde_json::to_string_pretty(&next)?),
        Adaptation::Same(decisions) => {
            show_decisions(&decisions);
            line(&format!("Version {} stays: nothing has to change.", plan.version));
        }
        Adaptation::Next(next) => {
            show_decisions(next.adapted.as_ref().map_or(&[], |adapted| &adapted.decisions));
            show_changes(&diff(&plan, &next));
            line(&format!("Version {} follows version {}.", next.version, plan.version));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show_decisions(decisions: &[Decision]) {
    let mut table = terminal::table(["decision", "rule", "about", "because"]);
    for decision in decisions {
        let because = decision.facts.join("; ");
        table.add_row([decision.action.as_str(), decision.rule.code(), &decision.about, &because]);
    }
    if !decisions.is_empty() {
        line(&table.to_string());
    }
}

fn show_changes(changes: &[Change]) {
    let mut table = terminal::table(["session", "change", "exercise", "from", "to"]);
    for change in changes {
        let week = format!("week {}", change.week);
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        let session = change.session_id.clone().unwrap_or(week);
        let kind = change.kind.as_str().to_owned();
        table.add_row([session, kind, part(&change.exercise), part(&change.from), part(&change.to)]);
    }
    line(&table.to_string());
}
