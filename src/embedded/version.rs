//! The versions that servers print, as far as Ally compares them.

use std::fmt;

/// Major and minor; further parts never decide whether a server will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
}

impl Version {
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// The first word of a `--version` line that starts with a number, with or without a `v` before it.
    pub fn find_in(line: &str) -> Option<Self> {
        line.split_whitespace().find_map(|word| {
            let word = word.strip_prefix('v').unwrap_or(word);
            let mut parts = word.split('.').map(leading_number);
            let major = parts.next()??;
            Some(Self { major, minor: parts.next().flatten().unwrap_or(0) })
        })
    }
}

/// `18beta1` is 18.
fn leading_number(part: &str) -> Option<u32> {
    let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
    part[..end].parse().ok()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn reads_what_the_servers_print() {
        let cases = [
            ("nats-server: v2.15.1", Some(Version::new(2, 15))),
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Some(Version::new(15, 18))),
            ("postgres (PostgreSQL) 18beta1", Some(Version::new(18, 0))),
            ("no version here", None),
            ("", None),
        ];
        for (line, expected) in cases {
            assert_eq!(Version::find_in(line), expected, "{line}");
        }
    }

    #[test]
    fn orders_by_number_and_not_by_text() {
        assert!(Version::new(2, 9) < Version::new(2, 15));
        assert!(Version::new(9, 6) < Version::new(15, 0));
    }
}
