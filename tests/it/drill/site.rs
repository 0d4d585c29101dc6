//! What is broken in the drill: every role at ports of its own, servers of its own, a model, a collector, and people who ask for plans.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ally_handlers::testing::{FakeModel, Reply};
use ally_telemetry::testing::OtlpReceiver;
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::task::AbortOnDropHandle;

use crate::faults::nats::{NatsNode, free_port};
use crate::faults::postgres::Postgres;
use crate::operator::model::models;
use crate::system::{Client, RoleProcess, System, answers};

/// Each role, with the job that Prometheus knows it as and what its variables begin with.
pub const ROLES: [(&str, &str, &str); 5] = [
    ("gateway", "gateway-bff", "GATEWAY_BFF"),
    ("onboarding", "profile-onboarding", "PROFILE_ONBOARDING"),
    ("planner", "planning-engine", "PLANNING_ENGINE"),
    ("presence", "realtime-presence-service", "REALTIME_PRESENCE_SERVICE"),
    ("projector", "projector", "PROJECTOR"),
];

/// How often somebody asks for a plan.
const PACE: Duration = Duration::from_millis(500);
const ATHLETES: usize = 20;

pub struct Site {
    // Dropped in this order: people go first, then the roles, then their servers.
    load: Option<AbortOnDropHandle<()>>,
    roles: BTreeMap<&'static str, RoleProcess>,
    pub system: System,
    pub postgres: Postgres,
    pub node: NatsNode,
    pub collector: Option<OtlpReceiver>,
    model_fails: Arc<AtomicBool>,
    _model: FakeModel,
    _folder: TempDir,
}

impl Site {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The account that PostgreSQL runs as must be able to pass through.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let node = NatsNode::prepare(folder.path(), "n0", "");
        node.start();
        node.healthy().await;
        let postgres = Postgres::start(folder.path()).await;
        let collector = OtlpReceiver::start().await.unwrap();
        let model_fails = Arc::new(AtomicBool::new(false));
        let fails = Arc::clone(&model_fails);
        let good = crate::model::draft();
        let model = FakeModel::start(move |_, seen| match fails.load(Ordering::SeqCst) {
            true => Reply::status(500, ""),
            false if seen.head.starts_with("GET ") => models(r#"{"id":"fake-1"}"#),
            false => good.clone(),
        })
        .await;
        let mut system = System::new();
        for (variable, value) in [
            ("NATS_URL", node.url()),
            ("NATS_MONITOR_PORT", node.monitoring_port().to_string()),
            ("DATABASE_URL", postgres.url()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint()),
            ("OTEL_TRACES_SAMPLER_ARG", "1.0".to_owned()),
            ("PLAN_PROVIDER", "llm".to_owned()),
            ("LLM_BASE_URL", model.base_url()),
            ("LLM_API_KEY", "a key of the drill".to_owned()),
            ("LLM_MODEL", "fake-1".to_owned()),
            ("LLM_FALLBACK", "fail".to_owned()),
        ] {
            system.set(variable, &value);
        }
        for (_, _, variable) in ROLES {
            for port in ["PORT", "METRICS_PORT"] {
                system.set(&format!("{variable}_{port}"), &free_port().to_string());
            }
        }
        system.apply_streams().await;
        let mut site = Self {
            load: None,
            roles: BTreeMap::new(),
            system,
            postgres,
            node,
            collector: Some(collector),
            model_fails,
            _model: model,
            _folder: folder,
        };
        for (role, ..) in ROLES {
            site.start(role).await;
        }
        for role in site.roles.values() {
            role.ready().await;
        }
        site.load = Some(AbortOnDropHandle::new(tokio::spawn(site.athletes().await)));
        site
    }

    /// Athletes who answer, and then ask for a plan again and again, whether anybody listens or not.
    async fn athletes(&self) -> impl Future<Output = ()> + use<> {
        let gateway = &self.roles["gateway"];
        let mut clients: Vec<Client> = Vec::new();
        for n in 0..ATHLETES {
            let client = self.system.client(gateway, &format!("athlete-{n}"));
            client.onboard(&answers()).await;
            clients.push(client);
        }
        async move {
            let mut pace = tokio::time::interval(PACE);
            for n in 0.. {
                pace.tick().await;
                let client = &clients[n % ATHLETES];
                let request = client.request(Method::POST, "/api/v1/plans/generate");
                let asked = request.header("Idempotency-Key", format!("key-{n}")).json(&json!({})).send();
                // Nobody waits for an answer that hangs.
                let _ = tokio::time::timeout(PACE * 4, asked).await;
            }
        }
    }

    /// Starts a role, for the first time or again; it listens then.
    pub async fn start(&mut self, role: &'static str) {
        let started = self.system.start_on_its_ports(role).await;
        self.roles.insert(role, started);
    }

    pub fn kill(&mut self, role: &'static str) {
        self.roles.remove(role).unwrap().kill();
    }

    pub fn role(&self, role: &str) -> &RoleProcess {
        &self.roles[role]
    }

    pub fn set_model(&self, fails: bool) {
        self.model_fails.store(fails, Ordering::SeqCst);
    }

    /// What Prometheus scrapes, by job.
    pub fn targets(&self) -> Vec<(&'static str, String)> {
        let address =
            |role: &str| self.roles[role].metrics.trim_start_matches("http://").trim_end_matches("/metrics").to_owned();
        ROLES.iter().map(|(role, job, _)| (*job, address(role))).collect()
    }

    /// A command as somebody on call types it.
    pub async fn command(&self, arguments: &[&str]) -> Output {
        let mut command = self.system.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }
}

/// Stops nats-server where it stands, or lets it go on.
pub fn signal_nats(node: &NatsNode, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(node.pid()).unwrap()).unwrap(), signal).unwrap();
}
