//! A whole Ally of one's own: a prefix on the shared NATS server, a database on the shared PostgreSQL, and the real
//! binary playing each role as a process that can be killed.

mod answer;
mod client;
mod role;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use futures::future::join_all;
use serde_json::Value;

pub use answer::Answer;
pub use client::Client;
pub use role::RoleProcess;

/// A test waits for another process by asking it again; this is the pause in between.
pub const POLL: Duration = Duration::from_millis(20);
/// What has not happened by then is a failure, on any machine.
pub const DEADLINE: Duration = Duration::from_secs(120);

/// The servers that `make test` started.
#[allow(clippy::disallowed_methods, reason = "tests are told by the environment where the servers are")]
pub fn server(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run `make test`, which starts the servers"))
}

/// One test's Ally.
pub struct System {
    prefix: String,
    database: String,
    environment: BTreeMap<String, String>,
    local: tempfile::TempDir,
    streams: tokio::sync::OnceCell<()>,
}

impl System {
    pub fn new() -> Self {
        let prefix = format!("t{:.12}", uuid::Uuid::new_v4().simple().to_string());
        let admin = server("ALLY_TEST_DATABASE_URL");
        let database = format!("{}/{prefix}", admin.rsplit_once('/').unwrap().0);
        let local = tempfile::tempdir().unwrap();
        let set = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let environment = set(&[
            ("ALLY_PREFIX", &prefix),
            ("NATS_URL", &server("ALLY_TEST_NATS_URL")),
            ("DATABASE_URL", &database),
            ("DATABASE_MAX_CONNECTIONS", "4"),
            ("ALLY_JWT_SECRET", SECRET),
            ("ALLY_WEBHOOK_KEY", WEBHOOK_KEY),
            ("ALLY_LOCAL_DIR", local.path().to_str().unwrap()),
            ("RATE_LIMIT_ATHLETE_PER_MINUTE", "0"),
            ("RATE_LIMIT_CLIENT_PER_MINUTE", "0"),
            ("LOG_FORMAT", "json"),
            ("RUST_LOG", "warn"),
        ]);
        Self { prefix, database, environment, local, streams: tokio::sync::OnceCell::new() }
    }

    /// Sets a variable for every role that starts from now on.
    pub fn set(&mut self, variable: &str, value: &str) -> &mut Self {
        self.environment.insert(variable.to_owned(), value.to_owned());
        self
    }

    /// A folder of this test's own.
    pub fn folder(&self) -> &std::path::Path {
        self.local.path()
    }

    pub fn variable(&self, variable: &str) -> &str {
        &self.environment[variable]
    }

    /// A subcommand of the binary with this system's environment.
    pub fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = ally(arguments);
        command.envs(&self.environment).current_dir(self.local.path());
        command
    }

    /// Starts a role and waits until it listens. On the shared server its streams are made before; a test with servers of its
    /// own calls [`Self::apply_streams`] once they run.
    pub async fn start(&self, role: &'static str) -> RoleProcess {
        if self.variable("NATS_URL") == server("ALLY_TEST_NATS_URL") {
            self.streams.get_or_init(|| self.apply_streams()).await;
        }
        self.start_without_streams(role).await
    }

    /// Makes the streams as an operator does. A cluster takes a moment until it can place them.
    pub async fn apply_streams(&self) {
        eventually("the streams are made", async || {
            let mut command = self.command(&["streams", "apply"]);
            let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
            output.status.success().then_some(())
        })
        .await;
    }

    /// Starts a role, whether there are streams or not, and waits until it listens.
    pub async fn start_without_streams(&self, role: &'static str) -> RoleProcess {
        RoleProcess::start(self.command(&["serve", "--role", role]), role).await
    }

    /// Starts a role on the ports that are set.
    pub async fn start_on_its_ports(&self, role: &'static str) -> RoleProcess {
        RoleProcess::start_on_its_ports(self.command(&["serve", "--role", role]), role).await
    }

    /// Starts several roles and waits until all are ready.
    pub async fn start_ready<const N: usize>(&self, roles: [&'static str; N]) -> [RoleProcess; N] {
        let started = join_all(roles.map(|role| self.start(role))).await;
        for role in &started {
            role.ready().await;
        }
        started.try_into().unwrap_or_else(|_| panic!("a role is missing"))
    }

    /// A caller of the gateway, as an athlete.
    pub fn client(&self, gateway: &RoleProcess, athlete: &str) -> Client {
        Client::new(gateway.http.clone(), self.token(athlete))
    }

    pub fn token(&self, athlete: &str) -> String {
        let output = self.command(&["token", "--sub", athlete]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The log, read directly: what really happened.
    pub async fn log(&self) -> ally_nats::NatsEventStore {
        let mut config = ally_nats::NatsConfig::new(server("ALLY_TEST_NATS_URL"));
        config.prefix.clone_from(&self.prefix);
        let jetstream = ally_nats::JetStream::connect(config).await.unwrap();
        jetstream.ensure_topology().await.unwrap();
        ally_nats::NatsEventStore::new(jetstream, ally_nats::Upcasters::default())
    }

    /// The subjects that the stream of jobs and plans holds on the server, read by a client that knows nothing of archives.
    pub async fn hot_subjects(&self) -> Vec<String> {
        let nats = async_nats::connect(server("ALLY_TEST_NATS_URL")).await.unwrap();
        let stream = async_nats::jetstream::new(nats).get_stream(format!("{}_PLANS", self.prefix)).await.unwrap();
        let info: Vec<_> = stream.info_with_subjects(">").await.unwrap().try_collect().await.unwrap();
        info.into_iter().map(|(subject, _)| subject).collect()
    }

    /// Removes what the test made on the shared servers.
    pub async fn remove(self) {
        let nats = async_nats::connect(server("ALLY_TEST_NATS_URL")).await.unwrap();
        let jetstream = async_nats::jetstream::new(nats);
        for stream in ["PLANS", "ONBOARDING", "PRESENCE", "CHANNELS", "WEBHOOKS", "DELIVERIES", "DLQ", "ADVISORIES"] {
            // A stream that no role has made is not there to be removed.
            let _ = jetstream.delete_stream(format!("{}_{stream}", self.prefix)).await;
        }
        let _ = jetstream.delete_stream(format!("KV_{}_locks", self.prefix)).await;
        let name = self.database.rsplit('/').next().unwrap();
        let admin = server("ALLY_TEST_DATABASE_URL");
        let (client, connection) = tokio_postgres::connect(&admin, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.execute(&format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"), &[]).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
    }
}

const SECRET: &str = "a secret of tests, long enough for HS256";
const WEBHOOK_KEY: &str = "a key of tests, long enough for webhooks";

/// A caller of what runs on this machine: never through a proxy of whoever runs the tests.
pub fn http() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

/// Asks once.
pub async fn get(url: impl reqwest::IntoUrl) -> reqwest::Result<reqwest::Response> {
    http().build()?.get(url).send().await
}

/// The binary, with nothing of this process's environment that would configure it.
pub fn ally(arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ally"));
    command.args(arguments).env_clear();
    #[allow(clippy::disallowed_methods, reason = "the binary finds servers on PATH")]
    for kept in ["PATH", "HOME", "TMPDIR", "LLVM_PROFILE_FILE"] {
        if let Ok(value) = std::env::var(kept) {
            command.env(kept, value);
        }
    }
    command
}

/// The machine's own clock, for what stands on real servers.
pub struct SystemClock;

impl ally_domain::ports::Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "real servers go by the machine's clock")]
    fn now(&self) -> time::OffsetDateTime {
        time::OffsetDateTime::now_utc()
    }
}

/// Asks again until there is an answer.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < DEADLINE, "after {} s still not: {what}", DEADLINE.as_secs());
        tokio::time::sleep(POLL).await;
    }
}

/// The answers of an athlete who has everything it takes.
pub fn answers() -> Value {
    serde_json::json!({
        "purpose": "general_fitness", "proficiency": "intermediate", "season": "offseason",
        "availabilityDays": ["monday", "wednesday", "friday"], "weeklyGoalDays": 3, "minutesPerSession": 60,
        "equipment": ["dumbbells", "pull_up_bar"], "recoveryHabits": ["good_sleep"],
    })
}
