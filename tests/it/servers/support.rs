//! Runs `ally with-servers` around a shell that says where the servers are and stays until it is told to go.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// The code with which the shell leaves, so that it can be told from every other one.
pub const SHELL_CODE: i32 = 7;
const SHELL: &str = "echo $ALLY_TEST_NATS_URL; echo $ALLY_TEST_NATS_MONITORING_URL; echo $ALLY_TEST_DATABASE_URL; \
                     echo $ALLY_TEST_NATS_SERVER; echo $ALLY_TEST_POSTGRES_BIN; read line; exit 7";
/// Long enough for a busy machine that fetches both servers first.
const PATIENCE: Duration = Duration::from_secs(240);

/// A folder that the account of PostgreSQL can pass through, also where its parent is closed.
pub fn open_folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// The local folder of this checkout, where fetched servers are kept between runs.
pub fn shared_local() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".local")
}

#[allow(clippy::disallowed_methods, reason = "tests find their servers by variables")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make test`, which starts the servers"))
}

/// A PATH on which both servers are found, with the tools that a shell needs.
pub fn path_with_servers() -> String {
    let nats = PathBuf::from(variable("ALLY_TEST_NATS_SERVER"));
    format!("{}:{}:/usr/bin:/bin", nats.parent().unwrap().display(), variable("ALLY_TEST_POSTGRES_BIN"))
}

/// `ally` with nothing of the caller's configuration but what a test sets.
pub fn ally(local: &Path) -> Command {
    configure(Command::new(env!("CARGO_BIN_EXE_ally")), local)
}

/// The same for any program that becomes `ally`.
pub fn configure(mut command: Command, local: &Path) -> Command {
    command.env("ALLY_LOCAL_DIR", local).env("ALLY_SERVERS", "path").env("PATH", path_with_servers());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// `ally up` that is ready.
pub struct Up {
    child: Child,
    rows: Vec<String>,
}

impl Up {
    /// Starts it on free ports and waits until it is ready.
    pub async fn start(local: &Path, arguments: &[&str]) -> Self {
        let mut ally = ally(local);
        for limit in ["RATE_LIMIT_ATHLETE_PER_MINUTE", "RATE_LIMIT_ATHLETE_BURST"] {
            ally.env(limit, "100000");
        }
        let mut child = ally.args(["up", "--free-ports"]).args(arguments).env("RUST_LOG", "off").spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut rows = Vec::new();
        while !rows.iter().any(|row: &String| row.contains("ready;")) {
            rows.push(lines.next_line().await.unwrap().expect("it ended before it was ready"));
        }
        Self { child, rows }
    }

    /// Where it says that something is.
    pub fn url(&self, name: &str, scheme: &str) -> String {
        let row = self.rows.iter().find(|row| row.contains(name)).unwrap();
        row.split_whitespace().find(|word| word.starts_with(scheme)).unwrap().to_owned()
    }

    /// Where it says that a role's metrics are.
    pub fn metrics_url(&self, role: &str) -> String {
        let row = self.rows.iter().find(|row| row.contains(role)).unwrap();
        row.split_whitespace().find(|word| word.ends_with("/metrics")).unwrap().to_owned()
    }

    /// Ends it gently.
    pub async fn stop(mut self) {
        send(self.child.id().unwrap(), Signal::TERM);
        assert_eq!(self.child.wait().await.unwrap().code(), Some(0));
    }

    /// Ends it by force; its servers end with it.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// Servers that run, with the shell between them and their end.
pub struct Running {
    pub nats: String,
    pub monitoring: String,
    pub database: String,
    pub nats_server: PathBuf,
    pub postgres_bin: PathBuf,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts `ally … with-servers <options> -- <the shell>` and waits until the shell has spoken.
    pub async fn start(mut ally: Command, options: &[&str]) -> Self {
        ally.arg("with-servers").args(options).args(["--", "sh", "-c", SHELL]);
        let mut child = ally.spawn().unwrap();
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        while said.len() < 5 {
            match tokio::time::timeout(PATIENCE, stdout.next_line()).await.unwrap().unwrap() {
                Some(line) => said.push(line),
                None => panic!("the servers did not start: {}", read_all(child.stderr.take()).await),
            }
        }
        let mut said = said.into_iter();
        let mut next = || said.next().unwrap();
        let (nats, monitoring, database) = (next(), next(), next());
        let (nats_server, postgres_bin) = (next().into(), next().into());
        Self { nats, monitoring, database, nats_server, postgres_bin, child, stdin, stdout }
    }

    /// The process id of `ally with-servers`.
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Where it can be reached: NATS, monitoring, PostgreSQL.
    pub fn addresses(&self) -> [String; 3] {
        [&self.nats, &self.monitoring, &self.database].map(|url| {
            let authority = url.split("://").nth(1).unwrap();
            authority.rsplit('@').next().unwrap().split('/').next().unwrap().to_owned()
        })
    }

    /// A connection as superuser.
    pub async fn sql(&self) -> tokio_postgres::Client {
        let (client, connection) = tokio_postgres::connect(&self.database, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// JetStream of the started server.
    pub async fn jetstream(&self) -> async_nats::jetstream::Context {
        async_nats::jetstream::new(async_nats::connect(&self.nats).await.unwrap())
    }

    /// Tells the shell to leave and waits for `ally`. Answers how it ended and what it said beside its output.
    pub async fn leave(mut self) -> (ExitStatus, String) {
        self.stdin.take().unwrap().write_all(b"go\n").await.unwrap();
        self.ended().await
    }

    /// Waits for the end that something else brought about.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        while let Ok(Ok(Some(_))) = tokio::time::timeout(PATIENCE, self.stdout.next_line()).await {}
        let stderr = read_all(self.child.stderr.take()).await;
        (tokio::time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap(), stderr)
    }
}

async fn read_all(stderr: Option<tokio::process::ChildStderr>) -> String {
    let mut said = String::new();
    stderr.unwrap().read_to_string(&mut said).await.unwrap();
    said
}

/// Runs a command that ends by itself.
pub async fn output(mut command: Command) -> Output {
    tokio::time::timeout(PATIENCE, command.output()).await.unwrap().unwrap()
}

/// Waits until nobody answers at any of these addresses: the servers are other processes' children and end unseen.
pub async fn assert_nobody_answers(addresses: &[String]) {
    let deadline = Instant::now() + Duration::from_secs(60);
    for address in addresses {
        while TcpStream::connect(address).await.is_ok() {
            assert!(Instant::now() < deadline, "somebody still answers at {address}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The process whose id stands in a file that a server's guard wrote.
pub fn process_in(file: &Path) -> u32 {
    let text = std::fs::read_to_string(file).unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

pub fn send(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

/// Runs a program as root's PostgreSQL account would: `nobody`. Only root can.
pub fn as_nobody(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=65534", "--clear-groups", "--"]).arg(program);
    command
}
