//! `webhook_endpoint`: rows → view.

use std::collections::BTreeSet;

use ally_domain::ids::EndpointId;
use ally_domain::webhook::{AppName, DisableCause, Endpoint, MessageType};
use tokio_postgres::Row;

use super::view::EndpointView;
use crate::database::{Database, DatabaseError, Statement};

/// The most rows that one page holds.
const MAX_PAGE: u32 = 1_000;

const GET: Statement = Statement::new(
    "SELECT",
    "webhook_endpoint",
    "SELECT * FROM webhook_endpoint WHERE endpoint_id = $1 AND removed_at IS NULL",
);
const PAGE: Statement = Statement::new(
    "SELECT",
    "webhook_endpoint",
    "SELECT * FROM webhook_endpoint WHERE removed_at IS NULL AND ($1::text IS NULL OR app = $1)
         AND ($2::text IS NULL OR endpoint_id > $2) ORDER BY endpoint_id LIMIT $3",
);

/// An endpoint; none where there is none, and where it was removed.
///
/// # Errors
/// When the database does not answer.
pub async fn endpoint(database: &Database, id: &EndpointId) -> Result<Option<EndpointView>, DatabaseError> {
    let rows = database.query(GET, &[&id.as_str()]).await?;
    rows.first().map(view_of).transpose()
}

/// The endpoints that are there, of one app or of all, in the order of their ids, behind one of them; at most `limit` and a thousand.
///
/// # Errors
/// When the database does not answer.
pub async fn endpoints(
    database: &Database,
    app: Option<&AppName>,
    after: Option<&EndpointId>,
    limit: u32,
) -> Result<Vec<EndpointView>, DatabaseError> {
    let values = (app.map(AppName::as_str), after.map(EndpointId::as_str), i64::from(limit.min(MAX_PAGE)));
    let rows = database.query(PAGE, &[&values.0, &values.1, &values.2]).await?;
    rows.iter().map(view_of).collect()
}

pub(super) fn view_of(row: &Row) -> Result<EndpointView, DatabaseError> {
    let number = |column: &str| row.get::<_, i64>(column).unsigned_abs();
    let types = row.get::<_, Vec<String>>("types");
    let types = types.iter().map(|text| text.parse::<MessageType>()).collect::<Result<BTreeSet<_>, _>>();
    let secret = u32::try_from(number("secret_number"));
    Ok(EndpointView {
        id: row
            .get::<_, &str>("endpoint_id")
            .parse()
            .map_err(|error| DatabaseError::unreadable("endpoint_id", error))?,
        endpoint: Endpoint {
            app: row.get::<_, &str>("app").parse().map_err(|error| DatabaseError::unreadable("app", error))?,
            url: row.get::<_, &str>("url").parse().map_err(|error| DatabaseError::unreadable("url", error))?,
            types: types.map_err(|error| DatabaseError::unreadable("types", error))?,
            description: row.get("description"),
            since: number("since"),
            secret: secret.map_err(|error| DatabaseError::unreadable("secret_number", error))?,
            previous_until: row.get("previous_until"),
            failing_since: row.get("failing_since"),
            disabled: row.get::<_, Option<String>>("disabled_cause").map(cause_of).transpose()?,
        },
        registered_at: row.get("registered_at"),
        removed_at: row.get("removed_at"),
        last_sequence: number("last_sequence"),
    })
}

/// A cause, as JSON spells it too.
fn cause_of(text: String) -> Result<DisableCause, DatabaseError> {
    serde_json::from_value(text.into()).map_err(|error| DatabaseError::unreadable("disabled_cause", error))
}
