//! What the server calls the settings that are compared.

/// The settings of a stream that must be as this version has them, as the server spells them. Deliberately not here: how many
/// servers hold it and which, what it is for, and what a later server may fill in by itself.
pub(crate) const STREAM_SETTINGS: [&str; 24] = [
    "subjects",
    "storage",
    "retention",
    "discard",
    "discard_new_per_subject",
    "max_bytes",
    "max_msgs",
    "max_msgs_per_subject",
    "max_age",
    "max_msg_size",
    "max_consumers",
    "duplicate_window",
    "compression",
    "allow_direct",
    "allow_atomic",
    "allow_msg_schedules",
    "allow_rollup_hdrs",
    "republish",
    "subject_transform",
    "mirror",
    "sources",
    "no_ack",
    "sealed",
    "deny_delete",
];

/// The settings of a consumer that must be as its role has them, as the server spells them. Deliberately not here: a pause,
/// which is an operator's, and what the server keeps by itself.
pub(crate) const CONSUMER_SETTINGS: [&str; 18] = [
    "filter_subject",
    "filter_subjects",
    "deliver_policy",
    "deliver_subject",
    "ack_policy",
    "ack_wait",
    "max_deliver",
    "backoff",
    "max_ack_pending",
    "max_waiting",
    "max_batch",
    "max_bytes",
    "max_expires",
    "replay_policy",
    "rate_limit_bps",
    "headers_only",
    "inactive_threshold",
    "num_replicas",
];
