//! Keys of span attributes: OpenTelemetry semantic conventions 1.44 where they have one, else the founding names.
//! Never an attribute: tokens, passwords, payloads, whole objects.
//!
//! Used as `{ attr::JOB_ID } = %id` inside tracing's macros; attributes whose value comes later are declared with
//! `tracing::field::Empty` and recorded by `span.record(attr::JOB_ID, …)`.

macro_rules! attributes {
    ($( $(#[doc = $doc:literal])+ $name:ident = $text:literal; )+) => {
        $( $(#[doc = $doc])+ pub const $name: &str = $text; )+
        /// Every attribute key.
        pub const ALL: &[&str] = &[$($text),+];
    };
}

attributes! {
    /// The name that a span shows, where it differs from tracing's static one.
    OTEL_NAME = "otel.name";
    /// One of [`span::kind`](super::span::kind).
    OTEL_KIND = "otel.kind";
    /// `OK` or `ERROR`.
    OTEL_STATUS_CODE = "otel.status_code";
    /// Why it is an error, in a sentence.
    OTEL_STATUS_DESCRIPTION = "otel.status_description";
    /// What kind of error: by cause, few values.
    ERROR_TYPE = "error.type";

    /// `GET`
    HTTP_REQUEST_METHOD = "http.request.method";
    /// The route's template: `/api/v1/jobs/{id}`.
    HTTP_ROUTE = "http.route";
    /// `202`
    HTTP_RESPONSE_STATUS_CODE = "http.response.status_code";
    /// Bytes of the request's body.
    HTTP_REQUEST_BODY_SIZE = "http.request.body.size";
    /// The path without its query.
    URL_PATH = "url.path";
    /// `http` or `https`
    URL_SCHEME = "url.scheme";
    /// The host that was called.
    SERVER_ADDRESS = "server.address";
    /// The port that was called.
    SERVER_PORT = "server.port";
    /// Who called, as an IP address.
    CLIENT_ADDRESS = "client.address";
    /// What the caller says it is.
    USER_AGENT_ORIGINAL = "user_agent.original";

    /// Always [`NATS`].
    MESSAGING_SYSTEM = "messaging.system";
    /// `send`, `process`, `ack`
    MESSAGING_OPERATION_NAME = "messaging.operation.name";
    /// `send`, `receive`, `process`, `settle`
    MESSAGING_OPERATION_TYPE = "messaging.operation.type";
    /// The stream: `PLANS`.
    MESSAGING_DESTINATION_NAME = "messaging.destination.name";
    /// The subject's template: `ally.es.job.{id}.requested`.
    MESSAGING_DESTINATION_TEMPLATE = "messaging.destination.template";
    /// The durable consumer.
    MESSAGING_CONSUMER_GROUP_NAME = "messaging.consumer.group.name";
    /// The message id: `<command id>:<n>`.
    MESSAGING_MESSAGE_ID = "messaging.message.id";
    /// Shared by all that follows from one request.
    MESSAGING_MESSAGE_CONVERSATION_ID = "messaging.message.conversation_id";
    /// Bytes of the message's body.
    MESSAGING_MESSAGE_BODY_SIZE = "messaging.message.body.size";
    /// How an append ended: one of [`publish`](super::publish).
    APPEND_OUTCOME = "ally.append.outcome";
    /// How many messages one send or one unit of work covers.
    MESSAGING_BATCH_MESSAGE_COUNT = "messaging.batch.message_count";
    /// Where the message stands in its stream.
    MESSAGING_NATS_STREAM_SEQUENCE = "messaging.nats.stream_sequence";
    /// How often it was delivered, from 1.
    MESSAGING_NATS_DELIVERY_COUNT = "messaging.nats.delivery_count";
    /// How the delivery ended: one of [`settlement`](super::settlement).
    MESSAGING_NATS_SETTLEMENT = "messaging.nats.settlement";

    /// Always [`POSTGRESQL`].
    DB_SYSTEM_NAME = "db.system.name";
    /// The database's name.
    DB_NAMESPACE = "db.namespace";
    /// `SELECT`
    DB_OPERATION_NAME = "db.operation.name";
    /// The main table.
    DB_COLLECTION_NAME = "db.collection.name";
    /// The span's name: `SELECT job_status`.
    DB_QUERY_SUMMARY = "db.query.summary";
    /// SQLSTATE of an error: `40001`.
    DB_RESPONSE_STATUS_CODE = "db.response.status_code";
    /// How many rows came back or changed.
    DB_RESPONSE_RETURNED_ROWS = "db.response.returned_rows";
    /// The founding name of the operation.
    DATABASE_OPERATION = "database.operation";
    /// The founding name of the table.
    DATABASE_TABLE = "database.table";

    /// `chat`
    GEN_AI_OPERATION_NAME = "gen_ai.operation.name";
    /// `openai`
    GEN_AI_PROVIDER_NAME = "gen_ai.provider.name";
    /// The model that was asked.
    GEN_AI_REQUEST_MODEL = "gen_ai.request.model";
    /// Tokens sent.
    GEN_AI_USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens";
    /// Tokens received.
    GEN_AI_USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens";
    /// Characters of the prompt; its text never.
    LLM_PROMPT_LENGTH = "llm.prompt_length";

    /// The step of onboarding.
    ONBOARDING_STEP = "onboarding.step";
    /// What the athlete trains for.
    ONBOARDING_PURPOSE = "onboarding.purpose";
    /// How experienced the athlete is.
    ONBOARDING_PROFICIENCY = "onboarding.proficiency";
    /// How complex the wished plan is: sessions in all.
    PLAN_COMPLEXITY = "plan.complexity";
    /// How many kinds of equipment there are.
    PLAN_EQUIPMENT_COUNT = "plan.equipment_count";
    /// How many days a week are free.
    PLAN_AVAILABILITY_DAYS = "plan.availability_days";
    /// The plan.
    PLAN_ID = "plan.id";
    /// Who makes the plan: `builtin`, `llm`.
    PLAN_PROVIDER = "plan.provider";

    /// The job.
    JOB_ID = "job_id";
    /// Which attempt, from 1.
    JOB_ATTEMPT = "job.attempt";
    /// What the span's work is about: `job`.
    AGGREGATE_KIND = "ally.aggregate.kind";
    /// Which one.
    AGGREGATE_ID = "ally.aggregate.id";
    /// Which command is executed.
    COMMAND_NAME = "ally.command";
    /// The projection.
    PROJECTION_NAME = "ally.projection";
    /// A position in the log: `PLANS:42`.
    POSITION = "ally.position";
    /// Attempts of an append or a command that lost a race.
    CONFLICTS = "ally.conflicts";

    /// A business operation's type.
    OPERATION_TYPE = "operation.type";
    /// Bytes that a business operation works on.
    OPERATION_SIZE_BYTES = "operation.data_size_bytes";
    /// The athlete or operator: an opaque id.
    USER_ID = "user.id";
    /// What kind of exception: by cause.
    EXCEPTION_TYPE = "exception.type";
    /// What it says.
    EXCEPTION_MESSAGE = "exception.message";

    /// `connect`, `disconnect`, `presence:join`
    SOCKET_EVENT = "socket.event";
    /// The connection.
    SOCKET_CONNECTION_ID = "socket.connection_id";
    /// `websocket`, `polling`
    SOCKET_TRANSPORT = "socket.transport";
    /// `join`, `heartbeat`, `leave`, `reap`, `metadata_set`, `lock_acquire`
    PRESENCE_OPERATION = "presence.operation";
    /// The room.
    PRESENCE_ROOM_ID = "presence.room_id";
    /// The member.
    PRESENCE_USER_ID = "presence.user_id";
    /// The member's connection.
    PRESENCE_CONN_ID = "presence.conn_id";
    /// The lease's revision.
    PRESENCE_EPOCH = "presence.epoch";
    /// Whether a heartbeat changed the state.
    PRESENCE_STATE_CHANGED = "presence.state_changed";
    /// `hold`, `hold_after`, `release`, `get`, `watch`
    LEASE_COMMAND = "lease.command";
    /// The key in the bucket of leases: the connection.
    LEASE_KEY = "lease.key";
    /// Members in a snapshot.
    PRESENCE_SNAPSHOT_SIZE = "presence.snapshot_size";
    /// Members of the room after the operation.
    PRESENCE_MEMBERS = "presence.members";
    /// Why a member left.
    PRESENCE_LEAVE_REASON = "presence.leave_reason";
    /// The channel's type.
    PRESENCE_CHANNEL_TYPE = "presence.channel_type";
    /// The channel's name.
    PRESENCE_CHANNEL_NAME = "presence.channel_name";
    /// The channel's major revision behind the operation.
    PRESENCE_MAJOR_REVISION = "presence.major_revision";
    /// The lock that is taken, released, or named by a change.
    PRESENCE_LOCK_NAME = "presence.lock_name";
    /// Members that the reaper let go.
    PRESENCE_REAPED = "presence.reaped";

    /// The endpoint that a webhook goes to.
    WEBHOOK_ENDPOINT_ID = "webhook.endpoint_id";

    /// Who speaks: the role, unless `OTEL_SERVICE_NAME` says otherwise; on the resource.
    SERVICE_NAME = "service.name";
    /// The role, whatever the service is called; on the resource.
    ROLE = "ally.role";
    /// The program's version, on the resource.
    SERVICE_VERSION = "service.version";
    /// Which process, on the resource.
    SERVICE_INSTANCE_ID = "service.instance.id";
    /// `development`, `production`, on the resource.
    DEPLOYMENT_ENVIRONMENT_NAME = "deployment.environment.name";
}

/// The keys whose values are whole numbers, whatever type they were recorded with.
pub const NUMBERS: &[&str] = &[
    HTTP_RESPONSE_STATUS_CODE,
    HTTP_REQUEST_BODY_SIZE,
    SERVER_PORT,
    MESSAGING_MESSAGE_BODY_SIZE,
    MESSAGING_BATCH_MESSAGE_COUNT,
    MESSAGING_NATS_STREAM_SEQUENCE,
    MESSAGING_NATS_DELIVERY_COUNT,
    DB_RESPONSE_RETURNED_ROWS,
    GEN_AI_USAGE_INPUT_TOKENS,
    GEN_AI_USAGE_OUTPUT_TOKENS,
    LLM_PROMPT_LENGTH,
    PLAN_EQUIPMENT_COUNT,
    PLAN_AVAILABILITY_DAYS,
    JOB_ATTEMPT,
    CONFLICTS,
    OPERATION_SIZE_BYTES,
    PRESENCE_EPOCH,
    PRESENCE_SNAPSHOT_SIZE,
    PRESENCE_MEMBERS,
    PRESENCE_REAPED,
    PRESENCE_MAJOR_REVISION,
];

/// The value of [`MESSAGING_SYSTEM`].
pub const NATS: &str = "nats";
/// The value of [`DB_SYSTEM_NAME`].
pub const POSTGRESQL: &str = "postgresql";
