//! Figures by name, each with every run that measured it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One figure, measured again and again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// `jobs/s`, `ms`, `bytes/job`.
    pub unit: String,
    pub min: f64,
    pub median: f64,
    pub max: f64,
    /// In the order in which they were measured.
    pub runs: Vec<f64>,
}

impl Figure {
    fn add(&mut self, value: f64) {
        self.runs.push(value);
        let mut sorted = self.runs.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
        // Of an even number the mean of the two in the middle.
        self.median = f64::midpoint(at((sorted.len() - 1) / 2), at(sorted.len() / 2));
        (self.min, self.max) = (at(0), at(sorted.len() - 1));
    }
}

/// All figures. Names are paths: `ready/backlog/1000/jobs_per_second`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Figures(BTreeMap<String, Figure>);

impl Figures {
    /// Adds what one run measured.
    pub fn add(&mut self, name: impl Into<String>, unit: &str, value: f64) {
        let figure = self.0.entry(name.into()).or_default();
        unit.clone_into(&mut figure.unit);
        figure.add(value);
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<&Figure> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Figure)> {
        self.0.iter()
    }

    /// The middle one of a figure's runs; 0 where it was not measured.
    pub fn median(&self, name: &str) -> f64 {
        self.get(name).map_or(0.0, |figure| figure.median)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_knows_its_least_its_middle_and_its_most() {
        let mut figures = Figures::default();
        for value in [3.0, 1.0, 2.0] {
            figures.add("a", "ms", value);
        }
        let figure = figures.get("a").unwrap();
        assert_eq!((figure.min, figure.median, figure.max), (1.0, 2.0, 3.0));
        assert_eq!(figure.runs, [3.0, 1.0, 2.0]);
        figures.add("a", "ms", 10.0);
        assert_eq!(figures.median("a"), 2.5);
        assert_eq!(figures.median("b"), 0.0);
    }
}
