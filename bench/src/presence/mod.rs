//! `ally-bench presence`: clients by real sockets from processes of their own, and what they and the machine see.
//!
//! Each step is measured on an empty stack. Read in this order: [`settings`] (how much), [`heartbeat`], [`fan_out`], [`storm`]
//! and [`floor`] (what), [`crew`], [`order`] and [`worker`] (how), [`report`], [`table`] and [`plot`].

mod crew;
mod fan_out;
mod floor;
mod heartbeat;
mod order;
mod plot;
mod report;
mod settings;
mod storm;
mod table;
mod worker;

use std::process::ExitCode;

use crate::stack::{PresenceStack, Subject};
use crate::terminal;
use crew::Crew;
use report::{Report, Take};
use settings::{Settings, Step};

pub use settings::Args;
pub use worker::run as work;

/// The names of figures measured on another `ally`.
const BASE: &str = "base/";

pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = Settings::new(args)?;
    let mut report = Report::new(args.quick, settings.clone());
    if cfg!(debug_assertions) {
        terminal::note("this is a debug build: its figures say nothing about the product");
    }
    let mut subjects = Vec::new();
    for (prefix, program) in settings.base.iter().map(|base| (BASE, base)).chain([("", &settings.ally)]) {
        subjects.push((prefix, Subject::new(program, &settings.local, 0, &settings.set).await?));
    }
    for step in &settings.steps {
        for (prefix, subject) in &subjects {
            terminal::note(&format!("{prefix}{}: the stack starts", step.as_str()));
            let mut take = Take { report: &mut report, prefix };
            if let Err(error) = measure(*step, subject, &settings, &mut take).await {
                // What the other steps measure is worth something without it.
                terminal::error(&format!("{prefix}{}: {error:#}", step.as_str()));
                take.add_fault(format!("{}: {error:#}", step.as_str()));
            }
        }
    }
    let files = report.write(&settings.out)?;
    terminal::line(&table::markdown(&report));
    terminal::line(&files.iter().map(|file| format!("written: {}", file.display())).collect::<Vec<_>>().join("\n"));
    if report.faults.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    terminal::error(&format!("not everything was answered as it must be:\n{}", report.faults.join("\n")));
    Ok(ExitCode::FAILURE)
}

async fn measure(step: Step, subject: &Subject, settings: &Settings, take: &mut Take<'_>) -> anyhow::Result<()> {
    let set = if step == Step::Floor { floor::ENVIRONMENT } else { &[] };
    let set: Vec<_> = set.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let stack = PresenceStack::start(subject, &set).await?;
    if take.prefix.is_empty() {
        take.report.versions = stack.versions().await?;
    }
    let mut bench = Bench { crew: Crew::start(&stack, settings.generators, settings.over).await?, stack, settings };
    match step {
        Step::Heartbeat => heartbeat::measure(&mut bench, take).await,
        Step::Ramp => heartbeat::ramp(&mut bench, take).await,
        Step::FanOut => fan_out::measure(&mut bench, take).await,
        Step::Storm => storm::measure(&mut bench, take).await,
        Step::Floor => floor::measure(&mut bench, take).await,
    }?;
    let Bench { crew, stack, .. } = bench;
    // The clients go first, so that the drain has nobody to wait for.
    drop(crew);
    stack.stop().await
}

/// What a step works with.
struct Bench<'a> {
    stack: PresenceStack,
    crew: Crew,
    settings: &'a Settings,
}

impl Bench<'_> {
    /// Gives all generators the same order.
    async fn all(&mut self, order: order::Order) -> anyhow::Result<crew::Took> {
        self.crew.all(&self.stack, &order).await
    }

    /// Gives each generator its share of connections.
    async fn shared(&mut self, connections: u64, order: impl Fn(u64) -> order::Order) -> anyhow::Result<crew::Took> {
        let shares: Vec<u64> = (0..self.crew.len()).map(|number| self.crew.share(connections, number)).collect();
        self.crew.each(&self.stack, |number| shares.get(number as usize).map(|share| order(*share))).await
    }

    /// Opens connections, spread over rooms, at a rate of all together; 0 is all at once.
    async fn open(&mut self, prefix: &str, connections: u64, rooms: u64, rate: f64) -> anyhow::Result<crew::Took> {
        let per_second = rate / self.crew.len() as f64;
        let order = |connections| order::Order::Open { prefix: prefix.to_owned(), connections, rooms, per_second };
        self.shared(connections, order).await
    }
}
