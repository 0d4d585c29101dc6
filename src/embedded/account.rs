//! As whom PostgreSQL runs. It refuses to run as root, so root lends it the account `nobody`; a plain user keeps its own.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use rustix::process::getuid;
use tokio::process::Command;

use super::errors::{Doing, EmbeddedError};

/// Who runs PostgreSQL and owns its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// The user that runs Ally.
    Same,
    /// Another one, because Ally runs as root.
    Lent(Lent),
}

/// An account that root lends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lent {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

impl Account {
    /// The account for PostgreSQL on this machine.
    pub fn for_postgres() -> Result<Self, EmbeddedError> {
        if !getuid().is_root() {
            return Ok(Self::Same);
        }
        let accounts = fs::read_to_string("/etc/passwd").doing(|| "reading /etc/passwd".to_owned())?;
        find_account(&accounts, "nobody").map(Self::Lent).ok_or(EmbeddedError::NoAccount)
    }

    /// Runs `command` as this account. Groups are dropped with the user.
    pub fn apply(&self, command: &mut Command) {
        if let Self::Lent(lent) = self {
            command.uid(lent.uid).gid(lent.gid);
        }
    }

    /// Gives a folder to this account, so that only it can look inside.
    pub fn own(&self, folder: &Path) -> Result<(), EmbeddedError> {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .doing(|| format!("closing {} to others", folder.display()))?;
        if let Self::Lent(lent) = self {
            std::os::unix::fs::chown(folder, Some(lent.uid), Some(lent.gid))
                .doing(|| format!("giving {} to {self}", folder.display()))?;
        }
        Ok(())
    }

    /// Whether this account can enter a folder. Asked by trying: modes, lists and mounts all have a say.
    pub async fn reaches(&self, folder: &Path) -> bool {
        let mut probe = Command::new("/bin/sh");
        probe.args(["-c", "cd \"$1\"", "sh"]).arg(folder).current_dir("/").stdin(Stdio::null()).stderr(Stdio::null());
        self.apply(&mut probe);
        probe.status().await.is_ok_and(|status| status.success())
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => f.write_str("that runs Ally"),
            Self::Lent(lent) => write!(f, "`{}`", lent.name),
        }
    }
}

/// One line of `/etc/passwd`: name, password, uid, gid, and more.
fn find_account(accounts: &str, name: &str) -> Option<Lent> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Lent { name: name.to_owned(), uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::{Account, Lent, find_account};

    #[test]
    fn finds_an_account_by_its_whole_name() {
        let accounts = "root:x:0:0::/root:/bin/sh\nnobody2:x:7:7::/:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n";
        let nobody = Lent { name: "nobody".to_owned(), uid: 65534, gid: 65533 };
        assert_eq!(find_account(accounts, "nobody"), Some(nobody));
        assert_eq!(find_account(accounts, "postgres"), None);
    }

    #[tokio::test]
    async fn knows_which_folders_it_reaches() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Account::Same.reaches(folder.path()).await);
        assert!(!Account::Same.reaches(&folder.path().join("missing")).await);
    }
}
