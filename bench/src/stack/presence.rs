//! Presence to measure: servers of its own, and the two roles that it needs as processes of their own, so that the costs of
//! each are told apart.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::process::Stdio;

use ally_nats::names::Names;
use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;
use tokio_postgres::NoTls;

use super::engines::Versions;
use super::{STOP_DEADLINE, Subject, address, ports, tail, wait_until_ready};
use crate::load::Http;
use crate::usage::{self, Usage};

/// What only the bench needs: a generator is one address with thousands of users.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("PRESENCE_MESSAGES_PER_SECOND", "0"),
    ("PRESENCE_CONNECTIONS_PER_USER", "0"),
    ("PRESENCE_CONNECTIONS_PER_ADDRESS", "0"),
    // As under `ally up`: batches are cheap to the embedded server.
    ("NATS_SHARE_BATCH_FROM", "4"),
];
/// Runs between the start of the servers and the end of its own input, and says where they are.
const HOLD: &str = r#"echo "$ALLY_TEST_NATS_URL $ALLY_TEST_NATS_MONITORING_URL $ALLY_TEST_DATABASE_URL"; exec cat"#;

/// What each program has used: `presence`, `projector`, `nats-server`, `postgres`.
pub type Costs = BTreeMap<String, Usage>;

/// Servers, the role `presence` and the role `projector`.
pub struct PresenceStack {
    subject: Subject,
    servers: Child,
    /// The servers run for as long as it is open.
    hold: ChildStdin,
    presence: Child,
    projector: Child,
    monitor: SocketAddr,
    database_url: String,
    listens: SocketAddr,
}

impl PresenceStack {
    /// Starts everything with empty data. `set` goes over what the subject sets.
    pub async fn start(subject: &Subject, set: &[(&str, String)]) -> anyhow::Result<Self> {
        raise_open_files();
        let mut command = subject.command();
        command.args(["with-servers", "--durable", "--", "sh", "-c", HOLD]).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(log(subject, "servers")?).kill_on_drop(true);
        let mut servers = command.spawn().context("the servers could not be started")?;
        let hold = servers.stdin.take().context("the servers have no input")?;
        let output = servers.stdout.take().context("the servers have no output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let line = line.with_context(|| tail(&subject.local.join("servers.log")))?;
        let mut words = line.split(' ');
        let mut word = || words.next().context("the servers do not say where they are");
        let (nats, monitor, admin) = (word()?.to_owned(), word()?.to_owned(), word()?.to_owned());
        let database_url = format!("{}/ally", admin.rsplit_once('/').context("the database has no name")?.0);
        let [presence, presence_metrics, projector, projector_metrics] = ports::free()?;
        let role = |name: &str| -> anyhow::Result<Command> {
            let mut command = subject.command();
            command.env("NATS_URL", &nats).env("DATABASE_URL", &database_url).envs(ENVIRONMENT);
            command.envs(set.iter().map(|(name, value)| (name, value)));
            for (name, port) in [
                ("REALTIME_PRESENCE_SERVICE_PORT", presence),
                ("REALTIME_PRESENCE_SERVICE_METRICS_PORT", presence_metrics),
                ("PROJECTOR_PORT", projector),
                ("PROJECTOR_METRICS_PORT", projector_metrics),
            ] {
                command.env(name, port.to_string());
            }
            command.stdout(Stdio::null()).stderr(log(subject, name)?).kill_on_drop(true);
            Ok(command)
        };
        let migrated = role("migrate")?.arg("migrate").status().await?;
        anyhow::ensure!(migrated.success(), tail(&subject.local.join("migrate.log")));
        let start = |name: &str| role(name)?.args(["serve", "--role", name]).spawn().context("a role did not start");
        let (mut own, mut other) = (start("presence")?, start("projector")?);
        for (child, name, port) in [(&mut other, "projector", projector), (&mut own, "presence", presence)] {
            let ready = wait_until_ready(child, std::iter::once(port)).await;
            ready.with_context(|| tail(&subject.local.join(format!("{name}.log"))))?;
        }
        let monitor = monitor.trim_start_matches("http://").parse().context("the monitoring has no address")?;
        let listens = address(presence);
        let subject = subject.clone();
        Ok(Self { subject, servers, hold, presence: own, projector: other, monitor, database_url, listens })
    }

    /// Where presence listens.
    pub const fn address(&self) -> SocketAddr {
        self.listens
    }

    /// Signs the tokens of clients.
    pub fn secret(&self) -> &str {
        self.subject.secret()
    }

    /// What each program has used so far.
    pub fn costs(&self) -> anyhow::Result<Costs> {
        let mut costs = Costs::new();
        let servers = usage::of_tree(pid_of(&self.servers)?)?;
        costs.extend(servers.into_iter().filter(|(program, _)| program == "nats-server" || program == "postgres"));
        for (name, child) in [("presence", &self.presence), ("projector", &self.projector)] {
            let role = usage::of_tree(pid_of(child)?)?.into_values().next();
            costs.insert(name.to_owned(), role.with_context(|| format!("the role {name} has ended"))?);
        }
        Ok(costs)
    }

    /// The heap of the role, in bytes.
    pub fn heap_bytes(&self) -> anyhow::Result<u64> {
        Ok(usage::heap_bytes(pid_of(&self.presence)?))
    }

    /// Messages in the bucket of leases: those that are held, the marks of ended ones, and one that says which bucket it is.
    pub async fn leases(&self) -> anyhow::Result<u64> {
        #[derive(Deserialize)]
        struct Jsz {
            #[serde(default)]
            account_details: Vec<Account>,
        }
        #[derive(Deserialize)]
        struct Account {
            #[serde(default)]
            stream_detail: Vec<Stream>,
        }
        #[derive(Deserialize)]
        struct Stream {
            name: String,
            state: State,
        }
        #[derive(Deserialize)]
        struct State {
            messages: u64,
        }
        let name = Names::new("ally")?.lease_stream();
        let mut request = Request::new(Full::new(Bytes::new()));
        *request.uri_mut() = hyper::Uri::from_static("/jsz?streams=true");
        let (_, body) = Http::new(self.monitor).ask(request).await?;
        let jsz: Jsz = serde_json::from_slice(&body).context("NATS does not say which streams it has")?;
        let mut streams = jsz.account_details.into_iter().flat_map(|account| account.stream_detail);
        Ok(streams.find(|stream| stream.name == name).map_or(0, |stream| stream.state.messages))
    }

    /// What a query of one row of numbers answers.
    pub async fn query<const N: usize>(&self, sql: &str) -> anyhow::Result<[i64; N]> {
        let (client, connection) = tokio_postgres::connect(&self.database_url, NoTls).await?;
        let connection = tokio::spawn(connection);
        let row = client.query_one(sql, &[]).await?;
        let mut numbers = [0; N];
        for (at, number) in numbers.iter_mut().enumerate() {
            *number = row.try_get(at)?;
        }
        drop(client);
        // It ends with the client; its own error would only say so again.
        let _ = connection.await;
        Ok(numbers)
    }

    /// Which programs run.
    pub async fn versions(&self) -> anyhow::Result<Versions> {
        Versions::read(&self.subject.program, pid_of(&self.servers)?).await
    }

    /// Drains the roles, then stops the servers, whose data goes with them.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        for (name, child) in [("presence", &mut self.presence), ("projector", &mut self.projector)] {
            let pid = i32::try_from(pid_of(child)?).ok().and_then(Pid::from_raw).context("a role has no process id")?;
            kill_process(pid, Signal::TERM).with_context(|| format!("the role {name} had ended before"))?;
            let status = timeout(STOP_DEADLINE, child.wait()).await;
            let status =
                status.with_context(|| format!("{name} did not stop within {} s", STOP_DEADLINE.as_secs()))??;
            let log = self.subject.local.join(format!("{name}.log"));
            anyhow::ensure!(status.success(), "the role {name} {status}: {}", tail(&log));
        }
        drop(self.hold);
        let status = timeout(STOP_DEADLINE, self.servers.wait()).await.context("the servers did not stop")??;
        anyhow::ensure!(status.success(), "the servers {status}: {}", tail(&self.subject.local.join("servers.log")));
        Ok(())
    }
}

/// Files that a process may have open; each connection is one.
pub fn open_files() -> u64 {
    getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX)
}

/// Lets this process and those that it starts have as many files open as the machine allows.
pub fn raise_open_files() {
    let most = getrlimit(Resource::Nofile).maximum;
    // Where it is refused, the connections beyond it are.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most });
}

fn pid_of(child: &Child) -> anyhow::Result<u32> {
    child.id().context("a process of the stack has ended")
}

fn log(subject: &Subject, name: &str) -> anyhow::Result<File> {
    let path = subject.local.join(format!("{name}.log"));
    File::create(&path).with_context(|| format!("{} could not be made", path.display()))
}
