//! The figures as bars in an SVG: throughput, latencies, and what a job costs.

use anyhow::{Context, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::Kind;
use super::report::Report;
use super::table::number;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const WIDTH: u32 = 1_500;
/// Of a bar with the room around it.
const ROW: u32 = 28;
/// Title, axis and margins of a panel.
const FRAME: u32 = 110;
const LABELS: u32 = 170;
const FONT: &str = "sans-serif";
const BAR: u32 = 14;

/// The programs whose processor time is told apart, each with its colour.
const PROGRAMS: [(&str, RGBColor); 3] =
    [("ally", RGBColor(0, 114, 178)), ("nats-server", RGBColor(0, 158, 115)), ("postgres", RGBColor(230, 159, 0))];

/// A bar of one or more parts, with the least and the most that was measured.
struct Row {
    label: String,
    parts: Vec<(RGBColor, f64)>,
    spread: Option<(f64, f64)>,
}

/// Draws everything.
///
/// # Errors
/// When the drawing crate refuses, which it does for no figures of ours.
pub fn draw(report: &Report) -> anyhow::Result<String> {
    let panels = [
        ("jobs a second (median, least to most)".to_owned(), throughput(report)),
        ("POST to completed, ms (median of the runs)".to_owned(), latencies(report)),
        (legend("processor time a job, ms"), costs(report)),
    ];
    let rows = panels.iter().map(|(_, rows)| rows.len()).max().unwrap_or_default();
    let height = FRAME + ROW * u32::try_from(rows.max(1))?;
    let mut text = String::new();
    let root = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
    root.fill(&WHITE).map_err(refused)?;
    for (area, (title, rows)) in root.split_evenly((1, panels.len())).iter().zip(&panels) {
        bars(area, title, rows).with_context(|| format!("{title:?} cannot be drawn"))?;
    }
    root.present().map_err(refused)?;
    drop(root);
    Ok(text)
}

/// Every closed loop that was measured: a label for people, and the name of its figures.
pub fn closed_loops(report: &Report) -> Vec<(String, String)> {
    let settings = &report.settings;
    let backlogs = Kind::ALL.into_iter().flat_map(|kind| {
        let kind = kind.as_str();
        let names = settings.backlog.iter();
        names.map(move |jobs| (format!("{kind}, backlog of {jobs}"), format!("{kind}/backlog/{jobs}")))
    });
    let kind = Kind::Ready.as_str();
    let finished = settings.finished.iter();
    let finished = finished.map(|jobs| (format!("{kind}, {jobs} finished"), format!("{kind}/finished/{jobs}")));
    backlogs.chain(finished).collect()
}

fn throughput(report: &Report) -> Vec<Row> {
    let rows = closed_loops(report).into_iter().filter_map(|(label, name)| {
        let figure = report.figures.get(&format!("{name}/jobs_per_second"))?;
        let parts = vec![(PROGRAMS[0].1, figure.median)];
        Some(Row { label, parts, spread: Some((figure.min, figure.max)) })
    });
    rows.collect()
}

fn latencies(report: &Report) -> Vec<Row> {
    let mut rows = Vec::new();
    for kind in Kind::ALL {
        for rate in &report.settings.rates {
            for (quantile, colour) in [("p50", PROGRAMS[0].1), ("p99", PROGRAMS[2].1)] {
                let name = format!("{}/rate/{rate}/completed_ms/{quantile}", kind.as_str());
                if let Some(figure) = report.figures.get(&name) {
                    let label = format!("{}, {rate}/s, {quantile}", kind.as_str());
                    let spread = Some((figure.min, figure.max));
                    rows.push(Row { label, parts: vec![(colour, figure.median)], spread });
                }
            }
        }
    }
    rows
}

fn costs(report: &Report) -> Vec<Row> {
    let rows = closed_loops(report).into_iter().map(|(label, name)| {
        let of = |(program, colour)| (colour, report.figures.median(&format!("{name}/cpu_ms/{program}")));
        Row { label, parts: PROGRAMS.map(of).to_vec(), spread: None }
    });
    rows.collect()
}

fn legend(title: &str) -> String {
    let [ally, nats, postgres] = PROGRAMS.map(|(program, _)| program);
    format!("{title}: {ally} blue, {nats} green, {postgres} orange")
}

fn bars(area: &Area<'_>, title: &str, rows: &[Row]) -> anyhow::Result<()> {
    let end = |row: &Row| row.parts.iter().map(|(_, value)| value).sum::<f64>();
    let most = rows.iter().map(|row| row.spread.map_or(end(row), |spread| spread.1)).fold(0.0, f64::max);
    // Room for the number behind the longest bar.
    let most = if most > 0.0 { most * 1.25 } else { 1.0 };
    let mut chart = ChartBuilder::on(area)
        .caption(title, (FONT, 19))
        .margin(14)
        .x_label_area_size(34)
        .y_label_area_size(LABELS)
        // The drawing crate counts the last of the range in.
        .build_cartesian_2d(0.0..most, (0..rows.len().saturating_sub(1)).into_segmented())
        .map_err(refused)?;
    // From top to bottom.
    let row_at = |place: usize| rows.get(rows.len().checked_sub(place + 1)?);
    let label = |value: &SegmentValue<usize>| match value {
        SegmentValue::CenterOf(place) => row_at(*place).map(|row| row.label.clone()).unwrap_or_default(),
        SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
    };
    let mut mesh = chart.configure_mesh();
    mesh.disable_y_mesh().light_line_style(TRANSPARENT).y_labels(rows.len().max(1)).x_labels(5).label_style((FONT, 15));
    mesh.y_label_formatter(&label).draw().map_err(refused)?;
    for (place, row) in (0..rows.len()).filter_map(|place| Some((place, row_at(place)?))) {
        let at = |value: f64| (value, SegmentValue::CenterOf(place));
        let mut begin = 0.0;
        for (colour, value) in &row.parts {
            let line = [at(begin), at(begin + value)];
            chart.draw_series([PathElement::new(line, colour.stroke_width(BAR))]).map_err(refused)?;
            begin += value;
        }
        if let Some((least, most)) = row.spread {
            chart.draw_series([PathElement::new([at(least), at(most)], BLACK.stroke_width(2))]).map_err(refused)?;
        }
        let beside = row.spread.map_or(begin, |spread| spread.1.max(begin)) + most * 0.01;
        chart.draw_series([Text::new(number(begin), at(beside), (FONT, 15))]).map_err(refused)?;
    }
    Ok(())
}

fn refused<E: std::fmt::Display>(error: E) -> anyhow::Error {
    anyhow!("the plot was refused: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::settings::Settings;

    #[test]
    fn every_bar_has_its_label_and_its_number() {
        let settings = Settings { backlog: vec![1_000], rates: vec![200.0], ..Settings::default() };
        let mut report = Report { settings, ..Report::new() };
        for kind in Kind::ALL {
            let kind = kind.as_str();
            report.figures.add(format!("{kind}/backlog/1000/jobs_per_second"), "jobs/s", 4_321.0);
            report.figures.add(format!("{kind}/rate/200/completed_ms/p99"), "ms", 12.5);
            report.figures.add(format!("{kind}/backlog/1000/cpu_ms/ally"), "ms/job", 0.77);
        }
        let svg = draw(&report).unwrap();
        for expected in ["<svg", "ready, backlog of 1000", "engine, 200/s, p99", "4321", "12.5", "0.77"] {
            assert!(svg.contains(expected), "{expected} is missing");
        }
    }

    #[test]
    fn a_report_without_figures_is_drawn_empty() {
        assert!(draw(&Report::new()).unwrap().contains("<svg"));
    }
}
