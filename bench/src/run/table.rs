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
    let mut table = terminal::table([
        "a job costs",
        "CPU ms: all",
        "ally",
        "nats",
        "postgres",
        "generator",
        "stream B",
        "database B",
        "WAL B",
        "PSS MB of all",
    ]);
    for (label, name) in plot::closed_loops(report) {
        let median = |figure: String| report.figures.median(&format!("{name}/{figure}"));
        let cpu =
            ["all", "ally", "nats-server", "postgres", "generator"].map(|of| number(median(format!("cpu_ms/{of}"))));
        let bytes = ["stream_bytes", "database_bytes", "wal_bytes"].map(|of| format!("{:.0}", median(of.to_owned())));
        let memory = ["ally", "nats-server", "postgres"].map(|of| median(format!("memory_bytes/{of}")));
        let memory = format!("{:.0}", memory.iter().sum::<f64>() / 1e6);
        table.add_row([vec![label], cpu.to_vec(), bytes.to_vec(), vec![memory]].concat());
    }
    table.to_string()
}

/// The columns of an open loop, each with its figure.
const LATENCIES: [(&str, &str); 6] = [
    ("accept p50 ms", "accept_ms/p50"),
    ("accept p99 ms", "accept_ms/p99"),
    ("POST to completed p50 ms", "completed_ms/p50"),
    ("p99 ms", "completed_ms/p99"),
    ("CPU ms a job", "cpu_ms/all"),
    ("sent late p99 ms", "send_lag_ms/p99"),
];

fn latencies(report: &Report) -> String {
    let [a, b, c, d, e, f] = LATENCIES.map(|(column, _)| column);
    let mut table = terminal::table(["open loop", a, b, c, d, e, f]);
    for kind in Kind::ALL.map(Kind::as_str) {
        for rate in &report.settings.rates {
            let cells = LATENCIES.map(|(_, figure)| shown(report.figures.get(&format!("{kind}/rate/{rate}/{figure}"))));
            table.add_row([vec![format!("{kind}, {rate}/s")], cells.to_vec()].concat());
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
