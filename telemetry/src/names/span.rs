//! Span names: the static ones for tracing's macros, and how the shown name (`otel.name`) is composed. A shown name has
//! few values: templates, never ids.

/// An HTTP request being answered; shown as [`http_server`].
pub const HTTP_SERVER: &str = "http_server";
/// A command being executed: load, decide, append.
pub const EXECUTE: &str = "execute";
/// A message being sent to the log; shown as [`send`].
pub const SEND: &str = "send";
/// Several appends going to the log as one batch; links to each of them.
pub const COMMIT: &str = "commit";
/// A delivered message being worked on; shown as [`process`].
pub const PROCESS: &str = "process";
/// A delivery being ended otherwise than by an acknowledgement, which the span of the work says; shown as [`settle`].
pub const SETTLE: &str = "settle";
/// A dead letter being put back; links to the trace in which it was given up.
pub const REDRIVE: &str = "redrive";
/// A statement or transaction; shown as [`database`].
pub const DATABASE: &str = "database";
/// A model being asked; shown as [`chat`].
pub const CHAT: &str = "chat";
/// A webhook being sent; shown as [`webhook`].
pub const WEBHOOK: &str = "webhook";
/// A batch of events being applied to projections; links to the span that sent each of them, and is the child of that span where
/// all of them are of one trace; shown as [`project`].
pub const PROJECT: &str = "project";
/// A plan being generated.
pub const GENERATE_PLAN: &str = "generate_plan";
/// A step of onboarding being taken up.
pub const ONBOARDING_STEP: &str = "onboarding_step";
/// A business operation; shown as [`operation`].
pub const OPERATION: &str = "operation";
/// Something that happens on a socket: a client connects, sends a message, goes; shown as [`socket`].
pub const SOCKET: &str = "socket";
/// A presence operation; shown as [`presence`].
pub const PRESENCE: &str = "presence";
/// A command on the bucket of leases; shown as [`lease`].
pub const LEASE: &str = "lease";

/// The values of `otel.kind`.
pub mod kind {
    /// Answers a remote caller.
    pub const SERVER: &str = "server";
    /// Calls something remote and waits.
    pub const CLIENT: &str = "client";
    /// Sends a message.
    pub const PRODUCER: &str = "producer";
    /// Works on a message.
    pub const CONSUMER: &str = "consumer";
    /// Everything else.
    pub const INTERNAL: &str = "internal";
}

/// The values of `otel.status_code`.
pub mod status {
    /// It ended well.
    pub const OK: &str = "OK";
    /// It failed.
    pub const ERROR: &str = "ERROR";
}

/// `POST /api/v1/plans/generate`
#[must_use]
pub fn http_server(method: &str, route: &str) -> String {
    format!("{method} {route}")
}

/// `send ally.es.job.{id}.requested`
#[must_use]
pub fn send(subject_template: &str) -> String {
    format!("send {subject_template}")
}

/// `process ally.es.job.{id}.requested`
#[must_use]
pub fn process(subject_template: &str) -> String {
    format!("process {subject_template}")
}

/// `ack planner`, `nak planner`
#[must_use]
pub fn settle(settlement: &str, consumer: &str) -> String {
    format!("{settlement} {consumer}")
}

/// `SELECT job_status`: the summary of a query.
#[must_use]
pub fn database(operation: &str, table: &str) -> String {
    format!("{operation} {table}")
}

/// `chat <model>`
#[must_use]
pub fn chat(model: &str) -> String {
    format!("chat {model}")
}

/// `webhook job.completed`
#[must_use]
pub fn webhook(message_type: &str) -> String {
    format!("webhook {message_type}")
}

/// `project job_status`
#[must_use]
pub fn project(projection: &str) -> String {
    format!("project {projection}")
}

/// `business.export_plan`
#[must_use]
pub fn operation(operation_type: &str) -> String {
    format!("business.{operation_type}")
}

/// `socket join`
#[must_use]
pub fn socket(event: &str) -> String {
    format!("socket {event}")
}

/// `presence.join`
#[must_use]
pub fn presence(operation: &str) -> String {
    format!("presence.{operation}")
}

/// `lease hold`
#[must_use]
pub fn lease(command: &str) -> String {
    format!("lease {command}")
}
