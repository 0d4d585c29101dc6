//! Latencies as a high dynamic range histogram: three significant digits from a microsecond to minutes.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// From a microsecond to ten minutes; what takes longer counts as that.
const MOST_MICROS: u64 = 600_000_000;
const DIGITS: u8 = 3;

/// Collects latencies.
pub struct Recorder(Histogram<u64>);

/// What was collected, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// How many there were.
    pub count: u64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Recorder {
    /// An empty one.
    ///
    /// # Errors
    /// Never with these bounds.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, MOST_MICROS, DIGITS)?))
    }

    /// Counts one.
    pub fn record(&mut self, latency: Duration) {
        self.record_micros(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX), 1);
    }

    /// Counts one value of microseconds as often as it was seen.
    pub fn record_micros(&mut self, micros: u64, count: u64) {
        self.0.saturating_record_n(micros.max(1), count);
    }

    /// Every value that was counted, in microseconds, with how often it was.
    pub fn recorded(&self) -> Vec<(u64, u64)> {
        let values = self.0.iter_recorded();
        values.map(|value| (value.value_iterated_to(), value.count_since_last_iteration())).collect()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The figures of everything collected.
    pub fn latency(&self) -> Latency {
        let at = |quantile: f64| milliseconds(self.0.value_at_quantile(quantile));
        Latency {
            count: self.0.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: milliseconds(self.0.max()),
        }
    }
}

fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_milliseconds_of_what_was_recorded() {
        let mut recorder = Recorder::new().unwrap();
        for millis in 1..=1_000 {
            recorder.record(Duration::from_millis(millis));
        }
        let latency = recorder.latency();
        assert_eq!(latency.count, 1_000);
        for (figure, exact) in [(latency.p50, 500.0), (latency.p99, 990.0), (latency.max, 1_000.0)] {
            assert!((figure - exact).abs() <= exact * 0.002, "{figure} instead of {exact}");
        }
    }

    #[test]
    fn what_takes_longer_than_the_bounds_is_counted_and_not_dropped() {
        let mut recorder = Recorder::new().unwrap();
        recorder.record(Duration::from_secs(3_600));
        recorder.record(Duration::ZERO);
        assert_eq!(recorder.latency().count, 2);
        assert!(recorder.latency().max >= 600_000.0);
    }
}
