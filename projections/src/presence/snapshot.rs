//! Everybody who is there, of one moment of the log: what a node begins with before it follows the stream.

use ally_domain::ports::StreamIdentity;
use ally_domain::room::{ConnId, Member, RoomId};
use deadpool_postgres::Transaction;
use tokio_postgres::IsolationLevel;
use uuid::Uuid;

use super::query::{member_of, room_id_of};
use crate::database::{Database, DatabaseError, Statement, Statements, failed};

/// Rows that one statement reads.
const PAGE: usize = 5_000;

/// A rebuild swaps tables in, whose rows a transaction does not see that began before. So they are held before its first read,
/// and the rebuild waits.
const HOLD: &str = "LOCK TABLE presence_member, presence_room IN ACCESS SHARE MODE";
const CHECKPOINT: Statement = Statement::new(
    "SELECT",
    "projection_checkpoint",
    "SELECT position, stream_identity FROM projection_checkpoint WHERE projection = 'presence' AND stream = 'PRESENCE'",
);
const PRESENT: Statement = Statement::new(
    "SELECT",
    "presence_member",
    "SELECT room, conn_id, user_id, door, epoch, state FROM presence_member
     WHERE left_at IS NULL AND (room, conn_id) > ($1, $2) ORDER BY room, conn_id LIMIT $3",
);

const ROOMS: Statement =
    Statement::new("SELECT", "presence_room", "SELECT room, last_sequence FROM presence_room WHERE members > 0");

/// Everybody who is there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PresenceSnapshot {
    /// The stream that the sequence is of: in another one of the same name it says nothing, and nothing here is true of that
    /// one. None while no projector has begun with the view.
    pub stream: Option<StreamIdentity>,
    /// Up to which sequence of `PRESENCE` it is true; read on behind it. 0 when nothing was read yet.
    pub sequence: u64,
    /// Rooms that have members, with the sequence of the last event of each.
    pub rooms: Vec<(RoomId, u64)>,
    /// Who is there, by room and connection. As many as there are: the rooms' limits bound them.
    pub members: Vec<(RoomId, ConnId, Member)>,
}

impl PresenceSnapshot {
    /// Reads it, whole, of one moment, while the projector goes on.
    ///
    /// The view may go without events ([`list_incomplete`](crate::list_incomplete)); members whose leave it has missed have no
    /// lease, and go with the next sweep.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(database: &Database) -> Result<Self, DatabaseError> {
        let mut connection = database.dedicated("SET application_name = 'ally-presence-snapshot'").await?;
        let started = connection.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        let moment = started.start().await.map_err(|error| failed("BEGIN", &error))?;
        let snapshot = read_within(&moment, database.namespace()).await?;
        moment.commit().await.map_err(|error| failed("COMMIT", &error))?;
        Ok(snapshot)
    }
}

async fn read_within(moment: &Transaction<'_>, namespace: &str) -> Result<PresenceSnapshot, DatabaseError> {
    moment.batch_execute(HOLD).await.map_err(|error| failed("LOCK presence_member", &error))?;
    let from = Statements::new(moment, namespace);
    let Some(checkpoint) = from.query(CHECKPOINT, &[]).await?.into_iter().next() else {
        return Ok(PresenceSnapshot::default());
    };
    let mut snapshot = PresenceSnapshot {
        stream: checkpoint.get::<_, Option<String>>(1).map(StreamIdentity),
        sequence: checkpoint.get::<_, i64>(0).unsigned_abs(),
        rooms: Vec::new(),
        members: Vec::new(),
    };
    for row in from.query(ROOMS, &[]).await? {
        snapshot.rooms.push((room_id_of(&row)?, row.get::<_, i64>("last_sequence").unsigned_abs()));
    }
    // Before the first room, which has a name.
    let mut behind = (String::new(), Uuid::nil());
    loop {
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let rows = from.query(PRESENT, &[&behind.0, &behind.1, &limit]).await?;
        for row in &rows {
            snapshot.members.push((room_id_of(row)?, row.get::<_, Uuid>("conn_id").into(), member_of(row)?));
        }
        match rows.last() {
            Some(last) if rows.len() == PAGE => behind = (last.get("room"), last.get("conn_id")),
            _ => return Ok(snapshot),
        }
    }
}
