//! `ally-bench compare`: two builds in one run, in turn. Ratios are taken within each round, so that what the machine
//! does beside it, which may double a figure between two hours, meets both.

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use crate::figures::Figures;
use crate::run::{WARM_UP_JOBS, beside, shown, take_closed, take_open, variable};
use crate::stack::{Open, Stack, Subject, Versions};
use crate::{machine, terminal};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The `ally` to compare with, for example one built from the last release.
    #[arg(long, value_name = "FILE")]
    base: PathBuf,
    /// The other one; `ally` beside this program.
    #[arg(long, value_name = "FILE")]
    with: Option<PathBuf>,
    /// How many rounds; each measures both, the one that begins changing.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Jobs of the closed loop.
    #[arg(long, default_value_t = 2_000)]
    jobs: u64,
    /// Jobs a second of the open loop.
    #[arg(long, default_value_t = 200.0)]
    rate: f64,
    /// How long that lasts, in seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// How many athletes the jobs belong to.
    #[arg(long, default_value_t = 64)]
    athletes: usize,
    /// Callers of the closed loop.
    #[arg(long, default_value_t = 64)]
    callers: usize,
    /// How long one measurement may take, in seconds.
    #[arg(long, default_value_t = 600)]
    deadline_seconds: u64,
    /// A variable for both, for example PLANNER_MAX_IN_FLIGHT=16. May be given again.
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    set: Vec<(String, String)>,
    /// The folder for servers and their data while it runs.
    #[arg(long, value_name = "FOLDER", default_value = ".local/bench")]
    local: PathBuf,
}

/// What the last line says, as JSON.
#[derive(Debug, Serialize)]
struct Outcome {
    at: String,
    machine: machine::Machine,
    versions: Versions,
    exact: bool,
    base: Figures,
    with: Figures,
    /// Of the second to the first, within each round.
    ratios: Figures,
}

pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let with = beside(args.with.as_ref(), "ally")?;
    let mut subjects = Vec::new();
    for (side, program) in [("base", &args.base), ("with", &with)] {
        let local = args.local.join(side);
        subjects.push(Subject::new(program, &local, args.athletes, &args.set).await?);
    }
    let mut sides = [Figures::default(), Figures::default()];
    let (mut ratios, mut exact, mut versions) = (Figures::default(), true, Versions::default());
    for round in 1..=args.runs {
        let mut of_round = [Figures::default(), Figures::default()];
        let order = if round % 2 == 1 { [0, 1] } else { [1, 0] };
        for side in order {
            let (Some(subject), Some(figures)) = (subjects.get(side), of_round.get_mut(side)) else { continue };
            terminal::note(&format!("round {round} of {}: {}", args.runs, subject.program.display()));
            exact &= measure(subject, args, figures, &mut versions).await?;
        }
        add_round(&of_round, &mut sides, &mut ratios);
    }
    let [base, with] = sides;
    let outcome =
        Outcome { at: machine::now(), machine: machine::Machine::read(), versions, exact, base, with, ratios };
    terminal::line(&table(&outcome));
    terminal::line(&serde_json::to_string(&outcome)?);
    if exact {
        return Ok(ExitCode::SUCCESS);
    }
    terminal::error("jobs were lost, doubled or failed; the figures compare nothing");
    Ok(ExitCode::FAILURE)
}

async fn measure(
    subject: &Subject,
    args: &Args,
    figures: &mut Figures,
    versions: &mut Versions,
) -> anyhow::Result<bool> {
    let stack = Stack::start(subject).await?;
    *versions = stack.versions().await?;
    stack.generator().warm_up(WARM_UP_JOBS.min(args.jobs)).await?;
    let before = stack.stored().await?;
    let closed = stack.generator().closed(args.jobs, args.callers, args.deadline_seconds).await?;
    let after = stack.stored().await?;
    take_closed(figures, "closed", &closed, &before, &after);
    let open = Open { rate: args.rate, seconds: args.seconds, poll_one_in: 1 };
    let open = stack.generator().open(open, args.deadline_seconds).await?;
    take_open(figures, "open", &open);
    stack.stop().await?;
    Ok(closed.exact && open.exact)
}

/// Adds a round of both sides, and what one is to the other in it.
fn add_round(of_round: &[Figures; 2], sides: &mut [Figures; 2], ratios: &mut Figures) {
    for (figures, side) in of_round.iter().zip(sides) {
        for (name, figure) in figures.iter() {
            side.add(name, &figure.unit, figure.median);
        }
    }
    let [base, with] = of_round;
    for (name, figure) in base.iter().filter(|(_, figure)| figure.median > 0.0) {
        if let Some(other) = with.get(name) {
            ratios.add(name, "with/base", other.median / figure.median);
        }
    }
}

/// What is compared, in the order in which it is read, and whether more is better.
const SHOWN: [(&str, &str, bool); 9] = [
    ("closed/jobs_per_second", "jobs/s", true),
    ("closed/cpu_ms/all", "CPU ms a job", false),
    ("closed/stream_bytes", "stream bytes a job", false),
    ("closed/database_bytes", "database bytes a job", false),
    ("closed/wal_bytes", "WAL bytes a job", false),
    ("open/accept_ms/p50", "accept p50 ms", false),
    ("open/accept_ms/p99", "accept p99 ms", false),
    ("open/completed_ms/p50", "POST to completed p50 ms", false),
    ("open/completed_ms/p99", "POST to completed p99 ms", false),
];

fn table(outcome: &Outcome) -> String {
    let mut table = terminal::table(["", "base", "with", "with / base", "better is"]);
    for (name, label, more) in SHOWN {
        let [base, with, ratio] = [&outcome.base, &outcome.with, &outcome.ratios].map(|of| shown(of.get(name)));
        table.add_row([label.to_owned(), base, with, ratio, if more { "more" } else { "less" }.to_owned()]);
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_taken_within_a_round() {
        let round = |base: f64, with: f64| {
            [base, with].map(|value| {
                let mut figures = Figures::default();
                figures.add("closed/jobs_per_second", "jobs/s", value);
                figures.add("closed/database_bytes", "bytes/job", 0.0);
                figures
            })
        };
        let (mut sides, mut ratios) = ([Figures::default(), Figures::default()], Figures::default());
        // The machine is half as fast in the second round.
        for figures in [round(1_000.0, 2_000.0), round(500.0, 1_000.0)] {
            add_round(&figures, &mut sides, &mut ratios);
        }
        let ratio = ratios.get("closed/jobs_per_second").unwrap();
        assert_eq!((ratio.min, ratio.median, ratio.max), (2.0, 2.0, 2.0));
        assert_eq!(sides[0].median("closed/jobs_per_second"), 750.0);
        assert_eq!(ratios.get("closed/database_bytes"), None, "nothing is a ratio of 0");
    }
}
