//! What a run prints at its end: a table for people, a line of JSON for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use comfy_table::{Table, presets};

use super::member::{Cause, Lateness, Times};

/// What is counted.
pub struct Tally {
    pub seed: u64,
    pub rounds: usize,
    pub faults: BTreeMap<&'static str, usize>,
    pub departures: BTreeMap<String, usize>,
    /// The largest lateness of departures by cause; those behind an outage of the log and the leases apart.
    pub latest: BTreeMap<(bool, Cause), (usize, Duration)>,
    /// How long it took until everybody knew the same, from the end of the operations on.
    pub longest_quiet: Duration,
    pub frames: usize,
    pub events: usize,
}

impl Tally {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            rounds: 0,
            faults: BTreeMap::new(),
            departures: BTreeMap::new(),
            latest: BTreeMap::new(),
            longest_quiet: Duration::ZERO,
            frames: 0,
            events: 0,
        }
    }

    pub fn departed(&mut self, reason: String, lateness: Option<Lateness>) {
        *self.departures.entry(reason).or_default() += 1;
        if let Some(Lateness { cause, late, behind_outage }) = lateness {
            let (count, latest) = self.latest.entry((behind_outage, cause)).or_default();
            *count += 1;
            *latest = late.max(*latest);
        }
    }

    /// The largest lateness without an outage of the log and the leases.
    pub fn largest_lateness(&self, behind_outage: bool) -> Duration {
        let latest = self.latest.iter().filter(|((behind, _), _)| *behind == behind_outage);
        latest.map(|(_, (_, late))| *late).max().unwrap_or_default()
    }

    pub fn print(
        &self,
        scenario: &str,
        test: &str,
        operations: &BTreeMap<String, usize>,
        times: &Times,
        stall: Duration,
    ) {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED).set_header([
            "what",
            "times",
            "latest departure, ms",
            "bound, ms",
        ]);
        for (name, count) in operations {
            table.add_row([name.clone(), count.to_string()]);
        }
        for (name, count) in &self.faults {
            table.add_row([format!("fault: {name}"), count.to_string()]);
        }
        for (reason, count) in &self.departures {
            table.add_row([format!("departure: {reason}"), count.to_string()]);
        }
        for ((behind_outage, cause), (count, late)) in &self.latest {
            let (bound, more) = match behind_outage {
                true => (times.bound_behind_outage(), ", behind an outage of the servers"),
                false => (times.bound(), ""),
            };
            let name = format!("cause: {cause:?}{more}");
            table.add_row([name, count.to_string(), late.as_millis().to_string(), bound.as_millis().to_string()]);
        }
        println!("{table}");
        let line = serde_json::json!({
            "scenario": scenario,
            "seed": self.seed,
            "rounds": self.rounds,
            "operations": operations.values().sum::<usize>(),
            "faults": self.faults.values().sum::<usize>(),
            "departures": self.departures,
            "events": self.events,
            "frames": self.frames,
            "largest_lateness_ms": self.largest_lateness(false).as_millis() as u64,
            "bound_ms": times.bound().as_millis() as u64,
            "largest_lateness_behind_outages_ms": self.largest_lateness(true).as_millis() as u64,
            "longest_quiet_ms": self.longest_quiet.as_millis() as u64,
            "longest_stall_of_the_test_ms": stall.as_millis() as u64,
        });
        println!("{line}");
        println!("again: ALLY_FAULTS_SEED={} make test-faults (or its test {test} alone)", self.seed);
    }
}
