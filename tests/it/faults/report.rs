//! What a run prints at its end: a table for people, a line of JSON for programs.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{Table, presets};
use time::OffsetDateTime;

use super::athletes::Load;
use super::fault::{NOT_EXERCISED, Struck};
use super::verdict::Verdict;

/// A time without a completed job while the load was on.
#[derive(Clone, Copy)]
struct Stall {
    from: OffsetDateTime,
    to: OffsetDateTime,
}

pub fn print(scenario: &str, seed: u64, load: &Load, verdict: &Verdict, struck: &[Struck]) {
    let stalls = stalls(load, &verdict.completions);
    let longest = stalls.iter().map(|stall| stall.ms()).max().unwrap_or(0);
    println!("{}", table(&stalls, struck));
    let names = struck.iter().map(|fault| fault.name.as_str());
    let not_exercised: BTreeSet<_> = names.filter(|name| name.starts_with(NOT_EXERCISED)).collect();
    for name in &not_exercised {
        println!("!!! {name}: this run says nothing about it");
    }
    let line = serde_json::json!({
        "scenario": scenario,
        "seed": seed,
        "load_seconds": (load.ended - load.begun).whole_seconds(),
        "accepted": load.accepted.len(),
        "completed": verdict.completed,
        "duplicates": verdict.duplicates,
        "lost": verdict.lost.len(),
        "stranded": verdict.stranded.len(),
        "not_exercised": not_exercised,
        "kills": struck.len() - struck.iter().filter(|fault| fault.name.starts_with(NOT_EXERCISED)).count(),
        "longest_stall_ms": longest,
        "repeated_requests": load.repeated,
        "repeated_attempts": verdict.repeated_attempts,
        "dead_letters": verdict.dead_letters,
        "settled_after_ms": verdict.settled_after.as_millis() as u64,
        "rows_verified": verdict.rows,
        "differences": verdict.differences.len(),
    });
    println!("{line}");
}

/// The gaps between completions, the one up to the end of the load included.
fn stalls(load: &Load, completions: &[OffsetDateTime]) -> Vec<Stall> {
    let under_load = completions.iter().copied().filter(|at| *at < load.ended);
    let marks: Vec<_> = under_load.chain([load.ended]).collect();
    marks.windows(2).map(|pair| Stall { from: pair[0], to: pair[1] }).collect()
}

impl Stall {
    fn ms(&self) -> i128 {
        (self.to - self.from).whole_milliseconds()
    }

    /// How much of it lies between two moments.
    fn within(&self, from: OffsetDateTime, to: OffsetDateTime) -> time::Duration {
        self.to.min(to) - self.from.max(from)
    }
}

/// Each stall counts for the fault after which most of it lies.
fn table(stalls: &[Stall], struck: &[Struck]) -> Table {
    let mut longest = vec![0; struck.len()];
    for stall in stalls {
        let until = |n: usize| struck.get(n + 1).map_or(stall.to, |next| next.at);
        let cause = (0..struck.len()).max_by_key(|n| stall.within(struck[*n].at, until(*n)));
        if let Some(cause) = cause {
            longest[cause] = longest[cause].max(stall.ms());
        }
    }
    let mut rows: BTreeMap<&str, Vec<i128>> = BTreeMap::new();
    for (fault, longest) in struck.iter().zip(longest) {
        rows.entry(&fault.name).or_default().push(longest);
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header([
        "fault",
        "times",
        "median stall, ms",
        "longest stall, ms",
    ]);
    for (name, mut stalls) in rows {
        stalls.sort_unstable();
        let (median, longest) = (stalls[stalls.len() / 2], stalls[stalls.len() - 1]);
        table.add_row([name.to_owned(), stalls.len().to_string(), median.to_string(), longest.to_string()]);
    }
    table
}
