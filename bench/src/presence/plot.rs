//! The figures as lines in an SVG, a panel for each question.

use anyhow::{Context, anyhow};
use plotters::coord::Shift;
use plotters::coord::combinators::IntoLogRange;
use plotters::prelude::*;

use super::BASE;
use super::crew::GENERATOR;
use super::heartbeat::PROGRAMS;
use super::report::Report;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Coordinate = fn(&(f64, f64)) -> f64;

const SIZE: (u32, u32) = (1_500, 900);
const FONT: &str = "sans-serif";
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(0, 158, 115),
    RGBColor(230, 159, 0),
    RGBColor(204, 121, 167),
    RGBColor(120, 120, 120),
    RGBColor(213, 94, 0),
    RGBColor(86, 180, 233),
];

struct Line {
    label: String,
    points: Vec<(f64, f64)>,
}

struct Panel {
    title: &'static str,
    across: &'static str,
    /// Both axes by powers.
    is_log: bool,
    lines: Vec<Line>,
}

/// Draws everything.
///
/// # Errors
/// When the drawing crate refuses, which it does for no figures of ours.
pub fn draw(report: &Report) -> anyhow::Result<String> {
    let panels = panels(report);
    let mut text = String::new();
    let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
    root.fill(&WHITE).map_err(refused)?;
    for (area, panel) in root.split_evenly((2, 3)).iter().zip(&panels) {
        panel_in(area, panel).with_context(|| format!("{:?} cannot be drawn", panel.title))?;
    }
    root.present().map_err(refused)?;
    drop(root);
    Ok(text)
}

fn panels(report: &Report) -> Vec<Panel> {
    let settings = &report.settings;
    let line = |prefix: &str, label: &str, points: Vec<(f64, f64)>| Line {
        label: if prefix.is_empty() { label.to_owned() } else { format!("base, {label}") },
        points,
    };
    let value = |prefix: &str, name: String| report.figures.get(&format!("{prefix}{name}")).map(|of| of.median);
    let over = |prefix: &str, xs: &[f64], name: &dyn Fn(f64) -> String, per: f64| -> Vec<(f64, f64)> {
        xs.iter().filter_map(|x| Some((*x, value(prefix, name(*x))? / per))).collect()
    };
    let (ramp, mut sizes, mut levels) = (&settings.ramp, Vec::new(), Vec::new());
    sizes.extend(settings.fan_out.iter().map(|(members, _)| *members as f64));
    levels.extend(settings.levels.iter().map(|(connections, _)| *connections as f64));
    let mut found: Vec<Panel> = [
        ("heartbeats: latency, ms", "heartbeats/s", false),
        ("heartbeats: cores in use", "heartbeats/s", false),
        ("memory a connection, KiB", "connections", false),
        ("one change in a room: CPU of presence, µs", "members", true),
        ("joins that ended: memory, MiB", "joins", false),
        ("joins that ended: leases, members", "joins", false),
    ]
    .map(|(title, across, is_log)| Panel { title, across, is_log, lines: Vec::new() })
    .into_iter()
    .collect();
    let [latency, cores, memory, changes, floor, held] = found.as_mut_slice() else { return Vec::new() };
    for prefix in [BASE, ""] {
        for quantile in ["p50", "p99"] {
            let points = over(prefix, ramp, &|rate| format!("ramp/{rate}/beat_ms/{quantile}"), 1.0);
            latency.lines.push(line(prefix, quantile, points));
        }
        for program in ["presence", GENERATOR] {
            let points = over(prefix, ramp, &|rate| format!("ramp/{rate}/cores/{program}"), 1.0);
            cores.lines.push(line(prefix, program, points));
        }
        let of_process = over(prefix, &levels, &|count| format!("heartbeat/{count}/bytes_per_connection"), 1_024.0);
        memory.lines.push(line(prefix, "process", of_process));
        let kernel = &|count: f64| format!("heartbeat/{count}/kernel/slab_per_connection");
        memory.lines.push(line(prefix, "kernel, both ends", over(prefix, &levels, kernel, 1_024.0)));
        let cost = &|members: f64| format!("fan_out/{members}/cpu_us_per_message/presence");
        changes.lines.push(line(prefix, "presence", over(prefix, &sizes, cost, 1.0)));
        let series = |name: &str, per: f64| -> Vec<(f64, f64)> {
            let points = report.series.get(&format!("{prefix}{name}")).into_iter().flatten();
            points.map(|(at, value)| (*at, value / per)).collect()
        };
        for program in PROGRAMS {
            floor.lines.push(line(prefix, program, series(&format!("floor/memory_bytes/{program}"), 1_048_576.0)));
        }
        for name in ["leases", "members"] {
            held.lines.push(line(prefix, name, series(&format!("floor/{name}"), 1.0)));
        }
    }
    for panel in &mut found {
        panel.lines.retain(|line| !line.points.is_empty());
    }
    found
}

fn panel_in(area: &Area<'_>, panel: &Panel) -> anyhow::Result<()> {
    let points = || panel.lines.iter().flat_map(|line| &line.points);
    let most = |of: Coordinate| points().map(of).fold(1e-3, f64::max);
    let least =
        |of: fn(&(f64, f64)) -> f64| points().map(of).fold(f64::MAX, f64::min).clamp(1e-3, (most(of) / 2.0).max(1e-3));
    let (x, y): (Coordinate, Coordinate) = (|point| point.0, |point| point.1);
    let mut builder = ChartBuilder::on(area);
    builder.caption(panel.title, (FONT, 19)).margin(14).x_label_area_size(40).y_label_area_size(60);
    // The scales are types of their own, so what draws on them is written out for each.
    macro_rules! drawn {
        ($chart:expr) => {{
            let mut chart = $chart.map_err(refused)?;
            let mut mesh = chart.configure_mesh();
            mesh.light_line_style(TRANSPARENT).x_labels(5).y_labels(6).label_style((FONT, 14)).x_desc(panel.across);
            mesh.x_label_formatter(&|value| short(*value)).y_label_formatter(&|value| short(*value));
            mesh.draw().map_err(refused)?;
            for (line, colour) in panel.lines.iter().zip(COLOURS.iter().cycle()) {
                let style = colour.stroke_width(2);
                let series = LineSeries::new(line.points.iter().copied(), style).point_size(3);
                let drawn = chart.draw_series(series).map_err(refused)?;
                drawn.label(&line.label).legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
            }
            if !panel.lines.is_empty() {
                let mut labels = chart.configure_series_labels();
                labels.position(SeriesLabelPosition::UpperLeft).label_font((FONT, 14)).background_style(WHITE.mix(0.8));
                labels.draw().map_err(refused)?;
            }
        }};
    }
    if panel.is_log {
        let across = (least(x)..most(x) * 1.1).log_scale();
        drawn!(builder.build_cartesian_2d(across, (least(y)..most(y) * 1.5).log_scale()));
    } else {
        drawn!(builder.build_cartesian_2d(0.0..most(x) * 1.05, 0.0..most(y) * 1.25));
    }
    Ok(())
}

fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 1e3 => format!("{}k", value / 1e3),
        large if large >= 10.0 => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    }
}

fn refused(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("the plot could not be drawn: {error}")
}

#[cfg(test)]
mod tests {
    use super::super::order::Over;
    use super::super::settings::{Settings, Step};
    use super::*;

    #[test]
    fn every_question_has_its_panel_and_what_was_measured_its_line() {
        let settings =
            Settings { steps: Step::of(Over::Websocket).to_vec(), ramp: vec![5_000.0], ..Settings::default() };
        let mut report = Report::new(false, settings);
        report.figures.add("ramp/5000/beat_ms/p99", "ms", 7.25);
        report.series.insert("floor/leases".to_owned(), vec![(0.0, 0.0), (1_000.0, 300.0)]);
        let svg = draw(&report).unwrap();
        for expected in ["<svg", "heartbeats: latency, ms", "p99", "leases", "joins that ended: memory, MiB"] {
            assert!(svg.contains(expected), "{expected} is missing");
        }
        assert!(!svg.contains("base, p99"));
    }
}
