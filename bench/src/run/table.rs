//! The figures as tables for a terminal: the median, and in brackets the least and the most.

use super::report::Report;
use super::{Kind, plot};
use crate::figures::{Figure, Figures};
use crate::terminal;

/// Everything that was measured, in a few tables.
pub fn render(report: &Report) -> String {
    let figures = &report.figures;
    let mut parts = vec![heading(report), throughput(report), costs(report), latencies(report), limits(figures)];
    if report.quick {
        parts.push("one small round: these figures only show that everything runs".to_owned());
    }
    parts.join("\n")
}

fn heading(report: &Report) -> String {
    let Report { at, commit, profile, rustc, versions, machine, .. } = report;
    format!(
        "{at}, commit {commit}, {profile} build, {rustc}; nats-server {}, PostgreSQL {}\n{}, {} cores, {} GiB, Linux {}",
        versions.nats_server,
        versions.postgres,
        machine.cpu,
        machine.cores,
        machine.memory_bytes >> 30,
        machine.kernel
    )
}

fn throughput(report: &Report) -> String {
    let mut table = terminal::table(["closed loop", "jobs/s", "accepted/s", "accept p50 ms", "accept p99 ms"]);
    for (label, name) in plot::closed_loops(report) {
        let cell = |figure: &str| shown(report.figures.get(&format!("{name}/{figure}")));
        let cells = ["jobs_per_second", "accepted_per_second", "accept_ms/p50", "accept_ms/p99"].map(cell);
        table.add_row([vec![label], cells.to_vec()].concat());
    }
    table.to_string()
}

fn costs(report: &Report) -> String {
    let columns = ["a job costs", "CPU ms: all", "ally", "nats", "postgres", "generator"];
    let stored = ["stream B", "database B", "WAL B", "PSS MB"];
    let mut table = terminal::table([columns.as_slice(), &stored].concat().try_into().unwrap_or([""; 10]));
    for (label, name) in plot::closed_loops(report) {
        let median = |figure: &str| report.figures.median(&format!("{name}/{figure}"));
        let cpu =
            ["all", "ally", "nats-server", "postgres", "generator"].map(|of| number(median(&format!("cpu_ms/{of}"))));
        let bytes = ["stream_bytes", "database_bytes", "wal_bytes"].map(|of| format!("{:.0}", median(of)));
        let memory: f64 =
            ["ally", "nats-server", "postgres"].map(|of| median(&format!("memory_bytes/{of}"))).iter().sum();
        let memory = vec![format!("{:.0}", memory / 1e6)];
        table.add_row([vec![label], cpu.to_vec(), bytes.to_vec(), memory].concat());
    }
    table.to_string()
}

fn latencies(report: &Report) -> String {
    let columns = ["open loop", "accept p50 ms", "accept p99 ms", "POST to completed p50 ms", "p99 ms", "CPU ms a job"];
    let mut table = terminal::table(columns);
    for kind in Kind::ALL {
        for rate in &report.settings.rates {
            let name = format!("{}/rate/{rate}", kind.as_str());
            let cell = |figure: &str| shown(report.figures.get(&format!("{name}/{figure}")));
            let cells =
                ["accept_ms/p50", "accept_ms/p99", "completed_ms/p50", "completed_ms/p99", "cpu_ms/all"].map(cell);
            table.add_row([vec![format!("{}, {rate}/s", kind.as_str())], cells.to_vec()].concat());
        }
    }
    table.to_string()
}

/// What stands around the product and cannot be beaten by it.
fn limits(figures: &Figures) -> String {
    let mut table = terminal::table(["what is given", "a second"]);
    for (label, name) in [
        ("constants over the product's HTTP server", "constant/requests_per_second"),
        ("messages into JetStream, batches of 200", "raw/batches_of_200/messages_per_second"),
    ] {
        table.add_row([label.to_owned(), shown(figures.get(name))]);
    }
    table.to_string()
}

/// `median (least–most)`.
pub fn shown(figure: Option<&Figure>) -> String {
    match figure {
        Some(figure) if figure.runs.len() == 1 => number(figure.median),
        Some(figure) => format!("{} ({}–{})", number(figure.median), number(figure.min), number(figure.max)),
        None => "not measured".to_owned(),
    }
}

/// Three digits are enough to tell two runs apart.
pub fn number(value: f64) -> String {
    match value.abs() {
        less if less < 10.0 => format!("{value:.2}"),
        less if less < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_shown_with_its_spread_and_as_precise_as_it_is() {
        let mut figures = Figures::default();
        for value in [1.234, 45.67, 890.1] {
            figures.add("a", "ms", value);
        }
        assert_eq!(shown(figures.get("a")), "45.7 (1.23–890)");
        assert_eq!(shown(figures.get("b")), "not measured");
    }
}
