//! The figures out of what a generator saw.

use crate::figures::Figures;
use crate::load::{Latency, LoadReport};
use crate::stack::Stored;

/// A closed loop: how fast, and what a job costs.
pub fn take_closed(figures: &mut Figures, name: &str, seen: &LoadReport, before: &Stored, after: &Stored) {
    figures.add(format!("{name}/jobs_per_second"), "jobs/s", seen.jobs_per_second);
    figures.add(format!("{name}/accepted_per_second"), "jobs/s", seen.accepted as f64 / seen.accept_seconds);
    take_latency(figures, &format!("{name}/accept_ms"), &seen.accept);
    take_usage(figures, name, seen);
    for (program, usage) in &seen.usage {
        figures.add(format!("{name}/memory_bytes/{program}"), "bytes", usage.memory_bytes as f64);
    }
    let jobs = seen.done.max(1) as f64;
    let each = |before: u64, after: u64| after.saturating_sub(before) as f64 / jobs;
    let streams = each(before.stream_bytes(), after.stream_bytes());
    figures.add(format!("{name}/stream_bytes"), "bytes/job", streams);
    let database = each(before.database_bytes, after.database_bytes);
    figures.add(format!("{name}/database_bytes"), "bytes/job", database);
    figures.add(format!("{name}/wal_bytes"), "bytes/job", each(before.wal_bytes, after.wal_bytes));
}

/// An open loop: how long callers waited.
pub fn take_open(figures: &mut Figures, name: &str, seen: &LoadReport) {
    take_latency(figures, &format!("{name}/accept_ms"), &seen.accept);
    take_latency(figures, &format!("{name}/completed_ms"), &seen.completed.unwrap_or_default());
    take_latency(figures, &format!("{name}/send_lag_ms"), &seen.send_lag.unwrap_or_default());
    take_usage(figures, name, seen);
}

/// Processor time a job, by program; that of the generator beside it.
fn take_usage(figures: &mut Figures, name: &str, seen: &LoadReport) {
    let jobs = seen.done.max(1) as f64;
    let mut all = 0.0;
    for (program, usage) in &seen.usage {
        all += usage.cpu_seconds;
        figures.add(format!("{name}/cpu_ms/{program}"), "ms/job", usage.cpu_seconds * 1e3 / jobs);
    }
    figures.add(format!("{name}/cpu_ms/all"), "ms/job", all * 1e3 / jobs);
    figures.add(format!("{name}/cpu_ms/generator"), "ms/job", seen.generator_cpu_seconds * 1e3 / jobs);
}

fn take_latency(figures: &mut Figures, name: &str, latency: &Latency) {
    let quantiles = [
        ("p50", latency.p50),
        ("p90", latency.p90),
        ("p99", latency.p99),
        ("p999", latency.p999),
        ("max", latency.max),
    ];
    for (quantile, value) in quantiles {
        figures.add(format!("{name}/{quantile}"), "ms", value);
    }
}
