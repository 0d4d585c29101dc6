//! What is wrong with an answer, told so that a person can mend it.

use serde::{Deserialize, Serialize};

/// One field that does not fit, and what would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Where in the body, in JSON spelling: `fixedSchedules[0].end`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
    /// What would be right.
    pub expected: String,
}

impl FieldError {
    /// A field, what is wrong and what would be right.
    pub fn new(field: impl Into<String>, problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into(), expected: expected.into() }
    }
}
