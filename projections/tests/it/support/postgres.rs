//! A PostgreSQL server of the test's own, to be killed.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The user that PostgreSQL runs as when the tests run as root, which it refuses to be.
const NOBODY: &str = "65534";

pub struct OwnPostgres {
    directory: TempDir,
    port: u16,
    settings: Vec<String>,
    server: Option<Child>,
}

impl OwnPostgres {
    /// Makes a cluster, without starting it.
    pub fn new(settings: &[&str]) -> Self {
        let directory = tempfile::Builder::new().prefix("ally-pg-").tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if is_root() {
            let owned = Command::new("chown").arg(NOBODY).arg(directory.path()).status().unwrap();
            assert!(owned.success());
        }
        let made = unprivileged("initdb")
            .args(["--username=ally", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "-D"])
            .arg(directory.path().join("data"))
            .stdout(Stdio::null())
            .status()
            .expect("initdb does not start");
        assert!(made.success(), "initdb failed");
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        Self { directory, port, settings, server: None }
    }

    pub fn url(&self) -> String {
        format!("postgres://ally@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts the server. It may still refuse connections when this returns.
    pub fn start(&mut self) {
        let mut command = unprivileged("postgres");
        command.arg("-D").arg(self.directory.path().join("data"));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-c", "unix_socket_directories="]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.server = Some(command.spawn().expect("postgres does not start"));
    }

    /// SIGKILL to the server and each of its processes at once: nothing in memory survives.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let id = server.id();
            let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
            let doomed = std::iter::once(id.to_string()).chain(children.split_whitespace().map(ToOwned::to_owned));
            let _ = Command::new("kill").arg("-KILL").args(doomed).status();
            let _ = server.wait();
        }
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A program of the PostgreSQL that `make test` uses; on a new machine none is on PATH.
#[allow(clippy::disallowed_methods, reason = "tests are told by the environment where the servers are")]
fn unprivileged(program: &str) -> Command {
    let installation = std::env::var("ALLY_TEST_POSTGRES_BIN")
        .expect("ALLY_TEST_POSTGRES_BIN is not set: run `make test`, which starts the servers");
    let program = std::path::Path::new(&installation).join(program);
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(program);
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}
