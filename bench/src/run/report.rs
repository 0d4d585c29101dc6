//! What was measured, where and when: the JSON that stands in `docs/bench/`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::plot;
use super::settings::Settings;
use crate::figures::Figures;
use crate::load::LoadReport;
use crate::machine::{self, Machine};
use crate::stack::Versions;

/// A whole measurement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// When it began, UTC.
    pub at: String,
    /// One small round: its figures are none.
    pub quick: bool,
    /// `release` or `debug`.
    pub profile: String,
    /// The commit of the folder in which it ran; `-dirty` where files differed.
    pub commit: String,
    pub rustc: String,
    pub versions: Versions,
    pub machine: Machine,
    pub settings: Settings,
    /// As many jobs accepted, distinct and done as were submitted, in every loop.
    pub exact: bool,
    /// What was not.
    pub faults: Vec<String>,
    pub figures: Figures,
}

impl Report {
    /// One without figures.
    pub fn new() -> Self {
        Self {
            at: machine::now(),
            quick: false,
            profile: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
            commit: machine::commit(),
            rustc: machine::rustc(),
            versions: Versions::default(),
            machine: Machine::read(),
            settings: Settings::default(),
            exact: true,
            faults: Vec::new(),
            figures: Figures::default(),
        }
    }

    /// Notes a loop whose jobs were not all done, each once.
    pub fn expect_exact(&mut self, what: &str, seen: &LoadReport) {
        if seen.exact {
            return;
        }
        self.exact = false;
        let LoadReport { jobs, accepted, distinct_ids, done, failed, unfinished, .. } = seen;
        let reason = seen.first_error.as_deref().unwrap_or("no request failed");
        self.faults.push(format!(
            "{what}: of {jobs} jobs {accepted} were accepted under {distinct_ids} ids, {done} done, {failed} failed, \
             {unfinished} unfinished; {reason}"
        ));
    }

    /// Writes the JSON and the plot.
    pub fn write(&self, folder: &Path) -> anyhow::Result<[PathBuf; 2]> {
        std::fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
        let files = ["results.json", "results.svg"].map(|name| folder.join(name));
        let [json, svg] = &files;
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(json, text).with_context(|| format!("{} could not be written", json.display()))?;
        std::fs::write(svg, plot::draw(self)?).with_context(|| format!("{} could not be written", svg.display()))?;
        Ok(files)
    }
}
