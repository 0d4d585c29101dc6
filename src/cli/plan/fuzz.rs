//! `ally plan fuzz`: random athletes over the whole space of answers, planned for and judged.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use ally_domain::engine::Catalogue;
use ally_domain::engine::fuzz::{FuzzReport, fuzz, fuzz_lives};
use ally_domain::engine::rule::Rule;
use serde_json::json;

use crate::cli::progress::Bar;
use crate::cli::terminal::{self, line};

/// Athletes that one thread takes at a time.
const SLICE: u64 = 200;

#[derive(Debug, clap::Args)]
pub struct Fuzz {
    /// How many athletes.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// Which athletes: the same seed gives the same ones.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Live with every plan for some weeks (train, miss, hurt), adapt it, and judge every version.
    #[arg(long)]
    adapt: bool,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Fuzz) -> anyhow::Result<ExitCode> {
    let catalogue = Catalogue::embedded()?;
    let bar = Bar::new("planning", args.count);
    let (next, done, begun) = (AtomicU64::new(0), AtomicU64::new(0), Instant::now());
    let work = || {
        let mut report = FuzzReport::default();
        while let Some(cases) = slice(&next, args.count) {
            let planned = cases.end - cases.start;
            let look = if args.adapt { fuzz_lives } else { fuzz };
            report.merge(look(cases, args.seed, &catalogue));
            bar.set(done.fetch_add(planned, Ordering::Relaxed) + planned, args.count);
        }
        report
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let report = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_fold(FuzzReport::default(), |mut all, worker| {
            all.merge(worker.join().map_err(|_| anyhow::anyhow!("the engine broke down on an athlete"))?);
            anyhow::Ok(all)
        })
    })?;
    bar.clear();
    let rate = report.count as f64 / begun.elapsed().as_secs_f64();
    if args.json {
        line(&as_json(&report, args.seed, rate).to_string());
    } else {
        show(&report, args.seed, rate);
    }
    Ok(if report.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn slice(next: &AtomicU64, count: u64) -> Option<Range<u64>> {
    let start = next.fetch_add(SLICE, Ordering::Relaxed);
    (start < count).then(|| start..count.min(start + SLICE))
}

fn show(report: &FuzzReport, seed: u64, rate: f64) {
    let mut outcomes = terminal::table(["outcome", "athletes", "share"]);
    let infeasible: u64 = report.infeasible.values().sum();
    for (outcome, athletes) in [
        ("a plan", report.feasible),
        ("a professional's yes first", report.clearance),
        ("no plan, and what would help", infeasible),
        ("no plan, and nothing that would help", report.unexplained),
    ] {
        outcomes.add_row([outcome.to_owned(), athletes.to_string(), percent(athletes, report.count)]);
    }
    line(&outcomes.to_string());
    let mut rules = terminal::table(["rule", "", "asks", "broken or short", "share of plans", "first case"]);
    for rule in Rule::ALL {
        let (kind, found) = if rule.is_hard() { ("hard", &report.hard) } else { ("soft", &report.soft) };
        if *rule == Rule::R28 && report.versions == 0 {
            // It compares two versions of a plan; here each plan has one.
            rules.add_row([rule.code(), kind, rule.asks(), "not asked here", "", ""]);
            continue;
        }
        let found = found.get(rule).copied().unwrap_or(0);
        let first = report.first_broken.get(rule).map(ToString::to_string).unwrap_or_default();
        let share = percent(found, report.feasible);
        rules.add_row([rule.code(), kind, rule.asks(), &found.to_string(), &share, &first]);
    }
    line(&rules.to_string());
    if report.versions > 0 {
        show_lives(report);
    }
    line(&format!("{} athletes of seed {seed}, {rate:.0} a second", report.count));
}

fn show_lives(report: &FuzzReport) {
    let mut lives = terminal::table(["what became of a request to adapt", "times"]);
    let stuck = report.stuck.values().sum();
    for (outcome, times) in [
        ("a next version", report.versions),
        ("nothing to change", report.unchanged),
        ("a professional's yes first", report.stopped),
        ("no version within the rules", stuck),
    ] {
        lives.add_row([outcome.to_owned(), u64::to_string(&times)]);
    }
    for (action, times) in &report.decisions {
        lives.add_row([format!("  decided: {}", action.as_str().replace('_', " ")), times.to_string()]);
    }
    line(&lives.to_string());
}

fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.2} %", part as f64 * 100.0 / whole as f64) }
}

fn as_json(report: &FuzzReport, seed: u64, rate: f64) -> serde_json::Value {
    let by_code = |found: &BTreeMap<Rule, u64>| -> BTreeMap<&str, u64> {
        found.iter().map(|(rule, count)| (rule.code(), *count)).collect()
    };
    json!({
        "seed": seed,
        "count": report.count,
        "feasible": report.feasible,
        "clearanceRequired": report.clearance,
        "infeasibleWithSuggestion": by_code(&report.infeasible),
        "infeasibleUnexplained": report.unexplained,
        "hardViolations": by_code(&report.hard),
        "firstBrokenCase": by_code(&report.first_broken),
        "softShortfalls": by_code(&report.soft),
        "versions": report.versions,
        "unchanged": report.unchanged,
        "stopped": report.stopped,
        "stuck": by_code(&report.stuck),
        "plansPerSecond": rate.round(),
    })
}
