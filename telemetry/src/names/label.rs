//! Label keys, and the values of those labels that have few. Every label is bounded: ids of people, jobs and messages
//! never become labels, they belong on spans and in logs.

/// A stream of the log without its prefix: `PLANS`.
pub const STREAM: &str = "stream";
/// An event's type with its version: `plan_job.requested.v1`.
pub const TYPE: &str = "type";
/// How it ended: see [`publish`], [`settlement`], [`success`], [`command_outcome`].
pub const OUTCOME: &str = "outcome";
/// A durable consumer: `planner`.
pub const CONSUMER: &str = "consumer";
/// Work that a role does in the background: `reconciler`.
pub const TASK: &str = "task";
/// A projection: `job_status`.
pub const PROJECTION: &str = "projection";
/// A job's status as the domain spells it: `queued`.
pub const STATUS: &str = "status";
/// The HTTP method, one of the nine registered ones or `_OTHER`.
pub const METHOD: &str = "method";
/// The route's template, never the path: `/api/v1/jobs/{id}`; `_unmatched` when no route took it.
pub const ROUTE: &str = "route";
/// The HTTP status code: `202`.
pub const STATUS_CODE: &str = "status_code";
/// A step of onboarding: `purpose`, or `all` when all answers come at once.
pub const STEP: &str = "step";
/// Who makes the plan: `builtin`, `llm`.
pub const PROVIDER: &str = "provider";
/// Why it failed: a failure code of the domain (`infeasible`), or `attempts_exhausted`.
pub const REASON: &str = "reason";
/// The configured model.
pub const MODEL: &str = "model";
/// Which way tokens went: see [`direction`].
pub const DIRECTION: &str = "direction";
/// What was done: `select`, `insert`, `commit` on the database; `join`, `heartbeat`, `leave`, `reap` in presence.
pub const OPERATION: &str = "operation";
/// The main table of a statement: `job_status`.
pub const TABLE: &str = "table";
/// What Ally stands on: see [`dependency`].
pub const DEPENDENCY: &str = "dependency";
/// What a slot or connection does: see [`slot`]; how a circuit stands: see [`circuit`].
pub const STATE: &str = "state";
/// Which command: `request_plan`.
pub const COMMAND: &str = "command";
/// A presence event's type: `joined`.
pub const EVENT_TYPE: &str = "event_type";
/// What kind of error: a name by cause, never its text.
pub const ERROR_TYPE: &str = "error_type";
/// The version of the running program.
pub const VERSION: &str = "version";
/// The role: `planning-engine`.
pub const SERVICE: &str = "service";
/// The way into presence: `websocket`, `socket_io`, `http`.
pub const DOOR: &str = "door";
/// A worker thread of the runtime, by number.
pub const WORKER: &str = "worker";

/// What became of a publish to the log.
pub mod publish {
    /// Stored, on disk.
    pub const STORED: &str = "stored";
    /// The log held it already: a retry, stored once.
    pub const DUPLICATE: &str = "duplicate";
    /// Its expectation was stale.
    pub const CONFLICT: &str = "conflict";
    /// Refused or not reachable.
    pub const FAILED: &str = "failed";
}

/// How a delivery ended.
pub mod settlement {
    /// Done.
    pub const ACK: &str = "ack";
    /// Handed back for a later try.
    pub const NAK: &str = "nak";
    /// Ended for good without a dead letter.
    pub const TERM: &str = "term";
    /// Parked in the dead letters.
    pub const DEAD_LETTER: &str = "dead_letter";
    /// A later try was scheduled as a message, and the delivery ended.
    pub const SCHEDULED: &str = "scheduled";
    /// Left to the worker that has taken the message over: that one settles it.
    pub const LEFT: &str = "left";
    /// Dropped without a settlement: a defect; it comes again after its ack wait.
    pub const UNSETTLED: &str = "unsettled";
}

/// Whether it worked.
pub mod success {
    /// It did.
    pub const OK: &str = "ok";
    /// It did not.
    pub const ERROR: &str = "error";
}

/// How the execution of a command ended.
pub mod command_outcome {
    /// Events were appended.
    pub const APPENDED: &str = "appended";
    /// Nothing to do, or the log held it already.
    pub const UNCHANGED: &str = "unchanged";
    /// The rules said no.
    pub const REJECTED: &str = "rejected";
    /// Conflicts outlasted the bounded retries.
    pub const CONFLICT: &str = "conflict";
    /// The log failed.
    pub const FAILED: &str = "failed";
}

/// Whether a read that names a position found it.
pub mod freshness {
    /// At once.
    pub const FRESH: &str = "fresh";
    /// After a wait.
    pub const WAITED: &str = "waited";
    /// From the log itself, since the projection had not got there.
    pub const FROM_LOG: &str = "from_log";
    /// The wait's bound came first.
    pub const STALE: &str = "stale";
}

/// What Ally stands on.
pub mod dependency {
    /// JetStream.
    pub const NATS: &str = "nats";
    /// PostgreSQL.
    pub const POSTGRES: &str = "postgres";
    /// The model's endpoint.
    pub const LLM: &str = "llm";
}

/// Which way tokens went.
pub mod direction {
    /// To the model.
    pub const INPUT: &str = "input";
    /// From the model.
    pub const OUTPUT: &str = "output";
}

/// How a request to the model ended, or why the model made no plan.
pub mod llm_outcome {
    /// It answered, whatever it said.
    pub const OK: &str = "ok";
    /// No whole answer in time.
    pub const TIMEOUT: &str = "timeout";
    /// No connection, or one that broke.
    pub const UNREACHABLE: &str = "unreachable";
    /// The endpoint's own fault.
    pub const SERVER_ERROR: &str = "server_error";
    /// Too many requests.
    pub const RATE_LIMITED: &str = "rate_limited";
    /// The endpoint did not accept the request.
    pub const REFUSED: &str = "refused";
    /// More bytes than are read.
    pub const TOO_LARGE: &str = "too_large";
    /// No draft of a plan, also after repairs.
    pub const UNUSABLE: &str = "unusable";
    /// The model would not.
    pub const DECLINED: &str = "declined";
    /// Hard rules broken, also after repairs.
    pub const BROKEN_RULES: &str = "broken_rules";
    /// Not asked: the circuit is open.
    pub const CIRCUIT_OPEN: &str = "circuit_open";
    /// Not asked: every slot stayed taken.
    pub const BUSY: &str = "busy";
    /// Given up before its end: the job was cancelled or the attempt over.
    pub const CANCELLED: &str = "cancelled";
}

/// How a circuit breaker stands.
pub mod circuit {
    /// Everything goes through.
    pub const CLOSED: &str = "closed";
    /// One request tries.
    pub const HALF_OPEN: &str = "half_open";
    /// Nothing goes through.
    pub const OPEN: &str = "open";
}

/// What a worker slot or a pooled connection does.
pub mod slot {
    /// Working.
    pub const BUSY: &str = "busy";
    /// Free to take.
    pub const IDLE: &str = "idle";
    /// How many there may be.
    pub const MAX: &str = "max";
}
