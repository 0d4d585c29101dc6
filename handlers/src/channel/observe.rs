//! What channels count and trace. The names stand in `ally_telemetry::names`.

use ally_domain::channel::{ChannelChange, ChannelId, ChannelRefusal, LockName, Operation};
use ally_domain::ids::AthleteId;
use ally_domain::ports::LockError;
use ally_telemetry::names::{self, attr, label, span};
use ally_telemetry::series;
use metrics::counter;
use tracing::{Span, field};

use super::channels::ChannelView;
use super::error::ChannelError;
use super::notice::ChannelNotice;

use crate::presence::observe::begin_operations;
pub(super) use crate::presence::observe::operation;

pub(super) const GET: &str = "metadata_get";
const SET: &str = "metadata_set";
const UPDATE: &str = "metadata_update";
const REMOVE: &str = "metadata_remove";
pub(super) const LOCK_TAKE: &str = "lock_acquire";
pub(super) const LOCK_RENEW: &str = "lock_renew";
pub(super) const LOCK_RELEASE: &str = "lock_release";
pub(super) const LOCK_GET: &str = "lock_get";
const OPERATIONS: [&str; 8] = [GET, SET, UPDATE, REMOVE, LOCK_TAKE, LOCK_RENEW, LOCK_RELEASE, LOCK_GET];

/// What [`ChannelDecider`](ally_domain::channel::ChannelDecider) calls its commands.
const COMMANDS: [&str; 3] = ["set_metadata", "update_metadata", "remove_metadata"];

/// An event's type, as it is counted.
const EVENT_SET: &str = "metadata_set";
const EVENT_UPDATED: &str = "metadata_updated";
const EVENT_REMOVED: &str = "metadata_removed";

/// What revisions and retries refuse, and what locks do.
const CONFLICTS: [&str; 3] = ["major_revision", "item_revision", "contended"];
const LOCK_FAILURES: [&str; 4] = ["fenced", "held", "not_held", "unavailable"];

/// Shows everything that is counted here at zero, before it happens for the first time.
pub(super) fn begin_series() {
    begin_operations(&OPERATIONS, &ChannelError::CODES);
    series::begin(names::PRESENCE_EVENT_TOTAL, &[(label::EVENT_TYPE, &[EVENT_SET, EVENT_UPDATED, EVENT_REMOVED])]);
    series::begin(names::METADATA_CONFLICTS_TOTAL, &[(label::REASON, &CONFLICTS)]);
    series::begin(names::METADATA_LOCK_FAILURES_TOTAL, &[(label::REASON, &LOCK_FAILURES)]);
    series::begin(names::METADATA_RETRIES_TOTAL, &[]);
    series::begin(names::COMMAND_CONFLICTS_TOTAL, &[(label::COMMAND, &COMMANDS)]);
}

/// The operation of a change.
pub(super) const fn name_of(change: &ChannelChange) -> &'static str {
    match change {
        ChannelChange::Set(_) => SET,
        ChannelChange::Update(_) => UPDATE,
        ChannelChange::Remove(_) => REMOVE,
    }
}

/// The span of an operation on a channel; what comes later is recorded later. Keys and values never.
pub(super) fn span_of(
    name: &'static str,
    channel: &ChannelId,
    author: Option<&AthleteId>,
    lock: Option<&LockName>,
) -> Span {
    tracing::info_span!(
        span::PRESENCE,
        { attr::OTEL_NAME } = span::presence(name),
        { attr::OTEL_KIND } = span::kind::INTERNAL,
        { attr::OTEL_STATUS_CODE } = field::Empty,
        { attr::ERROR_TYPE } = field::Empty,
        { attr::PRESENCE_OPERATION } = name,
        { attr::PRESENCE_CHANNEL_TYPE } = channel.channel_type(),
        { attr::PRESENCE_CHANNEL_NAME } = channel.name(),
        { attr::PRESENCE_USER_ID } = author.map(AthleteId::as_str),
        { attr::PRESENCE_LOCK_NAME } = lock.map(LockName::as_str),
        { attr::PRESENCE_MAJOR_REVISION } = field::Empty,
        { attr::CONFLICTS } = field::Empty,
    )
}

/// The span of an operation on a lock.
pub(super) fn lock_span(name: &'static str, lock: &LockName, owner: &AthleteId) -> Span {
    tracing::info_span!(
        span::PRESENCE,
        { attr::OTEL_NAME } = span::presence(name),
        { attr::OTEL_KIND } = span::kind::INTERNAL,
        { attr::OTEL_STATUS_CODE } = field::Empty,
        { attr::ERROR_TYPE } = field::Empty,
        { attr::PRESENCE_OPERATION } = name,
        { attr::PRESENCE_USER_ID } = owner.as_str(),
        { attr::PRESENCE_LOCK_NAME } = lock.as_str(),
    )
}

/// Records what an operation came to.
pub(super) fn came_to(view: &ChannelView) {
    Span::current().record(attr::PRESENCE_MAJOR_REVISION, view.state.major_revision as i64);
}

/// A command is decided again, because somebody else changed the channel first.
pub(super) fn retried(attempt: u32) {
    counter!(names::METADATA_RETRIES_TOTAL).increment(1);
    Span::current().record(attr::CONFLICTS, i64::from(attempt));
}

/// An operation was refused because of a revision or a lock.
pub(super) fn count_refusal(error: &ChannelError) {
    let conflict = |reason| counter!(names::METADATA_CONFLICTS_TOTAL, label::REASON => reason).increment(1);
    let lock = |reason| counter!(names::METADATA_LOCK_FAILURES_TOTAL, label::REASON => reason).increment(1);
    match error {
        ChannelError::Refused(ChannelRefusal::Conflict(found)) if found.items.is_empty() => conflict("major_revision"),
        ChannelError::Refused(ChannelRefusal::Conflict(_)) => conflict("item_revision"),
        ChannelError::Contended { .. } => conflict("contended"),
        ChannelError::Refused(ChannelRefusal::Fenced { .. }) => lock("fenced"),
        ChannelError::Lock(LockError::Held { .. }) => lock("held"),
        ChannelError::Lock(LockError::NotHeld { .. }) => lock("not_held"),
        ChannelError::Lock(LockError::Unavailable { .. }) => lock("unavailable"),
        ChannelError::Refused(_) | ChannelError::FollowsTooMany { .. } | ChannelError::Unavailable { .. } => {}
    }
}

/// An event of a channel is known here, and goes out to whoever follows.
pub(super) fn count_event(notice: &ChannelNotice) {
    let event_type = match notice.operation {
        Operation::Set => EVENT_SET,
        Operation::Update => EVENT_UPDATED,
        Operation::Remove => EVENT_REMOVED,
    };
    counter!(names::PRESENCE_EVENT_TOTAL, label::EVENT_TYPE => event_type).increment(1);
}
