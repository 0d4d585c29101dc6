//! The figures as tables in Markdown, for the page and for a terminal alike.

use std::fmt::Write as _;

use super::BASE;
use super::crew::GENERATOR;
use super::heartbeat::PROGRAMS;
use super::order::Over;
use super::report::Report;
use super::settings::Step;
use crate::figures::Figures;
use crate::run::number;

/// Everything that was measured.
pub fn markdown(report: &Report) -> String {
    let mut parts = vec![heading(report)];
    for step in &report.settings.steps {
        parts.push(match step {
            Step::Heartbeat => heartbeat(report),
            Step::Ramp => ramp(report),
            Step::FanOut => fan_out(report),
            Step::Storm => storm(report),
            Step::Floor => floor(report),
        });
    }
    if !report.faults.is_empty() {
        parts.push(format!("Not as it must be:\n\n- {}", report.faults.join("\n- ")));
    }
    if report.quick {
        parts.push("A quick run: these figures only show that everything runs.".to_owned());
    }
    parts.join("\n\n")
}

fn heading(report: &Report) -> String {
    let Report { at, commit, profile, rustc, versions, machine, settings, .. } = report;
    format!(
        "{at}, commit {commit}, {profile} build, {rustc}; nats-server {}, PostgreSQL {}. {}, {} cores, {} GiB, Linux {}. \
         {} generators on the same machine, {}.",
        versions.nats_server,
        versions.postgres,
        machine.cpu,
        machine.cores,
        machine.memory_bytes >> 30,
        machine.kernel,
        settings.generators,
        match settings.over {
            Over::Websocket => "clients of plain WebSockets",
            Over::SocketIo => "clients of Socket.IO over WebSockets",
        }
    )
}

/// The figures of one program: this build's, or those of the one beside it.
#[derive(Clone, Copy)]
struct Of<'a> {
    figures: &'a Figures,
    prefix: &'static str,
}

impl Of<'_> {
    fn value(self, name: &str) -> Option<f64> {
        self.figures.get(&format!("{}{name}", self.prefix)).map(|figure| figure.median)
    }

    /// A figure as a cell, in another unit.
    fn cell(self, name: &str, per: f64) -> String {
        self.value(name).map_or_else(|| "–".to_owned(), |value| number(value / per))
    }

    fn pair(self, name: &str) -> String {
        format!("{} / {}", self.cell(&format!("{name}/p50"), 1.0), self.cell(&format!("{name}/p99"), 1.0))
    }

    fn cores(self, name: &str) -> String {
        PROGRAMS.map(|program| self.cell(&format!("{name}/cores/{program}"), 1.0)).join(" / ")
    }
}

/// A table with the rows of each program that was measured; `row` answers `None` for what was not.
fn table(report: &Report, title: &str, columns: &[&str], rows: impl Fn(Of<'_>) -> Vec<Option<Vec<String>>>) -> String {
    let mut text = format!("### {title}\n\n| {} |\n|{}\n", columns.join(" | "), " --- |".repeat(columns.len()));
    for prefix in [BASE, ""] {
        for mut row in rows(Of { figures: &report.figures, prefix }).into_iter().flatten() {
            if let (Some(first), false) = (row.first_mut(), prefix.is_empty()) {
                *first = format!("base, {first}");
            }
            // A text takes whatever is written.
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
    }
    text.trim_end().to_owned()
}

fn cores_column() -> String {
    format!("cores: {}", PROGRAMS.join(" / "))
}

fn heartbeat(report: &Report) -> String {
    let cores = cores_column();
    let columns = [
        "connections",
        "join p50 / p99 ms",
        "KiB a connection: process",
        "kernel, both ends: structures / queued",
        "heartbeats/s",
        "p50 / p99 ms",
        &cores,
        "idle cores of presence",
    ];
    table(report, "Connections", &columns, |of| {
        let rows = report.settings.levels.iter().map(|(connections, rate)| {
            let name = format!("heartbeat/{connections}");
            of.value(&format!("{name}/bytes_per_connection"))?;
            let kib = |figure: &str| of.cell(&format!("{name}/{figure}"), 1_024.0);
            Some(vec![
                connections.to_string(),
                of.pair(&format!("{name}/join_ms")),
                kib("bytes_per_connection"),
                format!("{} / {}", kib("kernel/slab_per_connection"), kib("kernel/queued_per_connection")),
                rate.to_string(),
                of.pair(&format!("{name}/beat_ms")),
                of.cores(&name),
                of.cell(&format!("{name}/idle/cores/presence"), 1.0),
            ])
        });
        rows.collect()
    })
}

fn ramp(report: &Report) -> String {
    let cores = cores_column();
    let columns =
        ["heartbeats/s", "answered/s", "p50 / p99 ms", "sent late p99 ms", "CPU of presence, µs each", &cores];
    let title = format!("Heartbeats on {} connections, until they are slow", report.settings.ramp_connections);
    table(report, &title, &columns, |of| {
        let rows = report.settings.ramp.iter().map(|rate| {
            let name = format!("ramp/{rate}");
            of.value(&format!("{name}/answered_per_second"))?;
            Some(vec![
                rate.to_string(),
                of.cell(&format!("{name}/answered_per_second"), 1.0),
                of.pair(&format!("{name}/beat_ms")),
                of.cell(&format!("{name}/late_ms/p99"), 1.0),
                of.cell(&format!("{name}/cpu_us"), 1.0),
                of.cores(&name),
            ])
        });
        let carried = of.value("ramp/carried_per_second").map(|rate| vec![format!("carried: {rate}")]);
        rows.chain([carried]).collect()
    })
}

fn fan_out(report: &Report) -> String {
    let columns = [
        "members",
        "changes/s",
        "deliveries/s",
        "deliveries a CPU second of presence",
        "change to member p50 / p99 ms",
        "CPU µs a change: presence",
        "NATS, PostgreSQL, projector",
        "frames a change",
        "bytes a change",
        "cores of presence / generator",
    ];
    table(report, "One member's changes in a room", &columns, |of| {
        let rows = report.settings.fan_out.iter().map(|(members, rate)| {
            let name = format!("fan_out/{members}");
            let cell = |figure: &str| of.cell(&format!("{name}/{figure}"), 1.0);
            of.value(&format!("{name}/deliveries_per_second"))?;
            let cpu = |program: &str| of.value(&format!("{name}/cpu_us_per_message/{program}")).unwrap_or_default();
            let others: f64 = ["nats-server", "postgres", "projector"].map(cpu).iter().sum();
            Some(vec![
                members.to_string(),
                rate.to_string(),
                cell("deliveries_per_second"),
                cell("deliveries_per_cpu_second"),
                of.pair(&format!("{name}/delivery_ms")),
                number(cpu("presence")),
                number(others),
                cell("frames_per_message"),
                cell("bytes_per_message"),
                format!("{} / {}", cell("cores/presence"), cell(&format!("cores/{GENERATOR}"))),
            ])
        });
        rows.collect()
    })
}

fn storm(report: &Report) -> String {
    let cores = cores_column();
    table(
        report,
        "Storms",
        &["what", "done after, s", "each p50 / p99 ms", "heap of presence then, MiB", &cores],
        |of| {
            let connections = report.settings.reconnects;
            let row = |what: String, seconds: String, times: String, cores: &str| {
                of.value(&seconds)?;
                let heap = of.cell(&format!("{cores}/heap_bytes"), MIB);
                Some(vec![what, of.cell(&seconds, 1.0), of.pair(&times), heap, of.cores(cores)])
            };
            let name = format!("storm/reconnect/{connections}");
            let mut rows = vec![row(
                format!("{connections} connections break and come back"),
                format!("{name}/settled_seconds"),
                format!("{name}/resume_ms"),
                &name,
            )];
            for members in &report.settings.crowds {
                let name = format!("storm/crowd/{members}");
                let (come, go) = (format!("{name}/come"), format!("{name}/go"));
                let times = (format!("{name}/join_ms"), format!("{name}/leave_ms"));
                rows.push(row(format!("{members} join one room"), format!("{come}_seconds"), times.0, &come));
                rows.push(row(format!("{members} leave it"), format!("{go}_seconds"), times.1, &go));
            }
            rows
        },
    )
}

fn floor(report: &Report) -> String {
    let settings = &report.settings;
    let joins = settings.floor_joins.div_ceil(settings.floor_slice.max(1)) * settings.floor_slice;
    let columns = ["", "before", "half way", "at the end"];
    let title = format!("{joins} joins that end in leaves, cuts and expiries");
    table(report, &title, &columns, |of| {
        let point = |name: &str, at: usize, per: f64| {
            let points = report.series.get(&format!("{}{name}", of.prefix))?;
            let index = [0, points.len() / 2, points.len().saturating_sub(1)].get(at).copied()?;
            points.get(index).map(|(_, value)| number(value / per))
        };
        let row = |label: &str, name: &str, per: f64| {
            let cells = (0..3).map(|at| point(name, at, per)).collect::<Option<Vec<_>>>()?;
            Some([vec![label.to_owned()], cells].concat())
        };
        let idle = |label: &str, program: &str| {
            let [before, after] = ["before", "after"].map(|when| format!("floor/idle_{when}/cores/{program}"));
            of.value(&before)?;
            Some(vec![label.to_owned(), of.cell(&before, 1.0), "–".to_owned(), of.cell(&after, 1.0)])
        };
        let rate = of.value("floor/joins_per_second");
        let ended = ["left", "cut", "expired"].map(|reason| of.cell(&format!("floor/{reason}"), 1.0)).join(" / ");
        let over = rate.map(|rate| vec![format!("{} joins/s; left / cut / expired: {ended}", number(rate))]);
        vec![
            row("presence, MiB", "floor/memory_bytes/presence", MIB),
            row("nats-server, MiB", "floor/memory_bytes/nats-server", MIB),
            row("projector, MiB", "floor/memory_bytes/projector", MIB),
            row("leases, and marks of ended ones", "floor/leases", 1.0),
            row("members in the views", "floor/members", 1.0),
            row("rows of who was there", "floor/rows", 1.0),
            idle("idle cores of presence", "presence"),
            idle("idle cores of nats-server", "nats-server"),
            over,
        ]
    })
}

const MIB: f64 = 1_048_576.0;

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::*;

    #[test]
    fn rows_stand_for_what_was_measured_and_a_base_beside_it() {
        let settings = Settings { steps: vec![Step::Ramp], ramp: vec![5_000.0, 10_000.0], ..Settings::default() };
        let mut report = Report::new(false, settings);
        report.figures.add("ramp/5000/answered_per_second", "heartbeats/s", 4_990.0);
        report.figures.add("ramp/5000/beat_ms/p50", "ms", 1.5);
        report.figures.add("ramp/5000/beat_ms/p99", "ms", 7.25);
        report.figures.add("base/ramp/5000/answered_per_second", "heartbeats/s", 3_000.0);
        let shown = markdown(&report);
        assert!(shown.contains("| 5000 | 4990 | 1.50 / 7.25 |"), "{shown}");
        assert!(shown.contains("| base, 5000 | 3000 |") && !shown.contains("10000"), "{shown}");
    }
}
