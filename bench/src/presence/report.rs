//! What was measured, where and when: the JSON, the plot and the tables that stand in `docs/bench/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::order::{Over, Seen};
use super::settings::Settings;
use super::{plot, table};
use crate::figures::Figures;
use crate::load::Latency;
use crate::machine::{self, Machine};
use crate::stack::Versions;

/// The tables stand between these lines of `presence.md`; the rest of it is a person's.
const BEGIN: &str = "<!-- begin of the tables -->";
const END: &str = "<!-- end of the tables -->";

/// A whole measurement.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Report {
    /// When it began, UTC.
    pub at: String,
    /// A little of everything: its figures are none.
    pub quick: bool,
    /// `release` or `debug`.
    pub profile: String,
    /// The commit of the folder in which it ran; `-dirty` where files differed.
    pub commit: String,
    pub rustc: String,
    pub versions: Versions,
    pub machine: Machine,
    pub settings: Settings,
    /// What was not answered, or answered with an error.
    pub faults: Vec<String>,
    /// Names begin with the step; those of another `ally` that was measured beside it with `base/`.
    pub figures: Figures,
    /// Points of the step `floor`: joins so far, and a figure by its name.
    pub series: BTreeMap<String, Vec<(f64, f64)>>,
}

impl Report {
    /// One without figures.
    pub fn new(quick: bool, settings: Settings) -> Self {
        Self {
            at: machine::now(),
            quick,
            profile: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
            commit: machine::commit(),
            rustc: machine::rustc(),
            machine: Machine::read(),
            settings,
            ..Self::default()
        }
    }

    /// Writes the JSON and the plot, and the tables into the page, where there is one.
    pub fn write(&self, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
        std::fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
        let name = match self.settings.over {
            Over::Websocket => "presence",
            Over::SocketIo => "presence-socket-io",
        };
        let [json, svg, page] = ["json", "svg", "md"].map(|end| folder.join(format!("{name}.{end}")));
        let mut files = vec![(json, serde_json::to_string_pretty(self)? + "\n"), (svg, plot::draw(self)?)];
        let text = std::fs::read_to_string(&page).unwrap_or_default();
        if let Some(text) = with_tables(&text, &table::markdown(self)) {
            files.push((page, text));
        }
        for (file, text) in &files {
            std::fs::write(file, text).with_context(|| format!("{} could not be written", file.display()))?;
        }
        Ok(files.into_iter().map(|(file, _)| file).collect())
    }
}

fn with_tables(page: &str, tables: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{tables}\n\n{END}{after}"))
}

/// What one program's measurement goes into.
pub struct Take<'a> {
    pub report: &'a mut Report,
    /// Before every name: empty, or `base/`.
    pub prefix: &'static str,
}

impl Take<'_> {
    pub fn add(&mut self, name: &str, unit: &str, value: f64) {
        self.report.figures.add(format!("{}{name}", self.prefix), unit, value);
    }

    pub fn add_latency(&mut self, name: &str, latency: &Latency) {
        for (quantile, value) in [("p50", latency.p50), ("p99", latency.p99), ("max", latency.max)] {
            self.add(&format!("{name}/{quantile}"), "ms", value);
        }
    }

    pub fn add_point(&mut self, name: &str, at: f64, value: f64) {
        self.report.series.entry(format!("{}{name}", self.prefix)).or_default().push((at, value));
    }

    /// Notes what went wrong.
    pub fn expect_answers(&mut self, what: &str, seen: &Seen) {
        if let Some(faults) = seen.faults() {
            self.add_fault(format!("{what}: {faults}"));
        }
    }

    pub fn add_fault(&mut self, fault: String) {
        self.report.faults.push(format!("{}{fault}", self.prefix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_take_the_place_of_those_before_and_of_nothing_else() {
        let page = format!("before\n{BEGIN}\nold\n{END}\nbehind\n");
        let expected = format!("before\n{BEGIN}\n\nnew\n\n{END}\nbehind\n");
        assert_eq!(with_tables(&page, "new").as_deref(), Some(expected.as_str()));
        assert_eq!(with_tables("a page of somebody else's", "new"), None);
    }
}
