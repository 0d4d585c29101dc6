//! In which operations a kind of problem may arise: read off the OpenAPI documents, so that a page names what there is.

use std::sync::LazyLock;

use serde_json::Value;

use super::Kind;

/// A choice among the operations that name the status of a kind.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope {
    Any,
    Gateway,
    Presence,
    /// Those of the gateway that take a parameter.
    With(&'static str),
    /// Those that ask for more than a token: the chapter of operators, and all of presence, whose rooms tokens open.
    Roles,
    /// Those alone, by their ids.
    Only(&'static [&'static str]),
}

/// A service that has operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Gateway,
    Presence,
}

/// An operation of a document.
#[derive(Debug)]
pub(super) struct Operation {
    pub service: Service,
    /// `planStatus`
    pub id: String,
    /// `GET`
    pub method: String,
    pub path: String,
    chapter: String,
    parameters: Vec<String>,
    statuses: Vec<String>,
}

impl Service {
    pub(super) const ALL: [Self; 2] = [Self::Gateway, Self::Presence];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "the gateway",
            Self::Presence => "the port of presence",
        }
    }
}

impl Scope {
    fn holds(self, operation: &Operation) -> bool {
        match self {
            Self::Any => true,
            Self::Gateway => operation.service == Service::Gateway,
            Self::Presence => operation.service == Service::Presence,
            Self::With(parameter) => {
                Self::Gateway.holds(operation) && operation.parameters.iter().any(|known| known == parameter)
            }
            Self::Roles => Self::Presence.holds(operation) || operation.chapter == OPERATIONS,
            Self::Only(ids) => ids.contains(&operation.id.as_str()),
        }
    }
}

/// The chapter of operators.
const OPERATIONS: &str = "Operations";

/// Every operation of both documents.
pub(super) fn operations() -> &'static [Operation] {
    static ALL: LazyLock<Vec<Operation>> = LazyLock::new(|| {
        let of = |service: Service, document: String| {
            let document: Value = serde_json::from_str(&document).unwrap_or_default();
            operations_of(service, &document)
        };
        let gateway = of(Service::Gateway, crate::openapi_json());
        gateway.into_iter().chain(of(Service::Presence, crate::presence_openapi_json())).collect()
    });
    &ALL
}

/// The operations in which a kind may arise, in the order of the documents.
pub(super) fn operations_with(kind: Kind) -> impl Iterator<Item = &'static Operation> {
    let status = kind.status().as_u16().to_string();
    operations().iter().filter(move |operation| operation.statuses.contains(&status) && kind.scope().holds(operation))
}

fn operations_of(service: Service, document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, methods)| {
        methods.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
    });
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |(path, method, operation): (&String, &String, &Value)| Operation {
        service,
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.clone(),
        chapter: text(&operation["tags"][0]),
        parameters: operation["parameters"].as_array().into_iter().flatten().map(|one| text(&one["name"])).collect(),
        statuses: operation["responses"].as_object().into_iter().flatten().map(|(status, _)| status.clone()).collect(),
    };
    operations.map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_that_a_kind_names_is_there_and_has_its_status() {
        for kind in Kind::ALL {
            let Scope::Only(ids) = kind.scope() else { continue };
            let found: Vec<&str> = operations_with(*kind).map(|operation| operation.id.as_str()).collect();
            for id in ids {
                assert!(found.contains(id), "{kind:?}: the documents have no operation {id} with its status");
            }
        }
    }

    #[test]
    fn a_kind_without_operations_is_of_a_method_that_no_operation_has() {
        let without: Vec<Kind> =
            Kind::ALL.iter().copied().filter(|kind| operations_with(*kind).next().is_none()).collect();
        assert_eq!(without, [Kind::MethodNotAllowed]);
    }

    #[test]
    fn every_status_of_an_operation_has_a_kind_that_may_arise_there() {
        for operation in operations() {
            for status in operation.statuses.iter().filter(|status| status.as_str() >= "400") {
                let mut of_status = Kind::ALL.iter().filter(|kind| kind.status().as_str() == status);
                assert!(of_status.any(|kind| kind.scope().holds(operation)), "{}: {status}", operation.id);
            }
        }
    }
}
