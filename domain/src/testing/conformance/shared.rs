//! Several commands on one room in one append.

use super::{event, is_conflict, load, new_append, new_context, stored, token};
use crate::envelope::{Actor, CommandContext, TraceContext};
use crate::ids::{AggregateKind, AggregateRef};
use crate::ports::{Append, Appended, EventStore};

/// Commands in one append: more than a page of any store's reads has messages.
const COMMANDS: usize = 300;
/// Appends until a room has thousands of events.
const APPENDS: usize = 10;

fn new_room() -> AggregateRef {
    AggregateRef { kind: AggregateKind::Room, id: token() }
}

/// A command of somebody, in a trace of its own.
fn command(n: usize) -> CommandContext {
    let traceparent = format!("00-{:032x}-{:016x}-01", n + 1, n + 1);
    CommandContext {
        correlation: format!("request {n}"),
        causation: None,
        actor: Actor::Athlete(format!("athlete-{n}")),
        trace: TraceContext { traceparent: Some(traceparent), tracestate: None },
        ..new_context()
    }
}

/// One event for each of some new commands.
fn shared(room: &AggregateRef, expected: u64, commands: usize) -> Append {
    let contexts = (0..commands).map(command).collect();
    Append { contexts, ..new_append(room, expected, (0..commands).map(|n| event("joined", n)).collect()) }
}

/// Each event is the first of its own command and tells of that one alone; the append is one all the same: all or none, once.
pub async fn commands_that_share_an_append_keep_their_contexts(store: &dyn EventStore) {
    let room = new_room();
    let append = shared(&room, 0, 3);
    let first = stored(store, append.clone()).await;
    let history = load(store, &room).await;
    assert_eq!(history.events.len(), 3);
    for (n, (read, context)) in history.events.iter().zip(&append.contexts).enumerate() {
        assert_eq!(read.event_id, format!("{}:1", context.command_id));
        assert_eq!((&read.correlation, &read.causation), (&context.correlation, &context.causation));
        assert_eq!(read.actor, format!("athlete:athlete-{n}"));
        // A store that is traced writes a span of its own, in the trace of the command.
        let trace_of =
            |context: &TraceContext| context.traceparent.as_ref().and_then(|text| text.get(3..35).map(str::to_owned));
        assert_eq!(trace_of(&read.trace), trace_of(&context.trace));
    }
    assert_eq!(history.last_sequence(), first.position.sequence, "the answer names the last event");

    let again = store.append(append.clone()).await.expect("a repeated append is no error");
    assert_eq!(again, Appended { duplicate: true, ..first.clone() });
    let stale = store.append(shared(&room, 0, 2)).await;
    assert!(is_conflict(&stale, &room, 0), "{stale:?}");
    assert_eq!(load(store, &room).await.events.len(), 3);

    let one = stored(store, shared(&room, first.position.sequence, 1)).await;
    let again = store.append(append).await.expect("a repeated append is no error");
    assert_eq!(again, Appended { duplicate: true, ..first });
    stored(store, shared(&room, one.position.sequence, 2)).await;
}

/// However much a room has seen since, an append that was stored is told from one that came too late.
pub async fn a_shared_append_is_recognised_behind_thousands_of_events(store: &dyn EventStore) {
    let room = new_room();
    let mut appends: Vec<(Append, Appended)> = Vec::new();
    for _ in 0..APPENDS {
        let expected = appends.last().map_or(0, |(_, appended)| appended.position.sequence);
        let append = shared(&room, expected, COMMANDS);
        let appended = stored(store, append.clone()).await;
        appends.push((append, appended));
    }
    for (append, appended) in appends {
        let (expected, late) = (append.expected, shared(&room, append.expected, 2));
        let again = store.append(append).await.expect("a repeated append is no error");
        assert_eq!(again, Appended { duplicate: true, ..appended });
        let stale = store.append(late).await;
        assert!(is_conflict(&stale, &room, expected), "{stale:?}");
    }
}
