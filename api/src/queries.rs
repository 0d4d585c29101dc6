//! Which query parameters an operation takes, asked before any route: a name that nobody reads is refused, since a misspelt
//! filter would answer everything, and so is a second value where one is read.
//!
//! The parameters are those of the document, so that no operation can forget the check. Deliberately not here: what a value
//! means (`params`).

use std::collections::HashMap;
use std::sync::Arc;

use ally_domain::problem::FieldError;
use poem::http::Method;
use poem::{Endpoint, Middleware, Request, Result};

use crate::document::Operation;
use crate::problem::Problem;
use crate::routes::Table;
use crate::schema::{shortened, suggestion};

/// A query parameter as the document has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueryParameter {
    pub name: String,
    /// Whether it may be given more than once.
    pub is_list: bool,
}

/// Holds queries to the parameters of the document.
#[derive(Clone)]
pub(crate) struct Queries {
    table: Table,
    /// By template and method.
    known: Arc<HashMap<(String, Method), Vec<QueryParameter>>>,
}

pub(crate) struct Queried<E> {
    queries: Queries,
    inner: E,
}

impl Queries {
    pub(crate) fn new(operations: impl IntoIterator<Item = Operation>) -> Self {
        let known: HashMap<_, _> =
            operations.into_iter().map(|operation| ((operation.template, operation.method), operation.query)).collect();
        let entries = known.keys().map(|(template, method)| (template.clone(), vec![method.to_string()]));
        Self { table: Table::new(entries), known: Arc::new(known) }
    }

    /// What the operation of a request takes; `None` where there is no operation: the router says so.
    fn of(&self, request: &Request) -> Option<&[QueryParameter]> {
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        let template = self.table.template(request.uri().path())?;
        self.known.get(&(template.to_owned(), method.clone())).map(Vec::as_slice)
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        let asked = request.uri().query().is_some_and(|query| !query.is_empty());
        let Some(known) = self.of(request).filter(|_| asked) else { return Ok(()) };
        let given: Vec<(String, String)> = request
            .params()
            .map_err(|error| Problem::field("query", "is no form", "name=value pairs with & between").because(error))?;
        let faults = faults(given.iter().map(|(name, _)| name.as_str()), known);
        if faults.is_empty() { Ok(()) } else { Err(Problem::fields(faults)) }
    }
}

impl<E: Endpoint> Middleware<E> for Queries {
    type Output = Queried<E>;

    fn transform(&self, inner: E) -> Queried<E> {
        Queried { queries: self.clone(), inner }
    }
}

impl<E: Endpoint> Endpoint for Queried<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> Result<Self::Output> {
        self.queries.check(&request)?;
        self.inner.call(request).await
    }
}

/// What is wrong with the names of a query, each said once.
fn faults<'a>(given: impl Iterator<Item = &'a str>, known: &[QueryParameter]) -> Vec<FieldError> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut faults = Vec::new();
    for name in given {
        let times = seen.entry(name).or_default();
        *times += 1;
        match known.iter().find(|parameter| parameter.name == name) {
            None if *times == 1 => faults.push(unknown(name, known)),
            Some(parameter) if *times == 2 && !parameter.is_list => {
                faults.push(FieldError::new(name, "is given more than once", "one value"));
            }
            _ => {}
        }
    }
    faults
}

fn unknown(name: &str, known: &[QueryParameter]) -> FieldError {
    let names = || known.iter().map(|parameter| parameter.name.as_str());
    let expected = match known {
        [] => "no query parameters: this operation takes none".to_owned(),
        _ => format!("one of {}", names().collect::<Vec<_>>().join(", ")),
    };
    let problem = format!("is no parameter here{}", suggestion(Some(name), names()));
    FieldError::new(shortened(name), problem, expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<QueryParameter> {
        let parameter = |name: &str, is_list| QueryParameter { name: name.to_owned(), is_list };
        vec![parameter("limit", false), parameter("jobId", false), parameter("status", true)]
    }

    fn problems(given: &[&str]) -> Vec<String> {
        let faults = faults(given.iter().copied(), &known());
        faults.iter().map(|fault| format!("{} {}; expected {}", fault.field, fault.problem, fault.expected)).collect()
    }

    #[test]
    fn a_query_of_known_names_is_let_through() {
        assert_eq!(problems(&["limit", "status", "jobId", "status"]), Vec::<String>::new());
    }

    #[test]
    fn an_unknown_name_is_refused_once_with_the_nearest_one() {
        assert_eq!(
            problems(&["limt", "limt", "jobid", "q"]),
            [
                "limt is no parameter here; did you mean limit?; expected one of limit, jobId, status",
                "jobid is no parameter here; did you mean jobId?; expected one of limit, jobId, status",
                "q is no parameter here; expected one of limit, jobId, status",
            ]
        );
        assert_eq!(unknown("x", &[]).expected, "no query parameters: this operation takes none");
    }

    #[test]
    fn a_second_value_is_refused_unless_there_may_be_several() {
        assert_eq!(
            problems(&["limit", "limit", "limit", "status", "status"]),
            ["limit is given more than once; expected one value"]
        );
    }
}
