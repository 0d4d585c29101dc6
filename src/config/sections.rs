//! The sections of the configuration with their defaults: what a developer's machine needs, and nothing open to others.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use ally_telemetry::export::SpanMemory;
use serde::{Deserialize, Serialize};

use super::{Address, Secret};

/// The roles a process can play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Role {
    /// The public REST API.
    Gateway,
    /// The process manager of onboarding.
    Onboarding,
    /// The plan workers.
    Planner,
    /// Realtime presence.
    Presence,
    /// The projections.
    Projector,
}

impl Role {
    /// Every role, in the order in which a job meets them; presence meets none.
    pub const ALL: [Self; 5] = [Self::Gateway, Self::Onboarding, Self::Planner, Self::Presence, Self::Projector];

    /// The role on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Onboarding => "onboarding",
            Self::Planner => "planner",
            Self::Presence => "presence",
            Self::Projector => "projector",
        }
    }

    /// The role as traces, logs and dashboards name it.
    pub const fn service(self) -> &'static str {
        match self {
            Self::Gateway => "gateway-bff",
            Self::Onboarding => "profile-onboarding",
            Self::Planner => "planning-engine",
            Self::Presence => "realtime-presence-service",
            Self::Projector => "projector",
        }
    }
}

/// A role's two ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolePorts {
    /// HTTP.
    pub http: u16,
    /// Prometheus.
    pub metrics: u16,
}

/// Where the roles listen.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ports {
    /// The address to bind; loopback unless told.
    pub host: IpAddr,
    /// Where a command asks a role that runs elsewhere: a name in which `{role}` stands for `gateway`, `onboarding` and so on. On
    /// this machine unless told.
    pub role_host: Option<String>,
    /// `gateway-bff`
    pub gateway: RolePorts,
    /// `profile-onboarding`
    pub onboarding: RolePorts,
    /// `planning-engine`
    pub planner: RolePorts,
    /// `realtime-presence-service`
    pub presence: RolePorts,
    /// `projector`
    pub projector: RolePorts,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            role_host: None,
            gateway: RolePorts { http: 4000, metrics: 9464 },
            onboarding: RolePorts { http: 4101, metrics: 9465 },
            planner: RolePorts { http: 4102, metrics: 9466 },
            presence: RolePorts { http: 4103, metrics: 9467 },
            projector: RolePorts { http: 4104, metrics: 9468 },
        }
    }
}

impl Ports {
    /// A role's ports.
    pub const fn of(&self, role: Role) -> RolePorts {
        match role {
            Role::Gateway => self.gateway,
            Role::Onboarding => self.onboarding,
            Role::Planner => self.planner,
            Role::Presence => self.presence,
            Role::Projector => self.projector,
        }
    }

    /// A role's ports, to move them.
    pub const fn of_mut(&mut self, role: Role) -> &mut RolePorts {
        match role {
            Role::Gateway => &mut self.gateway,
            Role::Onboarding => &mut self.onboarding,
            Role::Planner => &mut self.planner,
            Role::Presence => &mut self.presence,
            Role::Projector => &mut self.projector,
        }
    }
}

/// The event log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Nats {
    /// `nats://host:port`, several separated by commas.
    pub url: Address,
    /// The first token of every subject; deployments that share a server differ in it.
    pub prefix: String,
    /// How many servers `ally streams apply` lets hold each stream at least: 1, 3 or 5. It takes none away; roles do not read
    /// it, they go by the streams.
    pub replicas: Option<usize>,
    /// What one server's store takes, in bytes: its `max_file_store`, which a client is not told.
    pub store_limit_bytes: Option<u64>,
    /// From how many appends at once on they share an atomic batch. Fewer where a batch costs the server little: on more than
    /// one replica, and where its open batches are in memory.
    pub share_batch_from: Option<usize>,
}

impl Default for Nats {
    fn default() -> Self {
        Self {
            url: Address::new("nats://127.0.0.1:4222"),
            prefix: "ally".into(),
            replicas: None,
            store_limit_bytes: None,
            share_batch_from: None,
        }
    }
}

/// The views.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `postgres://user:password@host:port/database`
    pub url: Address,
    /// Connections a role keeps at most.
    pub max_connections: usize,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: Address::new("postgres://ally@127.0.0.1:5432/ally"), max_connections: 8 }
    }
}

/// Where finished jobs go, and when.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Archive {
    /// `file:///a/folder`, the same for every process. Nothing leaves the log unless told.
    pub url: Option<Address>,
    /// How long ago a job must have ended.
    pub after_seconds: u64,
    /// How often the projector looks for such jobs.
    pub every_seconds: u64,
    /// From so many bytes of events on a segment of the archive takes no further job.
    pub segment_bytes: u64,
}

impl Default for Archive {
    fn default() -> Self {
        Self { url: None, after_seconds: 30 * 24 * 3_600, every_seconds: 3_600, segment_bytes: 8 << 20 }
    }
}

/// Who may call.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// Signs and checks tokens (HS256), at least 32 bytes. `up` and `demo` make one of their own when there is none.
    pub jwt_secret: Option<Secret>,
    /// The issuer that a token must name. Its subjects are this deployment's own: set it before the first of them comes.
    pub issuer: Option<String>,
    /// The audience that a token must name.
    pub audience: Option<String>,
}

/// What a caller may do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpLimits {
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// How long a request may take.
    pub request_deadline_ms: u64,
    /// Requests at once.
    pub max_in_flight: usize,
    /// Streams of events at once, on one node.
    pub event_streams: usize,
    /// Streams of events of one athlete at once, on one node; 0 is no limit.
    pub event_streams_per_athlete: usize,
    /// Streams of events of one client address at once, on one node; 0 is no limit.
    pub event_streams_per_client: usize,
    /// Origins that a browser may call from, separated by commas; none unless told.
    pub cors_allowed_origins: String,
    /// Whether a proxy in front names the client in `X-Forwarded-For`.
    pub trust_forwarded_for: bool,
    /// Requests over time.
    pub rate: RateLimit,
    /// Jobs that may wait before submission answers 503.
    pub max_queue_depth: u64,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024,
            request_deadline_ms: 45_000,
            max_in_flight: 1_024,
            event_streams: 6_000,
            event_streams_per_athlete: 64,
            event_streams_per_client: 2_048,
            cors_allowed_origins: String::new(),
            trust_forwarded_for: false,
            rate: RateLimit::default(),
            max_queue_depth: 100_000,
        }
    }
}

/// Requests over time. A rate of 0 a minute is no limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimit {
    /// Requests a minute that one athlete may go on sending.
    pub athlete_per_minute: u32,
    /// Requests that one athlete may send at once.
    pub athlete_burst: u32,
    /// Requests a minute that one client address may go on sending.
    pub client_per_minute: u32,
    /// Requests that one client address may send at once.
    pub client_burst: u32,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self { athlete_per_minute: 600, athlete_burst: 120, client_per_minute: 6_000, client_burst: 1_200 }
    }
}

/// How much is worked on at once, and how often.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Concurrency {
    /// Plan jobs at once in one planner.
    pub planner_max_in_flight: usize,
    /// Plan jobs at once in one planner, beside these, that go before others: a first plan, or one that was expedited.
    pub planner_express_max_in_flight: usize,
    /// Plan jobs of one athlete at once in each of the two queues of one planner.
    pub max_jobs_per_athlete: usize,
    /// Onboardings at once in one process manager.
    pub onboarding_max_in_flight: usize,
    /// Attempts between a request and the dead letters.
    pub max_attempts: u32,
    /// How long one attempt may take.
    pub attempt_deadline_ms: u64,
    /// How long a delivery may stay unanswered before another worker gets it.
    pub ack_wait_ms: u64,
    /// How long work in hand may go on after a request to stop.
    pub drain_deadline_ms: u64,
    /// How often the projector looks for open jobs that no consumer holds.
    pub reconcile_every_seconds: u64,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self {
            planner_max_in_flight: 16,
            planner_express_max_in_flight: 4,
            max_jobs_per_athlete: 8,
            onboarding_max_in_flight: 16,
            max_attempts: 5,
            attempt_deadline_ms: 60_000,
            ack_wait_ms: 15_000,
            drain_deadline_ms: 10_000,
            reconcile_every_seconds: 15,
        }
    }
}

/// Traces and logs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Observability {
    /// Where traces go: `http://host:4318` over HTTP, `http://host:4317` over gRPC. Nowhere unless told.
    pub otlp_endpoint: Option<Address>,
    /// How they go there: `http/protobuf` or `grpc`.
    pub otlp_protocol: String,
    /// What each export says beside its spans, a collector's key for example: `name=value,name=value`, values percent-encoded.
    pub otlp_headers: Option<Secret>,
    /// The old way to say it, `http://host:14268/api/traces`; mapped to OTLP on the same host, with a warning.
    pub jaeger_endpoint: Option<Address>,
    /// What traces call the service; the role unless told.
    pub service_name: Option<String>,
    /// What else traces say of the deployment: `name=value,name=value`, values percent-encoded.
    pub resource_attributes: String,
    /// Traces are neither recorded nor sent. Logs, metrics and trace ids stay.
    pub disabled: bool,
    /// The share of traces that are kept, 0 to 1; everything in development and a tenth in production unless told.
    pub sample_ratio: Option<f64>,
    /// `json`, `text`, or `auto`, which is text too, with colours in a terminal.
    pub log_format: String,
    /// What is logged: `info`, `debug`, `ally_nats=debug,info`.
    pub log_filter: String,
    /// `development`, `production`.
    pub environment: String,
    /// Where spans are kept in this process: `ally demo` shows a trace without a collector. No variable sets it.
    #[serde(skip)]
    pub span_memory: Option<SpanMemory>,
}

impl Default for Observability {
    fn default() -> Self {
        Self {
            otlp_endpoint: None,
            otlp_protocol: "http/protobuf".into(),
            otlp_headers: None,
            jaeger_endpoint: None,
            service_name: None,
            resource_attributes: String::new(),
            disabled: false,
            sample_ratio: None,
            log_format: "auto".into(),
            log_filter: "info".into(),
            environment: "development".into(),
            span_memory: None,
        }
    }
}

/// Where the servers that Ally starts itself come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerSource {
    /// From PATH where they are new enough, else fetched.
    Auto,
    /// From PATH only.
    Path,
    /// Fetched only.
    Fetched,
}

/// The servers that `up`, `demo` and the tests start themselves.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Embedded {
    /// Where they come from.
    pub servers: ServerSource,
    /// Everything that Ally writes on a developer's machine stands under this folder.
    pub local_dir: PathBuf,
    /// NATS for clients.
    pub nats_port: u16,
    /// NATS monitoring.
    pub nats_monitor_port: u16,
    /// PostgreSQL.
    pub postgres_port: u16,
}

impl Default for Embedded {
    fn default() -> Self {
        Self {
            servers: ServerSource::Auto,
            local_dir: PathBuf::from(".local"),
            nats_port: 4222,
            nats_monitor_port: 8222,
            postgres_port: 5432,
        }
    }
}
