//! The headers of a message.

/// Stored once within the duplicate window: `<command id>:<n>`.
pub const MESSAGE_ID: &str = "Nats-Msg-Id";
/// The last sequence that the filter below may have.
pub const EXPECTED_SEQUENCE: &str = "Nats-Expected-Last-Subject-Sequence";
/// Which subjects that expectation is about. The client has no constant for it.
pub const EXPECTED_FILTER: &str = "Nats-Expected-Last-Subject-Sequence-Subject";
/// Which atomic batch.
pub const BATCH_ID: &str = "Nats-Batch-Id";
/// Which message of it, from 1.
pub const BATCH_SEQUENCE: &str = "Nats-Batch-Sequence";
/// On its last message.
pub const BATCH_COMMIT: &str = "Nats-Batch-Commit";
/// When a schedule is due: `@at <RFC 3339>`.
pub const SCHEDULE: &str = "Nats-Schedule";
/// Where it then goes.
pub const SCHEDULE_TARGET: &str = "Nats-Schedule-Target";
/// Which stream a read message comes from.
pub const STREAM: &str = "Nats-Stream";
/// The subject of a message that was read directly.
pub const SUBJECT: &str = "Nats-Subject";
/// Its sequence.
pub const SEQUENCE: &str = "Nats-Sequence";
/// When it was stored.
pub const TIME_STAMP: &str = "Nats-Time-Stamp";
/// How many more a batched read would find.
pub const NUM_PENDING: &str = "Nats-Num-Pending";
/// Which message a batched read sent before it.
pub const LAST_SEQUENCE: &str = "Nats-Last-Sequence";
/// After how many seconds a message ends: `30s`.
pub const TTL: &str = "Nats-TTL";
/// Has a message take the place of all before it: of its subject, `sub`.
pub const ROLLUP: &str = "Nats-Rollup";
/// On a message of a bucket that is no value: `PURGE`, `DEL`.
pub const KV_OPERATION: &str = "KV-Operation";
/// On a message that the server wrote where one ended: `MaxAge`, `Purge`, `Remove`.
pub const MARKER_REASON: &str = "Nats-Marker-Reason";

/// CloudEvents: the event's id.
pub const CE_ID: &str = "ce-id";
/// CloudEvents: the event's type with its version.
pub const CE_TYPE: &str = "ce-type";
/// CloudEvents: who wrote it.
pub const CE_SOURCE: &str = "ce-source";
/// CloudEvents: what it happened to, `job/<id>`.
pub const CE_SUBJECT: &str = "ce-subject";
/// CloudEvents: when it was decided.
pub const CE_TIME: &str = "ce-time";
/// CloudEvents: 1.0.
pub const CE_SPECVERSION: &str = "ce-specversion";
/// What the payload is.
pub const CONTENT_TYPE: &str = "content-type";
/// How the payload is packed; absent where it is not.
pub const CONTENT_ENCODING: &str = "content-encoding";
/// W3C trace context.
pub const TRACEPARENT: &str = "traceparent";
/// W3C trace context, vendors' part.
pub const TRACESTATE: &str = "tracestate";
/// Shared by all that follows from one request.
pub const CORRELATION: &str = "ally-correlation";
/// The event that caused this one.
pub const CAUSATION: &str = "ally-causation";
/// Who did it.
pub const ACTOR: &str = "ally-actor";

/// On a copy of an event (scheduled or parked): where the event itself stands, `PLANS:42`.
pub const ORIGIN: &str = "ally-origin";
/// On such a copy: the subject of the event itself.
pub const ORIGIN_SUBJECT: &str = "ally-origin-subject";
/// On such a copy: how often the event had been delivered.
pub const DELIVERIES: &str = "ally-deliveries";
/// On a dead letter that was put back: the sequence of the entry it had.
pub const DEAD_BEFORE: &str = "ally-dead-before";
/// On a dead letter: which consumer gave up.
pub const DEAD_CONSUMER: &str = "ally-dead-consumer";
/// On a dead letter: why.
pub const DEAD_REASON: &str = "ally-dead-reason";
/// On a dead letter: the group of like causes.
pub const DEAD_FINGERPRINT: &str = "ally-dead-fingerprint";
/// On a dead letter: when it was parked.
pub const DEAD_AT: &str = "ally-dead-at";

/// On the mark of the bucket of leases: which bucket it is.
pub const BUCKET: &str = "ally-bucket";
