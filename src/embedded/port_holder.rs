//! Who listens on a port, as far as `/proc` tells: on Linux, and for processes that this user may look into.

use std::fmt;
use std::fs;
use std::path::Path;

/// A process that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its program's name.
    pub program: String,
    /// Its id.
    pub pid: u32,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.program, self.pid)
    }
}

/// Finds the process that listens on a port.
pub fn find(port: u16) -> Option<Holder> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
    let sockets: Vec<String> = tables
        .iter()
        .filter_map(|table| listening_inode(table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).find_map(|pid: u32| {
        holds(pid, &sockets).then(|| {
            let program = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            Holder { program: program.trim().to_owned(), pid }
        })
    })
}

fn holds(pid: u32, sockets: &[String]) -> bool {
    let Ok(files) = fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd")) else { return false };
    files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok())
        .any(|target| target.to_str().is_some_and(|target| sockets.iter().any(|socket| socket == target)))
}

/// Columns of `/proc/net/tcp`: 1 is the local address with its port in hex, 3 the state (0A listens), 9 the inode.
fn listening_inode(table: &str, port: u16) -> Option<&str> {
    let suffix = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let listens = columns.get(1)?.ends_with(&suffix) && *columns.get(3)? == "0A";
        listens.then(|| columns.get(9).copied()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::listening_inode;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
        0: 0100007F:107E 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 8811 1 0 100 0 0 10 0\n\
        1: 0100007F:1538 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 9922 1 0 20 4 30 10 -1\n";

    #[test]
    fn finds_listeners_and_not_mere_connections() {
        assert_eq!(listening_inode(TABLE, 4222), Some("8811"));
        assert_eq!(listening_inode(TABLE, 5432), None);
        assert_eq!(listening_inode(TABLE, 80), None);
    }
}
