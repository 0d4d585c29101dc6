//! Why an operator changes something, as the document shows it.

use poem_openapi::Object;

/// Why, for the audit.
#[derive(Object)]
#[oai(rename = "OperatorNote")]
pub(crate) struct NoteSchema {
    /// What was the cause, and what has been done about it.
    #[oai(validator(min_length = 1, max_length = 500))]
    note: String,
}
