//! What operators say when they change something, as the document shows it.

use poem_openapi::Object;

/// Why, for the audit.
#[derive(Object)]
#[oai(rename = "OperatorNote")]
pub(crate) struct NoteSchema {
    /// What was the cause, and what has been done about it.
    #[oai(validator(min_length = 1, max_length = 500))]
    note: String,
}

/// Which dead letters, what of them, and why.
#[derive(Object)]
#[oai(rename = "DeadLetterSelection", rename_all = "camelCase")]
pub(crate) struct ManySchema {
    /// Those of one cause, as the groups name it.
    #[oai(validator(min_length = 1, max_length = 64))]
    fingerprint: Option<String>,
    /// Those of one consumer.
    #[oai(validator(min_length = 1, max_length = 64))]
    consumer: Option<String>,
    /// All of them, where no cause and no consumer is named: nobody changes all by leaving something out.
    all: Option<bool>,
    /// Why, for the audit: what was the cause, and what has been done about it. Needed unless nothing is to be done.
    #[oai(validator(min_length = 1, max_length = 500))]
    note: Option<String>,
    /// Show what would be done, and do nothing.
    dry_run: Option<bool>,
    /// At most so many a second; 20 unless told.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
    per_second: Option<i32>,
    /// At most so many in all; 100 unless told. What a request's time does not suffice for is left as well.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
    limit: Option<i32>,
}

/// For how long.
#[derive(Object)]
#[oai(rename = "ConsumerPause")]
pub(crate) struct PauseSchema {
    /// It ends by itself after so long, at the latest after seven days, which is also what is meant unless told.
    #[oai(validator(minimum(value = "1"), maximum(value = "604800")))]
    seconds: Option<i32>,
}
