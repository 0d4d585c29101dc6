//! The metrics: name, kind, unit, labels, buckets and meaning in one table.

use super::{buckets, label, service};

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows while the process lives.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations into buckets.
    Histogram,
}

/// What a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Time.
    Seconds,
    /// Memory.
    Bytes,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// As Prometheus shows it.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// What it counts.
    pub unit: Unit,
    /// The keys of its labels; no others are recorded.
    pub labels: &'static [&'static str],
    /// Upper bounds of its buckets; empty unless it is a histogram.
    pub buckets: &'static [f64],
    /// The roles that record it, as [`service`] names them.
    pub roles: &'static [&'static str],
    doc: &'static str,
}

impl Metric {
    /// What it means, in one sentence.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        self.doc.trim_ascii()
    }
}

macro_rules! metrics {
    ($( $(#[doc = $doc:literal])+ $name:ident = $text:literal, $kind:ident of $unit:ident, [$($label:ident),*] $(, $buckets:ident)? by $roles:ident ; )+) => {
        $( $(#[doc = $doc])+ pub const $name: &str = $text; )+

        /// Every metric, in the order of this table.
        pub const METRICS: &[Metric] = &[ $( Metric {
            name: $text,
            kind: Kind::$kind,
            unit: Unit::$unit,
            labels: &[$(label::$label),*],
            buckets: metrics!(@buckets $($buckets)?),
            roles: $roles,
            doc: concat!($($doc),+),
        } ),+ ];
    };
    (@buckets) => { &[] };
    (@buckets $buckets:ident) => { buckets::$buckets };
}

/// Which roles record a metric.
const EVERY: &[&str] = service::ALL;
const GATEWAY: &[&str] = &[service::GATEWAY_BFF];
const PLANNER: &[&str] = &[service::PLANNING_ENGINE];
const PRESENCE: &[&str] = &[service::REALTIME_PRESENCE_SERVICE];
const PROJECTOR: &[&str] = &[service::PROJECTOR];
/// Those that measure what others do, so that losing one blinds nobody.
const MEASURING: &[&str] = &[service::GATEWAY_BFF, service::PROJECTOR];
/// Those that answer requests of the API.
const SERVING: &[&str] = &[service::GATEWAY_BFF, service::REALTIME_PRESENCE_SERVICE];
/// Those that request jobs.
const REQUESTING: &[&str] = &[service::GATEWAY_BFF, service::PROFILE_ONBOARDING, service::PROJECTOR];
/// Those that work on messages, and with them those that settle others.
const WORKING: &[&str] = &[service::PROFILE_ONBOARDING, service::PLANNING_ENGINE, service::PROJECTOR];
const SETTLING: &[&str] = &[service::PROFILE_ONBOARDING, service::PLANNING_ENGINE, service::PROJECTOR];
/// Those that give jobs up, and with them those that end others.
const GIVING_UP: &[&str] = &[service::PLANNING_ENGINE, service::PROJECTOR];
const ENDING: &[&str] = &[service::GATEWAY_BFF, service::PLANNING_ENGINE, service::PROJECTOR];
/// Those that execute commands on jobs, plans and athletes.
const DECIDING: &[&str] =
    &[service::GATEWAY_BFF, service::PROFILE_ONBOARDING, service::PLANNING_ENGINE, service::PROJECTOR];
/// Those that follow the log.
const READING: &[&str] = &[service::GATEWAY_BFF, service::REALTIME_PRESENCE_SERVICE, service::PROJECTOR];
/// Those that ask PostgreSQL.
const QUERYING: &[&str] =
    &[service::GATEWAY_BFF, service::PLANNING_ENGINE, service::REALTIME_PRESENCE_SERVICE, service::PROJECTOR];

metrics! {
    /// Onboardings begun: the first accepted answer, or all answers at once.
    ONBOARDING_REQUESTS_TOTAL = "onboarding_requests_total", Counter of Count, [] by GATEWAY;
    /// Onboardings whose profile became complete.
    ONBOARDING_COMPLETIONS_TOTAL = "onboarding_completions_total", Counter of Count, [] by GATEWAY;
    /// Time to take up the answers of one onboarding step.
    ONBOARDING_STEP_DURATION_SECONDS = "onboarding_step_duration_seconds", Histogram of Seconds, [STEP], API by GATEWAY;

    /// Plan jobs accepted, each once.
    PLAN_GENERATION_REQUESTS_TOTAL = "plan_generation_requests_total", Counter of Count, [] by REQUESTING;
    /// Time of one attempt to generate a plan, from its start to its outcome; a job's own time is job_duration_seconds.
    PLAN_GENERATION_DURATION_SECONDS = "plan_generation_duration_seconds", Histogram of Seconds, [PROVIDER, OUTCOME], PLAN by PLANNER;
    /// Plan jobs that ended with a plan, each once at its end.
    PLAN_GENERATION_SUCCESS_TOTAL = "plan_generation_success_total", Counter of Count, [PROVIDER] by PLANNER;
    /// Plan jobs that ended without a plan, each once at its end; a redriven dead letter ends once more, and one that was cancelled
    /// is none.
    PLAN_GENERATION_FAILURES_TOTAL = "plan_generation_failures_total", Counter of Count, [PROVIDER, REASON] by GIVING_UP;
    /// Attempts to generate a plan, by how they ended; a job has one or more.
    PLAN_ATTEMPTS_TOTAL = "plan_attempts_total", Counter of Count, [PROVIDER, OUTCOME] by PLANNER;
    /// Jobs by status, as the projection counts them; each role measures it by itself, so take the maximum.
    JOBS = "jobs", Gauge of Count, [STATUS] by MEASURING;
    /// When a role measured figures last, in seconds since 1970: what it shows of them is as old as that.
    FIGURES_TIMESTAMP_SECONDS = "figures_timestamp_seconds", Gauge of Seconds, [FIGURES] by MEASURING;
    /// Times that admission went on with an old depth of the queue or none, because the views did not tell it in time.
    ADMISSION_UNMEASURED_TOTAL = "admission_unmeasured_total", Counter of Count, [] by GATEWAY;
    /// Time a job waited from its request to the start of its first attempt.
    JOB_WAIT_SECONDS = "job_wait_seconds", Histogram of Seconds, [], WAIT by PLANNER;
    /// Time from a job's request to its end, by the status that it ended with.
    JOB_DURATION_SECONDS = "job_duration_seconds", Histogram of Seconds, [STATUS], JOB by ENDING;
    /// Attempts that failed and will be followed by another.
    JOB_RETRIES_TOTAL = "job_retries_total", Counter of Count, [PROVIDER] by PLANNER;
    /// Open jobs that no consumer held at the last look, promised ones included; what is treated is none any more.
    JOBS_ORPHANED = "jobs_orphaned", Gauge of Count, [] by PROJECTOR;
    /// Orphaned jobs that were treated, by how.
    JOBS_RECONCILED_TOTAL = "jobs_reconciled_total", Counter of Count, [OUTCOME] by PROJECTOR;
    /// Times that work in the background of a role broke down and was begun anew.
    BACKGROUND_RESTARTS_TOTAL = "background_restarts_total", Counter of Count, [TASK] by EVERY;
    /// Messages that a role can work on at once, by consumer and by what they do.
    WORKER_SLOTS = "worker_slots", Gauge of Count, [CONSUMER, STATE] by WORKING;

    /// API requests answered.
    API_REQUESTS_TOTAL = "api_requests_total", Counter of Count, [METHOD, ROUTE, STATUS_CODE] by SERVING;
    /// Time to answer an API request.
    API_RESPONSE_TIME_SECONDS = "api_response_time_seconds", Histogram of Seconds, [METHOD, ROUTE], API by SERVING;
    /// API requests that the server failed to answer well: status 500 and above.
    API_ERRORS_TOTAL = "api_errors_total", Counter of Count, [METHOD, ROUTE, STATUS_CODE] by SERVING;
    /// Time to answer any HTTP request, health and metrics included.
    HTTP_SERVER_REQUEST_DURATION_SECONDS = "http_server_request_duration_seconds", Histogram of Seconds, [METHOD, ROUTE, STATUS_CODE], API by EVERY;
    /// HTTP requests whose caller hung up before there was an answer; a command that had begun goes on.
    HTTP_SERVER_HUNG_UP_TOTAL = "http_server_hung_up_total", Counter of Count, [] by EVERY;
    /// Requests refused by a limit: 429 for an athlete's share and a client address's, 503 for requests at once and the queue.
    REQUESTS_LIMITED_TOTAL = "requests_limited_total", Counter of Count, [LIMIT] by SERVING;
    /// Streams of job events that are open on this node.
    EVENT_STREAMS = "event_streams", Gauge of Count, [] by GATEWAY;
    /// Job events that went out on streams, each time that one did.
    EVENT_STREAM_EVENTS_TOTAL = "event_stream_events_total", Counter of Count, [] by GATEWAY;
    /// Streams of job events that ended, by why: as their clients were told, or `gone` where the client went by itself.
    EVENT_STREAM_ENDS_TOTAL = "event_stream_ends_total", Counter of Count, [REASON] by GATEWAY;
    /// Time from a job event to its being handed to a stream that is open.
    EVENT_STREAM_DELAY_SECONDS = "event_stream_delay_seconds", Histogram of Seconds, [], API by GATEWAY;
    /// HTTP requests being answered now.
    HTTP_SERVER_ACTIVE_REQUESTS = "http_server_active_requests", Gauge of Count, [] by EVERY;

    /// Commands executed, by how it ended.
    COMMANDS_TOTAL = "commands_total", Counter of Count, [COMMAND, OUTCOME] by DECIDING;
    /// Conflicts met while executing commands; each is retried within a bound.
    COMMAND_CONFLICTS_TOTAL = "command_conflicts_total", Counter of Count, [COMMAND] by EVERY;

    /// Decisions refused because the aggregate holds an event of a newer version, by that event's type.
    COMMAND_NEWER_EVENTS_TOTAL = "command_newer_events_total", Counter of Count, [TYPE] by EVERY;

    /// Messages published to the log, by what became of them.
    MESSAGES_PUBLISHED_TOTAL = "messages_published_total", Counter of Count, [STREAM, TYPE, OUTCOME] by EVERY;
    /// Times the queue of appends to a stream broke down and was started anew.
    APPEND_QUEUE_RESTARTS_TOTAL = "append_queue_restarts_total", Counter of Count, [STREAM] by EVERY;
    /// Reads of single messages and of whole aggregates that were asked of the log.
    LOG_READS_TOTAL = "log_reads_total", Counter of Count, [STREAM] by EVERY;
    /// Events in one append to the log.
    APPEND_BATCH_SIZE = "append_batch_size", Histogram of Count, [STREAM], BATCH_SIZE by EVERY;
    /// Time from handing an append over to its events being on disk.
    APPEND_DURATION_SECONDS = "append_duration_seconds", Histogram of Seconds, [STREAM], APPEND by EVERY;
    /// Stored messages that a reader of the log skipped, because this version cannot read them.
    EVENTS_SKIPPED_TOTAL = "events_skipped_total", Counter of Count, [STREAM, REASON] by READING;
    /// Messages delivered to a consumer, redeliveries included.
    MESSAGES_CONSUMED_TOTAL = "messages_consumed_total", Counter of Count, [STREAM, CONSUMER, TYPE] by WORKING;
    /// Deliveries ended, by how.
    MESSAGES_SETTLED_TOTAL = "messages_settled_total", Counter of Count, [CONSUMER, OUTCOME] by SETTLING;
    /// Time a handler worked on one delivered message.
    MESSAGE_PROCESS_DURATION_SECONDS = "message_process_duration_seconds", Histogram of Seconds, [CONSUMER, TYPE], PROCESS by WORKING;
    /// Messages that a consumer has still to be given.
    CONSUMER_PENDING = "consumer_pending", Gauge of Count, [CONSUMER] by MEASURING;
    /// Settings of a consumer that are not as its role needs them, or 1 while it is not there; then its other gauges are NaN.
    CONSUMER_FAULTS = "consumer_faults", Gauge of Count, [CONSUMER] by MEASURING;
    /// Messages given to a consumer and not settled.
    CONSUMER_ACK_PENDING = "consumer_ack_pending", Gauge of Count, [CONSUMER] by MEASURING;
    /// Age of the oldest message that a consumer has not settled; 0 when there is none.
    CONSUMER_OLDEST_AGE_SECONDS = "consumer_oldest_age_seconds", Gauge of Seconds, [CONSUMER] by MEASURING;
    /// 1 while an operator has paused a consumer, else 0.
    CONSUMER_PAUSED = "consumer_paused", Gauge of Count, [CONSUMER] by MEASURING;
    /// When a consumer's pause ends by itself, in seconds since 1970; 0 while there is none.
    CONSUMER_PAUSED_UNTIL_TIMESTAMP_SECONDS = "consumer_paused_until_timestamp_seconds", Gauge of Seconds, [CONSUMER] by MEASURING;
    /// Times a consumer's pull was recreated because it had stalled.
    CONSUMER_STALLS_TOTAL = "consumer_stalls_total", Counter of Count, [CONSUMER] by WORKING;
    /// What the streams take of one server's store, as the process measured it last; every role measures the same store.
    JETSTREAM_STORAGE_BYTES = "jetstream_storage_bytes", Gauge of Bytes, [] by EVERY;
    /// What one server's store takes; absent where neither NATS_STORE_LIMIT_BYTES nor the account says.
    JETSTREAM_STORAGE_LIMIT_BYTES = "jetstream_storage_limit_bytes", Gauge of Bytes, [] by EVERY;
    /// Messages parked in the dead letters.
    DEAD_LETTERS = "dead_letters", Gauge of Count, [CONSUMER] by MEASURING;

    /// Finished jobs whose events left the log for the archive.
    ARCHIVE_JOBS_TOTAL = "archive_jobs_total", Counter of Count, [] by PROJECTOR;
    /// Events that left the log for the archive.
    ARCHIVE_EVENTS_TOTAL = "archive_events_total", Counter of Count, [] by PROJECTOR;
    /// Size of the segments that were written to the archive, compressed.
    ARCHIVE_BYTES_TOTAL = "archive_bytes_total", Counter of Bytes, [] by PROJECTOR;
    /// Segments that the log names and that are not in the archive, or not whole; those that were declared lost are not counted.
    ARCHIVE_SEGMENTS_MISSING = "archive_segments_missing", Gauge of Count, [] by PROJECTOR;
    /// Runs of the archiver, by whether they worked.
    ARCHIVE_RUNS_TOTAL = "archive_runs_total", Counter of Count, [OUTCOME] by PROJECTOR;

    /// Events applied to a projection.
    PROJECTION_EVENTS_TOTAL = "projection_events_total", Counter of Count, [PROJECTION, TYPE] by PROJECTOR;
    /// Events passed over because this version does not know their type.
    PROJECTION_UNKNOWN_EVENTS_TOTAL = "projection_unknown_events_total", Counter of Count, [STREAM, TYPE] by PROJECTOR;
    /// Events passed over because their data cannot be read or written; each is a row of `projection_failure` for each view that
    /// goes without it.
    PROJECTION_FAILURES_TOTAL = "projection_failures_total", Counter of Count, [STREAM, TYPE] by PROJECTOR;
    /// Events that the projection goes without, of a newer version or not readable, until it is rebuilt; above 0 it is incomplete.
    PROJECTION_INCOMPLETE_EVENTS = "projection_incomplete_events", Gauge of Count, [PROJECTION] by PROJECTOR;
    /// Events that the log holds and the projection has not applied.
    PROJECTION_LAG_EVENTS = "projection_lag_events", Gauge of Count, [PROJECTION] by MEASURING;
    /// Age of the newest event that the projection has applied, while it lags; 0 when it has caught up.
    PROJECTION_LAG_SECONDS = "projection_lag_seconds", Gauge of Seconds, [PROJECTION] by MEASURING;
    /// Reads that named a position, by whether the projection had got there.
    PROJECTION_READS_TOTAL = "projection_reads_total", Counter of Count, [PROJECTION, OUTCOME] by GATEWAY;

    /// Database statements, by how they ended; one that its caller did not wait for ended with that.
    DATABASE_QUERIES_TOTAL = "database_queries_total", Counter of Count, [OPERATION, TABLE, OUTCOME] by QUERYING;
    /// Time of a database statement, the wait for a connection included; of one that nobody waited for, until it was given up.
    DATABASE_QUERY_DURATION_SECONDS = "database_query_duration_seconds", Histogram of Seconds, [OPERATION, TABLE], DATABASE by QUERYING;
    /// Pooled database connections by what they do.
    DATABASE_CONNECTIONS = "database_connections", Gauge of Count, [STATE] by QUERYING;

    /// Requests to the model.
    LLM_REQUESTS_TOTAL = "llm_requests_total", Counter of Count, [PROVIDER, MODEL, OUTCOME] by PLANNER;
    /// Time until the model's whole answer was there.
    LLM_RESPONSE_TIME_SECONDS = "llm_response_time_seconds", Histogram of Seconds, [PROVIDER, MODEL], LLM by PLANNER;
    /// Tokens sent to and received from the model.
    LLM_TOKENS_USED_TOTAL = "llm_tokens_used_total", Counter of Count, [PROVIDER, MODEL, DIRECTION] by PLANNER;
    /// Answers that went back to the model because they broke rules or were no draft.
    LLM_REPAIRS_TOTAL = "llm_repairs_total", Counter of Count, [PROVIDER, MODEL] by PLANNER;
    /// Plans that the built-in engine made because the model did not, by why.
    LLM_FALLBACKS_TOTAL = "llm_fallbacks_total", Counter of Count, [REASON] by PLANNER;
    /// 1 for the state that the circuit to the model's endpoint is in.
    LLM_CIRCUIT = "llm_circuit", Gauge of Count, [STATE] by PLANNER;

    /// Endpoints of webhooks, by how they stand.
    WEBHOOK_ENDPOINTS = "webhook_endpoints", Gauge of Count, [STATE] by PROJECTOR;
    /// Attempts to send a webhook, by how they ended.
    WEBHOOK_ATTEMPTS_TOTAL = "webhook_attempts_total", Counter of Count, [OUTCOME] by PROJECTOR;
    /// Time of one attempt to send a webhook.
    WEBHOOK_ATTEMPT_DURATION_SECONDS = "webhook_attempt_duration_seconds", Histogram of Seconds, [OUTCOME], WEBHOOK by PROJECTOR;
    /// Time from what a webhook tells of until its endpoint has taken it.
    WEBHOOK_DELAY_SECONDS = "webhook_delay_seconds", Histogram of Seconds, [], JOB by PROJECTOR;
    /// Webhooks that were given up: all attempts were used up, or the endpoint wants nothing more.
    WEBHOOKS_GIVEN_UP_TOTAL = "webhooks_given_up_total", Counter of Count, [] by PROJECTOR;

    /// Live presence connections, by the door that they came in by.
    PRESENCE_CONNECTIONS_ACTIVE = "presence_connections_active", Gauge of Count, [DOOR] by PRESENCE;
    /// Rooms with at least one member.
    PRESENCE_ROOMS_ACTIVE = "presence_rooms_active", Gauge of Count, [] by PRESENCE;
    /// Presence operations done.
    PRESENCE_OPERATION_TOTAL = "presence_operation_total", Counter of Count, [OPERATION] by PRESENCE;
    /// Presence events sent out.
    PRESENCE_EVENT_TOTAL = "presence_event_total", Counter of Count, [EVENT_TYPE] by PRESENCE;
    /// Members who left, by why.
    PRESENCE_LEAVES_TOTAL = "presence_leaves_total", Counter of Count, [REASON] by PRESENCE;
    /// Members whose lease had ended, found by this node; of several nodes that find one, one tells.
    PRESENCE_REAPED_TOTAL = "presence_reaped_total", Counter of Count, [] by PRESENCE;
    /// Appends to a room that came too late, because another node had changed it.
    PRESENCE_CONFLICTS_TOTAL = "presence_conflicts_total", Counter of Count, [] by PRESENCE;
    /// Followers that were cut off because they read too slowly.
    PRESENCE_SLOW_TOTAL = "presence_slow_total", Counter of Count, [] by PRESENCE;
    /// Changes of a channel's metadata that were refused, because a revision was another one than expected or others kept changing it.
    METADATA_CONFLICTS_TOTAL = "metadata_conflicts_total", Counter of Count, [REASON] by PRESENCE;
    /// Operations that were refused because of a lock: held by somebody else, not held, fenced by a later holder, or not reachable.
    METADATA_LOCK_FAILURES_TOTAL = "metadata_lock_failures_total", Counter of Count, [REASON] by PRESENCE;
    /// Times that a change of a channel's metadata was decided again, because somebody else had changed the channel first.
    METADATA_RETRIES_TOTAL = "metadata_retries_total", Counter of Count, [] by PRESENCE;
    /// Time of a presence operation.
    PRESENCE_OPERATION_DURATION_SECONDS = "presence_operation_duration_seconds", Histogram of Seconds, [OPERATION], PRESENCE by PRESENCE;
    /// Time of a command on the lease bucket.
    LEASE_COMMAND_DURATION_SECONDS = "lease_command_duration_seconds", Histogram of Seconds, [COMMAND], PRESENCE by PRESENCE;
    /// Time from a heartbeat's arrival to its answer.
    PRESENCE_HEARTBEAT_LATENCY_SECONDS = "presence_heartbeat_latency_seconds", Histogram of Seconds, [], PRESENCE by PRESENCE;
    /// Presence operations that failed.
    PRESENCE_ERROR_TOTAL = "presence_error_total", Counter of Count, [OPERATION, ERROR_TYPE] by PRESENCE;

    /// 1 while what Ally stands on answers, 0 while it does not.
    DEPENDENCY_UP = "dependency_up", Gauge of Count, [DEPENDENCY] by EVERY;
    /// 1, with the version and role of the running program as labels.
    BUILD_INFO = "build_info", Gauge of Count, [VERSION, SERVICE] by EVERY;
    /// Spans handed to the collector.
    SPANS_EXPORTED_TOTAL = "spans_exported_total", Counter of Count, [] by EVERY;
    /// Spans lost because the collector did not take them.
    SPANS_LOST_TOTAL = "spans_lost_total", Counter of Count, [] by EVERY;

    /// Resident memory of the process.
    PROCESS_RESIDENT_MEMORY_BYTES = "process_resident_memory_bytes", Gauge of Bytes, [] by EVERY;
    /// Virtual memory of the process.
    PROCESS_VIRTUAL_MEMORY_BYTES = "process_virtual_memory_bytes", Gauge of Bytes, [] by EVERY;
    /// Processor time of the process, user and system.
    PROCESS_CPU_SECONDS_TOTAL = "process_cpu_seconds_total", Counter of Seconds, [] by EVERY;
    /// Open file descriptors.
    PROCESS_OPEN_FDS = "process_open_fds", Gauge of Count, [] by EVERY;
    /// How many file descriptors may be open.
    PROCESS_MAX_FDS = "process_max_fds", Gauge of Count, [] by EVERY;
    /// When the process started, in seconds since 1970.
    PROCESS_START_TIME_SECONDS = "process_start_time_seconds", Gauge of Seconds, [] by EVERY;
    /// Threads of the process.
    PROCESS_THREADS = "process_threads", Gauge of Count, [] by EVERY;

    /// Worker threads of the role's runtime.
    TOKIO_WORKERS = "tokio_workers", Gauge of Count, [] by EVERY;
    /// Tasks alive in the role's runtime.
    TOKIO_ALIVE_TASKS = "tokio_alive_tasks", Gauge of Count, [] by EVERY;
    /// Tasks waiting in the runtime's global queue.
    TOKIO_GLOBAL_QUEUE_DEPTH = "tokio_global_queue_depth", Gauge of Count, [] by EVERY;
    /// Time that a worker thread was busy.
    TOKIO_WORKER_BUSY_SECONDS_TOTAL = "tokio_worker_busy_seconds_total", Counter of Seconds, [WORKER] by EVERY;
    /// How late the runtime polled a task that was due: the event loop's lag.
    TOKIO_SCHEDULING_DELAY_SECONDS = "tokio_scheduling_delay_seconds", Histogram of Seconds, [], SCHEDULING by EVERY;
}
