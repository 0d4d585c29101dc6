//! What the operating system says of this process, read from `/proc` when metrics are asked for. On a system without
//! `/proc` these metrics are absent.

use std::fs;

use metrics::gauge;

use crate::names;

/// Clock ticks a second in `/proc/*/stat`: fixed at 100 for every Linux program, whatever the kernel's own rate.
const TICKS_PER_SECOND: f64 = 100.0;

/// Records the process's figures with the recorder of this thread. What cannot be read is left out.
pub(crate) fn record() {
    if let Some(stat) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(Stat::parse) {
        gauge!(names::PROCESS_CPU_SECONDS_TOTAL).set(stat.cpu_seconds);
        gauge!(names::PROCESS_THREADS).set(stat.threads);
        gauge!(names::PROCESS_VIRTUAL_MEMORY_BYTES).set(stat.virtual_bytes);
        if let Some(booted) = fs::read_to_string("/proc/stat").ok().as_deref().and_then(boot_time) {
            gauge!(names::PROCESS_START_TIME_SECONDS).set(booted + stat.start_after_boot_seconds);
        }
    }
    if let Some(resident) = fs::read_to_string("/proc/self/status").ok().as_deref().and_then(resident_bytes) {
        gauge!(names::PROCESS_RESIDENT_MEMORY_BYTES).set(resident);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        gauge!(names::PROCESS_OPEN_FDS).set(count(open.count()));
    }
    if let Some(max) = fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(max_open_files) {
        gauge!(names::PROCESS_MAX_FDS).set(max);
    }
}

#[derive(Debug, PartialEq)]
struct Stat {
    cpu_seconds: f64,
    threads: f64,
    start_after_boot_seconds: f64,
    virtual_bytes: f64,
}

impl Stat {
    /// The fields behind the program's name, which stands in brackets and may itself hold brackets and spaces.
    fn parse(text: &str) -> Option<Self> {
        let (_, fields) = text.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let number = |position: usize| fields.get(position)?.parse::<f64>().ok();
        Some(Self {
            cpu_seconds: (number(11)? + number(12)?) / TICKS_PER_SECOND,
            threads: number(17)?,
            start_after_boot_seconds: number(19)? / TICKS_PER_SECOND,
            virtual_bytes: number(20)?,
        })
    }
}

fn boot_time(stat: &str) -> Option<f64> {
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

fn resident_bytes(status: &str) -> Option<f64> {
    let kib: f64 =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024.0)
}

fn max_open_files(limits: &str) -> Option<f64> {
    limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().next()?.parse().ok()
}

/// Counts are far below 2^53, up to which a float is exact.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn count(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_name_may_hold_anything() {
        let text =
            "7 (a) (b c) S 1 7 7 0 -1 4194560 2000 0 0 0 150 50 0 0 20 0 9 0 12345 1048576 300 18446744073709551615";
        let stat = Stat::parse(text).unwrap();
        assert_eq!(
            stat,
            Stat { cpu_seconds: 2.0, threads: 9.0, start_after_boot_seconds: 123.45, virtual_bytes: 1_048_576.0 }
        );
    }

    #[test]
    fn figures_are_found_by_their_names() {
        assert_eq!(boot_time("cpu 1 2\nbtime 1700000000\n"), Some(1_700_000_000.0));
        assert_eq!(resident_bytes("VmPeak: 9 kB\nVmRSS:\t   512 kB\n"), Some(524_288.0));
        assert_eq!(max_open_files("Max open files            1024   4096   files\n"), Some(1024.0));
        assert_eq!(max_open_files("Max open files            unlimited   unlimited   files\n"), None);
    }
}
