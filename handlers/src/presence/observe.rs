//! What presence counts and traces. The names stand in `ally_telemetry::names`.

use std::sync::Arc;
use std::time::Instant;

use ally_domain::envelope::{CommandContext, TraceContext};
use ally_domain::ids::AthleteId;
use ally_domain::room::{ConnId, Door, LeaveReason, RoomEvent, RoomId};
use ally_telemetry::names::{self, attr, label, span};
use ally_telemetry::{propagation, series};
use metrics::{counter, gauge, histogram};
use tracing::{Instrument, Span, field};
use uuid::Uuid;

use super::error::{Coded, PresenceError};
use super::notice::{Change, Start};
use super::sockets::Socket;

/// Shows everything that is counted here at zero, before it happens for the first time.
pub(super) fn begin_series() {
    let reasons = LeaveReason::ALL.map(LeaveReason::as_str);
    series::begin(names::PRESENCE_LEAVES_TOTAL, &[(label::REASON, &reasons)]);
    series::begin(names::PRESENCE_EVENT_TOTAL, &[(label::EVENT_TYPE, &EVENT_TYPES)]);
    for metric in [names::PRESENCE_CONFLICTS_TOTAL, names::PRESENCE_SLOW_TOTAL, names::PRESENCE_REAPED_TOTAL] {
        series::begin(metric, &[]);
    }
    begin_operations(&OPERATIONS, &PresenceError::CODES);
    series::begin(names::PRESENCE_OPERATION_TOTAL, &[(label::OPERATION, &[REAP])]);
    series::begin(names::PRESENCE_HEARTBEAT_LATENCY_SECONDS, &[]);
}

/// Shows operations at zero, and what can go wrong with them.
pub(crate) fn begin_operations(operations: &[&str], codes: &[&str]) {
    let operations = (label::OPERATION, operations);
    series::begin(names::PRESENCE_OPERATION_TOTAL, &[operations]);
    series::begin(names::PRESENCE_OPERATION_DURATION_SECONDS, &[operations]);
    series::begin(names::PRESENCE_ERROR_TOTAL, &[operations, (label::ERROR_TYPE, codes)]);
}

/// The trace that work goes on in; the caller's own where nothing is traced here.
pub(crate) fn trace_or(caller: &TraceContext) -> TraceContext {
    match propagation::current() {
        (None, _) => caller.clone(),
        (traceparent, tracestate) => TraceContext { traceparent, tracestate },
    }
}

/// A context like another one, of a command of its own.
pub(super) fn of_its_own(context: &CommandContext) -> CommandContext {
    CommandContext { command_id: Uuid::now_v7().into(), ..context.clone() }
}

/// An event of a room is known here, and goes out to whoever follows.
pub(super) fn count_event(change: &Change) {
    let (event_type, reason) = match &change.event {
        RoomEvent::Joined(_) => (JOINED, None),
        RoomEvent::Updated(_) => (UPDATED, None),
        RoomEvent::Left(left) => (LEFT, Some(left.reason)),
    };
    counter!(names::PRESENCE_EVENT_TOTAL, label::EVENT_TYPE => event_type).increment(1);
    if let Some(reason) = reason {
        counter!(names::PRESENCE_LEAVES_TOTAL, label::REASON => reason.as_str()).increment(1);
    }
}

/// An append was too late: another node has changed the room.
pub(super) fn outrun() {
    counter!(names::PRESENCE_CONFLICTS_TOTAL).increment(1);
}

/// Rooms with members: so many more, or fewer, than before.
pub(super) fn rooms(change: i64) {
    gauge!(names::PRESENCE_ROOMS_ACTIVE).increment(change as f64);
}

/// The sockets of this node, by door.
pub(super) fn connections(sockets: &[Arc<Socket>]) {
    for door in Door::ALL {
        let open = sockets.iter().filter(|socket| socket.door == door && socket.cut_for().is_none()).count();
        gauge!(names::PRESENCE_CONNECTIONS_ACTIVE, label::DOOR => door.as_str()).set(open as f64);
    }
}

/// An operation of presence, with its span: counted, timed, and told how it ended.
pub(crate) async fn operation<T, E: Coded>(
    name: &'static str,
    span: Span,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let begun = Instant::now();
    let result = work.instrument(span.clone()).await;
    record_end(name, &span, begun, &result);
    result
}

/// Counts and times an operation, and notes in its span how it ended.
pub(super) fn record_end<T, E: Coded>(name: &'static str, span: &Span, begun: Instant, result: &Result<T, E>) {
    let took = begun.elapsed().as_secs_f64();
    counter!(names::PRESENCE_OPERATION_TOTAL, label::OPERATION => name).increment(1);
    histogram!(names::PRESENCE_OPERATION_DURATION_SECONDS, label::OPERATION => name).record(took);
    if name == HEARTBEAT {
        histogram!(names::PRESENCE_HEARTBEAT_LATENCY_SECONDS).record(took);
    }
    if let Err(error) = result {
        let code = error.code();
        counter!(names::PRESENCE_ERROR_TOTAL, label::OPERATION => name, label::ERROR_TYPE => code).increment(1);
        span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
        span.record(attr::ERROR_TYPE, code);
    }
}

pub(super) const JOIN: &str = "join";
pub(super) const RESUME: &str = "resume";
pub(super) const HEARTBEAT: &str = "heartbeat";
pub(super) const LEAVE: &str = "leave";
/// The operations that somebody asks for.
const OPERATIONS: [&str; 4] = [JOIN, RESUME, HEARTBEAT, LEAVE];
/// The node's own.
const REAP: &str = "reap";

const JOINED: &str = "joined";
const UPDATED: &str = "updated";
const LEFT: &str = "left";
const EVENT_TYPES: [&str; 3] = [JOINED, UPDATED, LEFT];

/// The span of an operation; what comes later is recorded later.
pub(super) fn span_of(name: &'static str, room: &RoomId, conn: Option<ConnId>, user: Option<&AthleteId>) -> Span {
    let span = tracing::info_span!(
        span::PRESENCE,
        { attr::OTEL_NAME } = span::presence(name),
        { attr::OTEL_KIND } = span::kind::INTERNAL,
        { attr::OTEL_STATUS_CODE } = field::Empty,
        { attr::ERROR_TYPE } = field::Empty,
        { attr::PRESENCE_OPERATION } = name,
        { attr::PRESENCE_ROOM_ID } = room.as_str(),
        { attr::PRESENCE_USER_ID } = field::Empty,
        { attr::PRESENCE_CONN_ID } = field::Empty,
        { attr::PRESENCE_EPOCH } = field::Empty,
        { attr::PRESENCE_STATE_CHANGED } = field::Empty,
        { attr::PRESENCE_SNAPSHOT_SIZE } = field::Empty,
        { attr::PRESENCE_MEMBERS } = field::Empty,
        { attr::PRESENCE_LEAVE_REASON } = field::Empty,
    );
    if let Some(user) = user {
        span.record(attr::PRESENCE_USER_ID, user.as_str());
    }
    if let Some(conn) = conn {
        span.record(attr::PRESENCE_CONN_ID, conn.to_string());
    }
    span
}

/// The span of a heartbeat without a patch, which is most of what comes: made at once, since each later record costs as much.
pub(super) fn heartbeat_span(socket: &Socket) -> Span {
    tracing::info_span!(
        span::PRESENCE,
        { attr::OTEL_NAME } = span::presence(HEARTBEAT),
        { attr::OTEL_KIND } = span::kind::INTERNAL,
        { attr::OTEL_STATUS_CODE } = field::Empty,
        { attr::ERROR_TYPE } = field::Empty,
        { attr::PRESENCE_OPERATION } = HEARTBEAT,
        { attr::PRESENCE_ROOM_ID } = socket.room.as_str(),
        { attr::PRESENCE_USER_ID } = socket.user.as_str(),
        { attr::PRESENCE_CONN_ID } = %socket.conn,
        { attr::PRESENCE_EPOCH } = socket.epoch as i64,
        { attr::PRESENCE_STATE_CHANGED } = false,
    )
}

/// The span of somebody's coming back, to a room that their lease names.
pub(super) fn resume_span(user: Option<&AthleteId>) -> Span {
    tracing::info_span!(
        span::PRESENCE,
        { attr::OTEL_NAME } = span::presence(RESUME),
        { attr::OTEL_KIND } = span::kind::INTERNAL,
        { attr::OTEL_STATUS_CODE } = field::Empty,
        { attr::ERROR_TYPE } = field::Empty,
        { attr::PRESENCE_OPERATION } = RESUME,
        { attr::PRESENCE_USER_ID } = user.map(AthleteId::as_str),
        { attr::PRESENCE_CONN_ID } = field::Empty,
        { attr::PRESENCE_EPOCH } = field::Empty,
        { attr::PRESENCE_SNAPSHOT_SIZE } = field::Empty,
        { attr::PRESENCE_MEMBERS } = field::Empty,
    )
}

/// Records what a join or a resume came to.
pub(super) fn came_in(conn: ConnId, epoch: u64, members: usize, start: Option<&Start>) {
    let span = Span::current();
    span.record(attr::PRESENCE_CONN_ID, conn.to_string());
    span.record(attr::PRESENCE_EPOCH, epoch as i64);
    span.record(attr::PRESENCE_MEMBERS, members as i64);
    if let Some(Start::Fresh(snapshot)) = start {
        span.record(attr::PRESENCE_SNAPSHOT_SIZE, snapshot.state.member_count() as i64);
    }
}

/// Records what a heartbeat came to.
pub(super) fn beat(epoch: u64, changed: bool) {
    let span = Span::current();
    span.record(attr::PRESENCE_EPOCH, epoch as i64);
    span.record(attr::PRESENCE_STATE_CHANGED, changed);
}

/// Records who left and why.
pub(super) fn went(reason: LeaveReason, members: usize) {
    let span = Span::current();
    span.record(attr::PRESENCE_LEAVE_REASON, reason.as_str());
    span.record(attr::PRESENCE_MEMBERS, members as i64);
}

/// A follower is cut off because it reads too slowly.
pub(crate) fn slow() {
    counter!(names::PRESENCE_SLOW_TOTAL).increment(1);
}

/// One look of the reaper.
pub(super) fn reap_span() -> Span {
    tracing::info_span!(
        span::PRESENCE,
        { attr::OTEL_NAME } = span::presence(REAP),
        { attr::OTEL_KIND } = span::kind::INTERNAL,
        { attr::PRESENCE_OPERATION } = REAP,
        { attr::PRESENCE_REAPED } = field::Empty,
    )
}

/// The reaper has looked, whether anybody may be let go or not.
pub(super) fn looked() {
    counter!(names::PRESENCE_OPERATION_TOTAL, label::OPERATION => REAP).increment(1);
}

/// It is done.
pub(super) fn reaped(span: &Span, members: usize) {
    span.record(attr::PRESENCE_REAPED, members as i64);
    looked();
    counter!(names::PRESENCE_REAPED_TOTAL).increment(members as u64);
    if members > 0 {
        tracing::info!(members, "members without a lease were let go");
    }
}
