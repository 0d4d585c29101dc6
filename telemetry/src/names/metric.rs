//! The metrics: name, kind, unit, labels, buckets and meaning in one table.

use super::{buckets, label};

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
    ($( $(#[doc = $doc:literal])+ $name:ident = $text:literal, $kind:ident of $unit:ident, [$($label:ident),*] $(, $buckets:ident)? ; )+) => {
        $( $(#[doc = $doc])+ pub const $name: &str = $text; )+

        /// Every metric, in the order of this table.
        pub const METRICS: &[Metric] = &[ $( Metric {
            name: $text,
            kind: Kind::$kind,
            unit: Unit::$unit,
            labels: &[$(label::$label),*],
            buckets: metrics!(@buckets $($buckets)?),
            doc: concat!($($doc),+),
        } ),+ ];
    };
    (@buckets) => { &[] };
    (@buckets $buckets:ident) => { buckets::$buckets };
}

metrics! {
    /// Onboardings begun: the first accepted answer, or all answers at once.
    ONBOARDING_REQUESTS_TOTAL = "onboarding_requests_total", Counter of Count, [];
    /// Onboardings whose profile became complete.
    ONBOARDING_COMPLETIONS_TOTAL = "onboarding_completions_total", Counter of Count, [];
    /// Time to take up the answers of one onboarding step.
    ONBOARDING_STEP_DURATION_SECONDS = "onboarding_step_duration_seconds", Histogram of Seconds, [STEP], API;

    /// Plan jobs accepted.
    PLAN_GENERATION_REQUESTS_TOTAL = "plan_generation_requests_total", Counter of Count, [];
    /// Time of one attempt to generate a plan, from its start to its outcome.
    PLAN_GENERATION_DURATION_SECONDS = "plan_generation_duration_seconds", Histogram of Seconds, [PROVIDER, OUTCOME], PLAN;
    /// Plan jobs that ended with a plan.
    PLAN_GENERATION_SUCCESS_TOTAL = "plan_generation_success_total", Counter of Count, [PROVIDER];
    /// Plan jobs that ended without a plan.
    PLAN_GENERATION_FAILURES_TOTAL = "plan_generation_failures_total", Counter of Count, [PROVIDER, REASON];
    /// Jobs by status, as the projection counts them.
    JOBS = "jobs", Gauge of Count, [STATUS];
    /// Time a job waited from its request to the start of its first attempt.
    JOB_WAIT_SECONDS = "job_wait_seconds", Histogram of Seconds, [], WAIT;
    /// Time from a job's request to its end.
    JOB_DURATION_SECONDS = "job_duration_seconds", Histogram of Seconds, [STATUS], PLAN;
    /// Attempts that failed and will be followed by another.
    JOB_RETRIES_TOTAL = "job_retries_total", Counter of Count, [PROVIDER];
    /// Open jobs that no consumer held at the last look, promised ones included; what is treated is none any more.
    JOBS_ORPHANED = "jobs_orphaned", Gauge of Count, [];
    /// Orphaned jobs that were treated, by how.
    JOBS_RECONCILED_TOTAL = "jobs_reconciled_total", Counter of Count, [OUTCOME];
    /// Times that work in the background of a role broke down and was begun anew.
    BACKGROUND_RESTARTS_TOTAL = "background_restarts_total", Counter of Count, [TASK];
    /// Worker slots by what they do.
    WORKER_SLOTS = "worker_slots", Gauge of Count, [STATE];

    /// API requests answered.
    API_REQUESTS_TOTAL = "api_requests_total", Counter of Count, [METHOD, ROUTE, STATUS_CODE];
    /// Time to answer an API request.
    API_RESPONSE_TIME_SECONDS = "api_response_time_seconds", Histogram of Seconds, [METHOD, ROUTE], API;
    /// API requests that the server failed to answer well: status 500 and above.
    API_ERRORS_TOTAL = "api_errors_total", Counter of Count, [METHOD, ROUTE, STATUS_CODE];
    /// Time to answer any HTTP request, health and metrics included.
    HTTP_SERVER_REQUEST_DURATION_SECONDS = "http_server_request_duration_seconds", Histogram of Seconds, [METHOD, ROUTE, STATUS_CODE], API;
    /// HTTP requests being answered now.
    HTTP_SERVER_ACTIVE_REQUESTS = "http_server_active_requests", Gauge of Count, [];

    /// Commands executed, by how it ended.
    COMMANDS_TOTAL = "commands_total", Counter of Count, [COMMAND, OUTCOME];
    /// Conflicts met while executing commands; each is retried within a bound.
    COMMAND_CONFLICTS_TOTAL = "command_conflicts_total", Counter of Count, [COMMAND];

    /// Decisions refused because the aggregate holds an event of a newer version, by that event's type.
    COMMAND_NEWER_EVENTS_TOTAL = "command_newer_events_total", Counter of Count, [TYPE];

    /// Messages published to the log, by what became of them.
    MESSAGES_PUBLISHED_TOTAL = "messages_published_total", Counter of Count, [STREAM, TYPE, OUTCOME];
    /// Times the queue of appends to a stream broke down and was started anew.
    APPEND_QUEUE_RESTARTS_TOTAL = "append_queue_restarts_total", Counter of Count, [STREAM];
    /// Reads of single messages and of whole aggregates that were asked of the log.
    LOG_READS_TOTAL = "log_reads_total", Counter of Count, [STREAM];
    /// Events in one append to the log.
    APPEND_BATCH_SIZE = "append_batch_size", Histogram of Count, [STREAM], BATCH_SIZE;
    /// Time from handing an append over to its events being on disk.
    APPEND_DURATION_SECONDS = "append_duration_seconds", Histogram of Seconds, [STREAM], APPEND;
    /// Stored messages that a reader of the log skipped, because this version cannot read them.
    EVENTS_SKIPPED_TOTAL = "events_skipped_total", Counter of Count, [STREAM, REASON];
    /// Messages delivered to a consumer, redeliveries included.
    MESSAGES_CONSUMED_TOTAL = "messages_consumed_total", Counter of Count, [STREAM, CONSUMER, TYPE];
    /// Deliveries ended, by how.
    MESSAGES_SETTLED_TOTAL = "messages_settled_total", Counter of Count, [CONSUMER, OUTCOME];
    /// Time a handler worked on one delivered message.
    MESSAGE_PROCESS_DURATION_SECONDS = "message_process_duration_seconds", Histogram of Seconds, [CONSUMER, TYPE], PROCESS;
    /// Messages that a consumer has still to be given.
    CONSUMER_PENDING = "consumer_pending", Gauge of Count, [CONSUMER];
    /// Settings of a consumer that are not as its role needs them, or 1 while it is not there; then its other gauges are NaN.
    CONSUMER_FAULTS = "consumer_faults", Gauge of Count, [CONSUMER];
    /// Messages given to a consumer and not settled.
    CONSUMER_ACK_PENDING = "consumer_ack_pending", Gauge of Count, [CONSUMER];
    /// Age of the oldest message that a consumer has not settled; 0 when there is none.
    CONSUMER_OLDEST_AGE_SECONDS = "consumer_oldest_age_seconds", Gauge of Seconds, [CONSUMER];
    /// Times a consumer's pull was recreated because it had stalled.
    CONSUMER_STALLS_TOTAL = "consumer_stalls_total", Counter of Count, [CONSUMER];
    /// What the streams take of one server's store, as the process measured it last; every role measures the same store.
    JETSTREAM_STORAGE_BYTES = "jetstream_storage_bytes", Gauge of Bytes, [];
    /// What one server's store takes; absent where neither NATS_STORE_LIMIT_BYTES nor the account says.
    JETSTREAM_STORAGE_LIMIT_BYTES = "jetstream_storage_limit_bytes", Gauge of Bytes, [];
    /// Messages parked in the dead letters.
    DEAD_LETTERS = "dead_letters", Gauge of Count, [CONSUMER];

    /// Finished jobs whose events left the log for the archive.
    ARCHIVE_JOBS_TOTAL = "archive_jobs_total", Counter of Count, [];
    /// Events that left the log for the archive.
    ARCHIVE_EVENTS_TOTAL = "archive_events_total", Counter of Count, [];
    /// Size of the segments that were written to the archive, compressed.
    ARCHIVE_BYTES_TOTAL = "archive_bytes_total", Counter of Bytes, [];
    /// Segments that the log names and that are not in the archive, or not whole; those that were declared lost are not counted.
    ARCHIVE_SEGMENTS_MISSING = "archive_segments_missing", Gauge of Count, [];
    /// Runs of the archiver, by whether they worked.
    ARCHIVE_RUNS_TOTAL = "archive_runs_total", Counter of Count, [OUTCOME];

    /// Events applied to a projection.
    PROJECTION_EVENTS_TOTAL = "projection_events_total", Counter of Count, [PROJECTION, TYPE];
    /// Events passed over because this version does not know their type.
    PROJECTION_UNKNOWN_EVENTS_TOTAL = "projection_unknown_events_total", Counter of Count, [STREAM, TYPE];
    /// Events passed over because their data cannot be read or written; each is a row of `projection_failure` for each view that
    /// goes without it.
    PROJECTION_FAILURES_TOTAL = "projection_failures_total", Counter of Count, [STREAM, TYPE];
    /// Events that the projection goes without, of a newer version or not readable, until it is rebuilt; above 0 it is incomplete.
    PROJECTION_INCOMPLETE_EVENTS = "projection_incomplete_events", Gauge of Count, [PROJECTION];
    /// Events that the log holds and the projection has not applied.
    PROJECTION_LAG_EVENTS = "projection_lag_events", Gauge of Count, [PROJECTION];
    /// Age of the newest event that the projection has applied, while it lags; 0 when it has caught up.
    PROJECTION_LAG_SECONDS = "projection_lag_seconds", Gauge of Seconds, [PROJECTION];
    /// Reads that named a position, by whether the projection had got there.
    PROJECTION_READS_TOTAL = "projection_reads_total", Counter of Count, [PROJECTION, OUTCOME];

    /// Database statements run.
    DATABASE_QUERIES_TOTAL = "database_queries_total", Counter of Count, [OPERATION, TABLE, OUTCOME];
    /// Time of a database statement or transaction.
    DATABASE_QUERY_DURATION_SECONDS = "database_query_duration_seconds", Histogram of Seconds, [OPERATION, TABLE], DATABASE;
    /// Pooled database connections by what they do.
    DATABASE_CONNECTIONS = "database_connections", Gauge of Count, [STATE];

    /// Requests to the model.
    LLM_REQUESTS_TOTAL = "llm_requests_total", Counter of Count, [PROVIDER, MODEL, OUTCOME];
    /// Time until the model's whole answer was there.
    LLM_RESPONSE_TIME_SECONDS = "llm_response_time_seconds", Histogram of Seconds, [PROVIDER, MODEL], LLM;
    /// Tokens sent to and received from the model.
    LLM_TOKENS_USED_TOTAL = "llm_tokens_used_total", Counter of Count, [PROVIDER, MODEL, DIRECTION];
    /// Answers that went back to the model because they broke rules or were no draft.
    LLM_REPAIRS_TOTAL = "llm_repairs_total", Counter of Count, [PROVIDER, MODEL];
    /// Plans that the built-in engine made because the model did not, by why.
    LLM_FALLBACKS_TOTAL = "llm_fallbacks_total", Counter of Count, [REASON];
    /// 1 for the state that the circuit to the model's endpoint is in.
    LLM_CIRCUIT = "llm_circuit", Gauge of Count, [STATE];

    /// Live presence connections, by the door that they came in by.
    PRESENCE_CONNECTIONS_ACTIVE = "presence_connections_active", Gauge of Count, [DOOR];
    /// Rooms with at least one member.
    PRESENCE_ROOMS_ACTIVE = "presence_rooms_active", Gauge of Count, [];
    /// Presence operations done.
    PRESENCE_OPERATION_TOTAL = "presence_operation_total", Counter of Count, [OPERATION];
    /// Presence events sent out.
    PRESENCE_EVENT_TOTAL = "presence_event_total", Counter of Count, [EVENT_TYPE];
    /// Members who left, by why.
    PRESENCE_LEAVES_TOTAL = "presence_leaves_total", Counter of Count, [REASON];
    /// Members whose lease had ended, found by this node; of several nodes that find one, one tells.
    PRESENCE_REAPED_TOTAL = "presence_reaped_total", Counter of Count, [];
    /// Appends to a room that came too late, because another node had changed it.
    PRESENCE_CONFLICTS_TOTAL = "presence_conflicts_total", Counter of Count, [];
    /// Followers that were cut off because they read too slowly.
    PRESENCE_SLOW_TOTAL = "presence_slow_total", Counter of Count, [];
    /// Changes of a channel's metadata that were refused, because a revision was another one than expected or others kept changing it.
    METADATA_CONFLICTS_TOTAL = "metadata_conflicts_total", Counter of Count, [REASON];
    /// Operations that were refused because of a lock: held by somebody else, not held, fenced by a later holder, or not reachable.
    METADATA_LOCK_FAILURES_TOTAL = "metadata_lock_failures_total", Counter of Count, [REASON];
    /// Times that a change of a channel's metadata was decided again, because somebody else had changed the channel first.
    METADATA_RETRIES_TOTAL = "metadata_retries_total", Counter of Count, [];
    /// Time of a presence operation.
    PRESENCE_OPERATION_DURATION_SECONDS = "presence_operation_duration_seconds", Histogram of Seconds, [OPERATION], PRESENCE;
    /// Time of a command on the lease bucket.
    LEASE_COMMAND_DURATION_SECONDS = "lease_command_duration_seconds", Histogram of Seconds, [COMMAND], PRESENCE;
    /// Time from a heartbeat's arrival to its answer.
    PRESENCE_HEARTBEAT_LATENCY_SECONDS = "presence_heartbeat_latency_seconds", Histogram of Seconds, [], PRESENCE;
    /// Presence operations that failed.
    PRESENCE_ERROR_TOTAL = "presence_error_total", Counter of Count, [OPERATION, ERROR_TYPE];

    /// 1 while what Ally stands on answers, 0 while it does not.
    DEPENDENCY_UP = "dependency_up", Gauge of Count, [DEPENDENCY];
    /// 1, with the version and role of the running program as labels.
    BUILD_INFO = "build_info", Gauge of Count, [VERSION, SERVICE];
    /// Spans handed to the collector.
    SPANS_EXPORTED_TOTAL = "spans_exported_total", Counter of Count, [];
    /// Spans lost because the collector did not take them.
    SPANS_LOST_TOTAL = "spans_lost_total", Counter of Count, [];

    /// Resident memory of the process.
    PROCESS_RESIDENT_MEMORY_BYTES = "process_resident_memory_bytes", Gauge of Bytes, [];
    /// Virtual memory of the process.
    PROCESS_VIRTUAL_MEMORY_BYTES = "process_virtual_memory_bytes", Gauge of Bytes, [];
    /// Processor time of the process, user and system.
    PROCESS_CPU_SECONDS_TOTAL = "process_cpu_seconds_total", Gauge of Seconds, [];
    /// Open file descriptors.
    PROCESS_OPEN_FDS = "process_open_fds", Gauge of Count, [];
    /// How many file descriptors may be open.
    PROCESS_MAX_FDS = "process_max_fds", Gauge of Count, [];
    /// When the process started, in seconds since 1970.
    PROCESS_START_TIME_SECONDS = "process_start_time_seconds", Gauge of Seconds, [];
    /// Threads of the process.
    PROCESS_THREADS = "process_threads", Gauge of Count, [];

    /// Worker threads of the role's runtime.
    TOKIO_WORKERS = "tokio_workers", Gauge of Count, [];
    /// Tasks alive in the role's runtime.
    TOKIO_ALIVE_TASKS = "tokio_alive_tasks", Gauge of Count, [];
    /// Tasks waiting in the runtime's global queue.
    TOKIO_GLOBAL_QUEUE_DEPTH = "tokio_global_queue_depth", Gauge of Count, [];
    /// Time that a worker thread was busy.
    TOKIO_WORKER_BUSY_SECONDS_TOTAL = "tokio_worker_busy_seconds_total", Gauge of Seconds, [WORKER];
    /// How late the runtime polled a task that was due: the event loop's lag.
    TOKIO_SCHEDULING_DELAY_SECONDS = "tokio_scheduling_delay_seconds", Histogram of Seconds, [], SCHEDULING;
}
