//! What processes cost: processor time and memory of a tree of processes, by the program that each of them runs.
//!
//! Read from `/proc`, so on Linux only. Memory is PSS: what several processes share is divided between them, so that
//! the sum over PostgreSQL's processes means something.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// One program's share of a tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// User and system time since the process began, of it and of its children that have ended.
    pub cpu_seconds: f64,
    /// PSS at the moment.
    pub memory_bytes: u64,
}

/// Usage by program: `ally`, `nats-server`, `postgres`.
pub type ByProgram = BTreeMap<String, Usage>;

/// A process as `/proc` has it.
struct Process {
    pid: u32,
    parent: u32,
    program: String,
    cpu_seconds: f64,
}

/// What the tree under a process has used so far.
///
/// # Errors
/// When `/proc` cannot be read, or the process is not there.
pub fn of_tree(root: u32) -> anyhow::Result<ByProgram> {
    let mut found = ByProgram::new();
    for process in tree(root)? {
        let usage = found.entry(process.program).or_default();
        usage.cpu_seconds += process.cpu_seconds;
        usage.memory_bytes += memory_bytes(process.pid);
    }
    anyhow::ensure!(!found.is_empty(), "there is no process {root}");
    Ok(found)
}

/// What was used between two moments; memory is that of the second.
pub fn between(before: &ByProgram, after: &ByProgram) -> ByProgram {
    let used = after.iter().map(|(program, after)| {
        let before = before.get(program).copied().unwrap_or_default();
        (program.clone(), Usage { cpu_seconds: after.cpu_seconds - before.cpu_seconds, ..*after })
    });
    used.collect()
}

/// A process of the tree that runs this program, the nearest to its root.
pub fn find(root: u32, program: &str) -> Option<u32> {
    tree(root).ok()?.into_iter().find(|process| process.program == program).map(|process| process.pid)
}

/// A process and all that it started, parents first.
fn tree(root: u32) -> anyhow::Result<Vec<Process>> {
    let mut others = processes().context("/proc cannot be read; the costs are measured on Linux only")?;
    let mut tree: Vec<Process> = others.extract_if(.., |process| process.pid == root).collect();
    let mut next = 0;
    while let Some(parent) = tree.get(next).map(|process| process.pid) {
        tree.extend(others.extract_if(.., |process| process.parent == parent));
        next += 1;
    }
    Ok(tree)
}

fn processes() -> std::io::Result<Vec<Process>> {
    let ticks = rustix::param::clock_ticks_per_second() as f64;
    let entries = fs::read_dir("/proc")?.flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Ok(pids.filter_map(|pid| process(pid, ticks)).collect())
}

/// A process that ends meanwhile is none.
fn process(pid: u32, ticks: f64) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (parent, cpu_ticks) = parse_stat(&stat)?;
    let executable = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    Some(Process { pid, parent, program: program(&executable), cpu_seconds: cpu_ticks as f64 / ticks })
}

/// The program's name, as the tables print it. Composition roots of the bench stand in the product's place.
fn program(executable: &Path) -> String {
    let name = executable.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = name.trim_end_matches(" (deleted)");
    if name.starts_with("ally") { "ally".to_owned() } else { name.to_owned() }
}

/// Parent and processor time out of `/proc/PID/stat`, proc(5). The second field is a name in brackets that may hold
/// anything, so fields are counted from its end.
fn parse_stat(stat: &str) -> Option<(u32, u64)> {
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let cpu = (11..=14).map(number).sum::<Option<u64>>()?;
    Some((u32::try_from(number(1)?).ok()?, cpu))
}

/// What a process holds beside its program and files: its heap and stacks.
pub fn heap_bytes(pid: u32) -> u64 {
    rolled_up(pid, "Pss_Anon:")
}

fn memory_bytes(pid: u32) -> u64 {
    rolled_up(pid, "Pss:")
}

fn rolled_up(pid: u32, field: &str) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let value = rollup.lines().find_map(|line| line.strip_prefix(field));
    let kibibytes = value.and_then(|value| value.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "7 (a (b) c) S 3 7 7 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 5 0 100";
        assert_eq!(parse_stat(stat), Some((3, 110)));
        assert_eq!(parse_stat("nothing"), None);
    }

    #[test]
    fn own_work_is_counted_and_belongs_to_this_program() {
        let before = of_tree(std::process::id()).unwrap();
        let mut sum = 0_u64;
        // Until the clock of the processor time has ticked.
        let used = loop {
            sum = (0..1_000_000_u64).fold(sum, |sum, n| sum.wrapping_mul(31).wrapping_add(n));
            let used = between(&before, &of_tree(std::process::id()).unwrap());
            if used["ally"].cpu_seconds > 0.0 {
                break used;
            }
        };
        assert!(used["ally"].memory_bytes > 0, "{sum}");
    }

    #[test]
    fn composition_roots_of_the_bench_count_as_the_product() {
        for (path, expected) in
            [("/b/ally", "ally"), ("/b/ally-ready-plans (deleted)", "ally"), ("/usr/bin/nats-server", "nats-server")]
        {
            assert_eq!(program(Path::new(path)), expected);
        }
    }
}
