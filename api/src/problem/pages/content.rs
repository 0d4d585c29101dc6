//! What the page of a kind says.

use ally_domain::problem::FieldError;
use poem_openapi::types::ToJSON as _;

use super::super::scope::{Operation, Service, operations, operations_with};
use super::{Kind, Problem};

/// A trace as examples show it.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
/// An id as examples show it.
const ID: &str = "0b6d4c3e-6a3f-5f0e-9d53-1f0c2f6a7b21";
/// What stands in the place of operations where there are none.
const NO_OPERATION: &str = "No operation: it is the answer to a method that a path does not take.";

/// The page of a kind.
pub(super) struct Page {
    pub kind: Kind,
    /// Where it may arise, a line each.
    pub operations: Vec<String>,
    /// A body, as JSON.
    pub example: String,
}

impl Page {
    pub(super) fn of(kind: Kind) -> Self {
        let found: Vec<&Operation> = operations_with(kind).collect();
        let mut lines: Vec<String> = Service::ALL.into_iter().flat_map(|service| lines_of(service, &found)).collect();
        if lines.is_empty() {
            lines.push(NO_OPERATION.to_owned());
        }
        Self { kind, operations: lines, example: example(kind, &instance(kind, found.first().copied())) }
    }

    /// `400 Bad Request`
    pub(super) fn status(&self) -> String {
        self.kind.status().to_string()
    }
}

/// The operations of a service among some: all of them in one line, or each in its own.
fn lines_of(service: Service, found: &[&Operation]) -> Vec<String> {
    let own: Vec<_> = found.iter().filter(|operation| operation.service == service).collect();
    let all = operations().iter().filter(|operation| operation.service == service).count();
    if own.len() == all {
        return vec![format!("Every operation of {}.", service.name())];
    }
    own.into_iter().map(|Operation { id, method, path, .. }| format!("`{id}`: `{method} {path}`")).collect()
}

/// A path at which a kind may arise.
fn instance(kind: Kind, operation: Option<&Operation>) -> String {
    let path = match (kind, operation) {
        // Where the field of the example is.
        (Kind::Validation | Kind::Contradiction, _) => "/api/v1/onboarding",
        (_, Some(operation)) => operation.path.as_str(),
        (_, None) => "/api/v1/profile",
    };
    path.replace("{id}", ID).replace(['{', '}'], "")
}

/// A body as the server makes it.
fn example(kind: Kind, instance: &str) -> String {
    let problem = match wrong_field(kind) {
        Some(wrong) => Problem::fields(vec![wrong]).with_kind(kind),
        None => Problem::new(kind, kind.meaning()),
    };
    let document = problem.document(instance, Some(TRACE.to_owned()));
    serde_json::to_string_pretty(&document.to_json()).unwrap_or_default()
}

/// A field that is at fault, for the kinds that name some.
fn wrong_field(kind: Kind) -> Option<FieldError> {
    let (field, problem, expected) = match kind {
        Kind::Validation => ("weeklyGoalDays", "is 9", "a whole number from 1 to 7"),
        Kind::PositionUnknown => (
            "position",
            "PLANS:9000 is beyond the end of the log, which is PLANS:41",
            "a position that an answer of this deployment carried",
        ),
        Kind::Contradiction => {
            ("weeklyGoalDays", "5 sessions do not fit on 2 available days", "1 to 2, or more availabilityDays")
        }
        Kind::MetadataConflict => ("data[topic].revision", "is at revision 7", "5, as the request says"),
        Kind::TooFewMinutes => ("targetMinutes", "is 10", "at least 22"),
        _ => return None,
    };
    Some(FieldError::new(field, problem, expected))
}
