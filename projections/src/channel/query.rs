//! `channel_metadata`: rows → view.

use ally_domain::channel::ChannelId;
use tokio_postgres::Row;

use super::view::ChannelMetadataView;
use crate::database::{Database, DatabaseError, Statement};

const GET: Statement = Statement::new(
    "SELECT",
    "channel_metadata",
    "SELECT channel_type, channel_name, items, item_count, major_revision, updated_at, last_sequence
     FROM channel_metadata WHERE channel_type = $1 AND channel_name = $2",
);

/// What a channel holds; `None` for one to which nothing has happened.
///
/// # Errors
/// When the database does not answer.
pub async fn get(database: &Database, channel: &ChannelId) -> Result<Option<ChannelMetadataView>, DatabaseError> {
    let rows = database.query(GET, &[&channel.channel_type(), &channel.name()]).await?;
    rows.first().map(view_of).transpose()
}

fn view_of(row: &Row) -> Result<ChannelMetadataView, DatabaseError> {
    let unreadable = |what: &str| DatabaseError::unreadable(what, "not a value of this version");
    let number = |what: &str| u64::try_from(row.get::<_, i64>(what)).map_err(|_| unreadable(what));
    let channel = ChannelId::new(row.get("channel_type"), row.get("channel_name"));
    Ok(ChannelMetadataView {
        channel: channel.map_err(|_| unreadable("channel_name"))?,
        items: row.get("items"),
        item_count: u32::try_from(row.get::<_, i32>("item_count")).map_err(|_| unreadable("item_count"))?,
        major_revision: number("major_revision")?,
        updated_at: row.get("updated_at"),
        last_sequence: number("last_sequence")?,
    })
}
