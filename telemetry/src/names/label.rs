//! Label keys, and the values of those labels that have few. Every label is bounded: ids of people, jobs and messages
//! never become labels, they belong on spans and in logs.

/// A label: its key and what its values are.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    /// As Prometheus shows it.
    pub key: &'static str,
    doc: &'static str,
}

impl Label {
    /// What its values are.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        self.doc.trim_ascii()
    }
}

macro_rules! labels {
    ($( $(#[doc = $doc:literal])+ $name:ident = $text:literal; )+) => {
        $( $(#[doc = $doc])+ pub const $name: &str = $text; )+

        /// Every label, in the order of this table.
        pub const LABELS: &[Label] = &[ $( Label { key: $text, doc: concat!($($doc),+) } ),+ ];
    };
}

labels! {
    /// A stream of the log without its prefix: `PLANS`.
    STREAM = "stream";
    /// An event's type with its version: `plan_job.requested.v1`.
    TYPE = "type";
    /// How it ended.
    OUTCOME = "outcome";
    /// A durable consumer: `planner`.
    CONSUMER = "consumer";
    /// Work that a role does in the background: `reconciler`.
    TASK = "task";
    /// A projection: `job_status`.
    PROJECTION = "projection";
    /// A job's status as the domain spells it: `queued`.
    STATUS = "status";
    /// Figures that are measured together.
    FIGURES = "figures";
    /// The HTTP method, one of the nine registered ones or `_OTHER`.
    METHOD = "method";
    /// The route's template, never the path: `/api/v1/jobs/{id}`; `_unmatched` when no route took it.
    ROUTE = "route";
    /// The HTTP status code: `202`.
    STATUS_CODE = "status_code";
    /// A step of onboarding: `purpose`, or `all` when all answers come at once.
    STEP = "step";
    /// Who makes the plan.
    PROVIDER = "provider";
    /// Why it failed; or what a limit was about.
    REASON = "reason";
    /// The configured model.
    MODEL = "model";
    /// Which way tokens went.
    DIRECTION = "direction";
    /// What was done: `select`, `insert`, `commit` on the database; `join`, `heartbeat`, `leave`, `reap` in presence.
    OPERATION = "operation";
    /// The main table of a statement: `job_status`.
    TABLE = "table";
    /// What Ally stands on.
    DEPENDENCY = "dependency";
    /// What a slot or connection does; or how a circuit stands.
    STATE = "state";
    /// Which command: `request_plan`.
    COMMAND = "command";
    /// A presence event's type: `joined`.
    EVENT_TYPE = "event_type";
    /// What kind of error: a name by cause, never its text.
    ERROR_TYPE = "error_type";
    /// The version of the running program.
    VERSION = "version";
    /// The role: `planning-engine`.
    SERVICE = "service";
    /// The way into presence: `websocket`, `socket_io`, `http`.
    DOOR = "door";
    /// Which limit refused.
    LIMIT = "limit";
    /// A worker thread of the runtime, by number.
    WORKER = "worker";
}

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
    /// Each of them.
    pub const ALL: [&str; 4] = [STORED, DUPLICATE, CONFLICT, FAILED];
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
    /// Each of them.
    pub const ALL: [&str; 7] = [ACK, NAK, TERM, DEAD_LETTER, SCHEDULED, LEFT, UNSETTLED];
}

/// Who makes a plan.
pub mod provider {
    /// The engine of the program.
    pub const BUILTIN: &str = "builtin";
    /// A model, with the engine behind it.
    pub const LLM: &str = "llm";
    /// No provider is asked: the engine makes the next version of a plan.
    pub const ADAPTATION: &str = "adaptation";
}

/// Why a plan job ended without a plan.
pub mod failure {
    /// No plan meets the rules for these answers.
    pub const INFEASIBLE: &str = "infeasible";
    /// The answers call for a professional's yes first.
    pub const CLEARANCE_REQUIRED: &str = "clearance_required";
    /// A provider refused for good.
    pub const REJECTED: &str = "rejected";
    /// The job was not finished by its deadline.
    pub const DEADLINE_PASSED: &str = "deadline_passed";
    /// Given up and parked: its attempts are used up, or its message cannot be worked on.
    pub const DEAD_LETTERED: &str = "dead_lettered";
    /// Each of them.
    pub const ALL: [&str; 5] = [INFEASIBLE, CLEARANCE_REQUIRED, REJECTED, DEADLINE_PASSED, DEAD_LETTERED];
}

/// How an attempt to make a plan ended.
pub mod attempt_outcome {
    /// Its plan is in the log.
    pub const MADE: &str = "made";
    /// It can never work.
    pub const FAILED: &str = "failed";
    /// It may work later.
    pub const TRANSIENT: &str = "transient";
    /// The job was to be stopped, or had ended meanwhile.
    pub const CANCELLED: &str = "cancelled";
    /// The log did not take its end, or another worker has taken the job over.
    pub const LOST: &str = "lost";
    /// Each of them.
    pub const ALL: [&str; 5] = [MADE, FAILED, TRANSIENT, CANCELLED, LOST];
}

/// Whether it worked.
pub mod success {
    /// It did.
    pub const OK: &str = "ok";
    /// It did not.
    pub const ERROR: &str = "error";
    /// Each of them.
    pub const ALL: [&str; 2] = [OK, ERROR];
}

/// How a statement ended.
pub mod query_outcome {
    /// The server answered.
    pub const OK: &str = "ok";
    /// The server refused, or was not reachable.
    pub const ERROR: &str = "error";
    /// No answer within the statement's deadline.
    pub const TIMEOUT: &str = "timeout";
    /// Who asked did not wait for the answer.
    pub const DROPPED: &str = "dropped";
    /// Each of them.
    pub const ALL: [&str; 4] = [OK, ERROR, TIMEOUT, DROPPED];
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
    /// Each of them.
    pub const ALL: [&str; 5] = [APPENDED, UNCHANGED, REJECTED, CONFLICT, FAILED];
}

/// Whether a read that names a position found it.
pub mod freshness {
    /// At once.
    pub const FRESH: &str = "fresh";
    /// After a wait.
    pub const WAITED: &str = "waited";
    /// The wait's bound came first.
    pub const STALE: &str = "stale";
    /// Each of them.
    pub const ALL: [&str; 3] = [FRESH, WAITED, STALE];
}

/// What refuses requests.
pub mod limit {
    /// An athlete's share.
    pub const ATHLETE: &str = "athlete";
    /// A client address's share.
    pub const CLIENT: &str = "client";
    /// Requests at once.
    pub const IN_FLIGHT: &str = "in_flight";
    /// Jobs that wait.
    pub const QUEUE: &str = "queue";
    /// Streams of events that are open.
    pub const EVENT_STREAMS: &str = "event_streams";
    /// Each of them.
    pub const ALL: [&str; 5] = [ATHLETE, CLIENT, IN_FLIGHT, QUEUE, EVENT_STREAMS];
}

/// What is measured together.
pub mod figures {
    /// Jobs by status.
    pub const JOBS: &str = "jobs";
    /// How far projections are behind the log.
    pub const PROJECTION_LAG: &str = "projection_lag";
    /// How consumers stand.
    pub const CONSUMERS: &str = "consumers";
    /// What is parked.
    pub const DEAD_LETTERS: &str = "dead_letters";
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
    /// Each of them.
    pub const ALL: [&str; 2] = [INPUT, OUTPUT];
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
    /// Each of them.
    pub const ALL: [&str; 13] = [
        OK,
        TIMEOUT,
        UNREACHABLE,
        SERVER_ERROR,
        RATE_LIMITED,
        REFUSED,
        TOO_LARGE,
        UNUSABLE,
        DECLINED,
        BROKEN_RULES,
        CIRCUIT_OPEN,
        BUSY,
        CANCELLED,
    ];
}

/// How an attempt to send a webhook ended.
pub mod webhook_outcome {
    /// The endpoint took it.
    pub const DELIVERED: &str = "delivered";
    /// It did not.
    pub const FAILED: &str = "failed";
    /// Given up before its end: the worker ended.
    pub const CANCELLED: &str = "cancelled";
    /// All of them.
    pub const ALL: [&str; 3] = [DELIVERED, FAILED, CANCELLED];
}

/// How an endpoint of webhooks stands.
pub mod endpoint_state {
    /// It takes its messages.
    pub const HEALTHY: &str = "healthy";
    /// It did not take the last ones.
    pub const FAILING: &str = "failing";
    /// It is sent nothing.
    pub const DISABLED: &str = "disabled";
    /// All of them.
    pub const ALL: [&str; 3] = [HEALTHY, FAILING, DISABLED];
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
