//! A PostgreSQL of this test's own: crashed, and started again on the same data and port.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use rustix::process::{Pid, Signal, getuid, kill_process};

use super::nats::free_port;
use crate::system::{eventually, server};

/// The account `nobody`: PostgreSQL refuses to run as root.
const LENT: u32 = 65_534;

pub struct Postgres {
    port: u16,
    data: PathBuf,
    child: Mutex<Option<Child>>,
}

impl Postgres {
    pub async fn start(folder: &Path) -> Self {
        let postgres = Self { port: free_port(), data: folder.join("postgres"), child: Mutex::default() };
        std::fs::create_dir(&postgres.data).unwrap();
        if getuid().is_root() {
            std::os::unix::fs::chown(&postgres.data, Some(LENT), Some(LENT)).unwrap();
        }
        let mut init = program("initdb");
        init.args(["--username=ally", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"]);
        let made = init.arg(&postgres.data).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        postgres.run();
        postgres.answers().await;
        postgres
    }

    pub fn url(&self) -> String {
        format!("postgres://ally@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it; what the last crash left is recovered from its own log.
    fn run(&self) {
        let mut command = program("postgres");
        command.arg("-D").arg(&self.data);
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", &format!("port={}", self.port)] {
            command.args(["-c", setting]);
        }
        *self.child.lock().unwrap() = Some(command.spawn().unwrap());
    }

    /// SIGKILL. Its processes see that their parent is gone and end where they are; nothing is written any more.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap().take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Starts it again. It refuses while a process of the last run still holds the shared memory: then it is tried again.
    pub async fn restart(&self) {
        self.run();
        self.answers().await;
    }

    /// SIGSTOP to the server and to each of its sessions: it takes connections and bytes, and answers nothing.
    pub fn suspend(&self) {
        self.signal_all(Signal::STOP);
    }

    /// SIGCONT.
    pub fn wake(&self) {
        self.signal_all(Signal::CONT);
    }

    fn signal_all(&self, signal: Signal) {
        let server = Pid::from_child(self.child.lock().unwrap().as_ref().unwrap());
        // The server first: it starts no session then.
        kill_process(server, signal).unwrap();
        for session in children(server) {
            let _ = kill_process(session, signal);
        }
    }

    async fn answers(&self) {
        eventually("PostgreSQL answering", async || {
            let ended = self.child.lock().unwrap().as_mut().is_none_or(|child| child.try_wait().unwrap().is_some());
            if ended {
                self.run();
            }
            let (client, connection) = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await.ok()?;
            let connection = tokio::spawn(connection);
            client.simple_query("SELECT 1").await.ok()?;
            drop(client);
            connection.await.ok()?.ok()
        })
        .await;
    }
}

impl Drop for Postgres {
    /// SIGQUIT: ends at once, and takes its shared memory with it.
    fn drop(&mut self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            let _ = kill_process(Pid::from_child(&child), Signal::QUIT);
            let _ = child.wait();
        }
    }
}

fn children(of: Pid) -> Vec<Pid> {
    let parent = format!("PPid:\t{}\n", of.as_raw_nonzero());
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let children = processes.filter(|pid: &i32| {
        std::fs::read_to_string(format!("/proc/{pid}/status")).is_ok_and(|status| status.contains(&parent))
    });
    children.filter_map(Pid::from_raw).collect()
}

fn program(name: &str) -> Command {
    let mut command = Command::new(Path::new(&server("ALLY_TEST_POSTGRES_BIN")).join(name));
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if getuid().is_root() {
        command.uid(LENT).gid(LENT);
    }
    command
}
