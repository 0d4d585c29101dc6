//! `webhook_delivery`: rows → view.

use ally_domain::ids::{DeliveryId, EndpointId};
use ally_domain::webhook::{Delivery, DeliveryStatus};
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::view::DeliveryView;
use crate::database::{Database, DatabaseError, Statement};

/// The most rows that one page holds.
const MAX_PAGE: u32 = 1_000;

macro_rules! page {
    ($status:literal) => {
        Statement::new(
            "SELECT",
            "webhook_delivery",
            concat!(
                "SELECT * FROM webhook_delivery WHERE endpoint_id = $1",
                " AND (queued_at, delivery_id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::text, ''))",
                $status,
                " ORDER BY queued_at DESC, delivery_id DESC LIMIT $4"
            ),
        )
    };
}

/// Each by an index of its own, from the place on where the page begins.
const PAGE: Statement = page!("");
const PAGE_OF_STATUS: Statement = page!(" AND status = $5");
const PLACES: Statement = Statement::new(
    "SELECT",
    "webhook_delivery",
    "SELECT queued_at, delivery_id FROM webhook_delivery WHERE endpoint_id = $1 AND status = $2 AND queued_at >= $3
     AND (queued_at, delivery_id) > (coalesce($4::timestamptz, '-infinity'), coalesce($5::text, ''))
     ORDER BY queued_at, delivery_id LIMIT $6",
);

/// Where a page ends and the next one begins: when its last delivery was queued, and which one that is.
pub type Place<'a> = (OffsetDateTime, &'a DeliveryId);

/// What an endpoint was sent, of one status or of any, the newest first, behind one of them; at most `limit` and a thousand.
///
/// # Errors
/// When the database does not answer.
pub async fn deliveries(
    database: &Database,
    endpoint: &EndpointId,
    status: Option<DeliveryStatus>,
    before: Option<Place<'_>>,
    limit: u32,
) -> Result<Vec<DeliveryView>, DatabaseError> {
    let (queued_at, id) = before.map(|(at, id)| (at, id.as_str())).unzip();
    let (endpoint, limit) = (endpoint.as_str(), page(limit));
    let rows = match status {
        Some(status) => {
            let values = (endpoint, queued_at, id, limit, status.as_str());
            database.query(PAGE_OF_STATUS, &[&values.0, &values.1, &values.2, &values.3, &values.4]).await?
        }
        None => database.query(PAGE, &[&endpoint, &queued_at, &id, &limit]).await?,
    };
    rows.iter().map(view_of).collect()
}

/// What an endpoint was sent since a time and that stands at a status, the oldest first, behind one of them; at most `limit` and a
/// thousand.
///
/// # Errors
/// When the database does not answer.
pub async fn delivery_places(
    database: &Database,
    endpoint: &EndpointId,
    status: DeliveryStatus,
    since: OffsetDateTime,
    behind: Option<Place<'_>>,
    limit: u32,
) -> Result<Vec<(OffsetDateTime, DeliveryId)>, DatabaseError> {
    let (queued_at, id) = behind.map(|(at, id)| (at, id.as_str())).unzip();
    let (endpoint, limit) = (endpoint.as_str(), page(limit));
    let rows = database.query(PLACES, &[&endpoint, &status.as_str(), &since, &queued_at, &id, &limit]).await?;
    rows.iter().map(|row| Ok((row.get("queued_at"), id_of(row)?))).collect()
}

fn page(limit: u32) -> i64 {
    i64::from(limit.min(MAX_PAGE))
}

pub(super) fn view_of(row: &Row) -> Result<DeliveryView, DatabaseError> {
    let status: &str = row.get("status");
    let found = DeliveryStatus::ALL.into_iter().find(|known| known.as_str() == status);
    Ok(DeliveryView {
        id: id_of(row)?,
        delivery: Delivery {
            endpoint_id: row
                .get::<_, &str>("endpoint_id")
                .parse()
                .map_err(|error| DatabaseError::unreadable("endpoint_id", error))?,
            message: serde_json::from_str(row.get("message"))
                .map_err(|error| DatabaseError::unreadable("message", error))?,
            status: found
                .ok_or_else(|| DatabaseError::unreadable("status", format!("there is no status {status:?}")))?,
            round: number(row, "round")?,
            attempts: number(row, "attempts")?,
        },
        last_status: http_status(row, "last_status")?,
        last_reason: row.get("last_reason"),
        retry_at: row.get("retry_at"),
        queued_at: row.get("queued_at"),
        queued_sequence: row.get::<_, i64>("queued_sequence").unsigned_abs(),
        ended_at: row.get("ended_at"),
        last_sequence: row.get::<_, i64>("last_sequence").unsigned_abs(),
    })
}

fn id_of(row: &Row) -> Result<DeliveryId, DatabaseError> {
    row.get::<_, &str>("delivery_id").parse().map_err(|error| DatabaseError::unreadable("delivery_id", error))
}

fn number(row: &Row, column: &str) -> Result<u32, DatabaseError> {
    u32::try_from(row.get::<_, i64>(column)).map_err(|error| DatabaseError::unreadable(column, error))
}

fn http_status(row: &Row, column: &str) -> Result<Option<u16>, DatabaseError> {
    let status = row.get::<_, Option<i32>>(column).map(u16::try_from);
    status.transpose().map_err(|error| DatabaseError::unreadable(column, error))
}
