//! How much is measured: what the caller says, else what fits into some minutes, else with `--quick` into one.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::beside;

/// The most jobs a second that are polled: questions are work for the measured machine.
const MOST_POLLED: f64 = 200.0;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// One small round of everything, to see that it works. Its figures are none.
    #[arg(long)]
    pub quick: bool,
    /// How often everything is measured; 5.
    #[arg(long)]
    runs: Option<usize>,
    /// Jobs of the closed loop, several with commas; 1000,10000.
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1..))]
    backlog: Option<Vec<u64>>,
    /// Jobs a second of the open loop, several with commas; 200,1000.
    #[arg(long, value_delimiter = ',')]
    rates: Option<Vec<f64>>,
    /// How long each rate lasts, in seconds; 10.
    #[arg(long)]
    seconds: Option<f64>,
    /// Jobs that are done before a window of jobs is measured, several with commas, rising; none.
    #[arg(long, value_delimiter = ',')]
    finished: Option<Vec<u64>>,
    /// Requests for a constant; 20000.
    #[arg(long)]
    requests: Option<u64>,
    /// How long raw batches are appended, in seconds; 2.
    #[arg(long)]
    raw_seconds: Option<f64>,
    /// How many athletes the jobs belong to; 64.
    #[arg(long)]
    athletes: Option<usize>,
    /// Callers of the closed loop; 64.
    #[arg(long)]
    callers: Option<usize>,
    /// How long one measurement may take, in seconds; 600.
    #[arg(long)]
    deadline_seconds: Option<u64>,
    /// A variable for the measured program, for example PLANNER_MAX_IN_FLIGHT=16. May be given again.
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    set: Vec<(String, String)>,
    /// The product; `ally` beside this program.
    #[arg(long, value_name = "FILE")]
    ally: Option<PathBuf>,
    /// The product with ready plans; `ally-ready-plans` beside this program.
    #[arg(long, value_name = "FILE")]
    ready: Option<PathBuf>,
    /// The folder for servers and their data while it runs.
    #[arg(long, value_name = "FOLDER", default_value = ".local/bench")]
    local: PathBuf,
    /// The folder for `results.json` and `results.svg`; docs/bench, and with --quick the folder of --local.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// `NAME=VALUE`.
pub fn variable(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| "write NAME=VALUE".to_owned())
}

/// What a report says about how it was measured. Paths are the caller's own and not in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub runs: usize,
    pub backlog: Vec<u64>,
    pub rates: Vec<f64>,
    pub seconds: f64,
    pub finished: Vec<u64>,
    pub requests: u64,
    pub raw_seconds: f64,
    pub athletes: usize,
    pub callers: usize,
    pub deadline_seconds: u64,
    pub set: Vec<(String, String)>,
    #[serde(skip)]
    pub ally: PathBuf,
    #[serde(skip)]
    pub ready: PathBuf,
    #[serde(skip)]
    pub local: PathBuf,
    #[serde(skip)]
    pub out: PathBuf,
}

impl Settings {
    /// What the arguments say, and the rest.
    pub fn new(args: &Args) -> anyhow::Result<Self> {
        let quick = args.quick;
        let settings = Self {
            runs: args.runs.unwrap_or(if quick { 1 } else { 5 }),
            backlog: args.backlog.clone().unwrap_or(if quick { vec![200] } else { vec![1_000, 10_000] }),
            rates: args.rates.clone().unwrap_or(if quick { vec![50.0] } else { vec![200.0, 1_000.0] }),
            seconds: args.seconds.unwrap_or(if quick { 2.0 } else { 10.0 }),
            finished: args.finished.clone().unwrap_or_default(),
            requests: args.requests.unwrap_or(if quick { 2_000 } else { 20_000 }),
            raw_seconds: args.raw_seconds.unwrap_or(if quick { 0.5 } else { 2.0 }),
            athletes: args.athletes.unwrap_or(if quick { 8 } else { 64 }),
            callers: args.callers.unwrap_or(64),
            deadline_seconds: args.deadline_seconds.unwrap_or(600),
            set: args.set.clone(),
            ally: beside(args.ally.as_ref(), "ally")?,
            ready: beside(args.ready.as_ref(), "ally-ready-plans")?,
            local: args.local.clone(),
            out: args.out.clone().unwrap_or_else(|| if quick { args.local.clone() } else { "docs/bench".into() }),
        };
        anyhow::ensure!(settings.runs > 0, "--runs is 0; use at least 1, and 5 for figures to keep");
        anyhow::ensure!(settings.athletes > 0 && settings.callers > 0, "--athletes and --callers are at least 1");
        anyhow::ensure!(!settings.backlog.is_empty(), "--backlog names no number of jobs");
        anyhow::ensure!(settings.finished.is_sorted(), "--finished must rise: the log only grows");
        Ok(settings)
    }

    /// How many jobs go by for one that is polled at this rate.
    pub fn poll_one_in(&self, rate: f64) -> u64 {
        (rate / MOST_POLLED).ceil().max(1.0) as u64
    }
}
