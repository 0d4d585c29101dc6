//! The document of the port of presence.

use std::sync::LazyLock;

use poem_openapi::OpenApiService;

use super::{Document, Operation, VERSION, operations_of};
use crate::routes::{
    PresenceChannels, PresenceFeed, PresenceLocks, PresenceMembers, PresenceOperator, PresenceServices,
};

const TITLE: &str = "Ally: presence";
const CHAPTERS: &[&str] = &["Rooms", "Channels", "Operations"];
const DESCRIPTION: &str = "\
Who is in which room, by requests and server-sent events. The same rooms are open by WebSocket at \
`/ws/v1/presence` and by Socket.IO at `/socket.io/`, which the AsyncAPI document (`/asyncapi.json`) describes.

Join a room (`POST /api/v1/presence/rooms/{room}/join`), keep the membership by heartbeats within `ttlMs`, and leave it. Follow a \
room without being a member of it by `GET /api/v1/presence/rooms/{room}/events`. A `{room}` is any name, percent-encoded; a room \
is there when somebody is in it, and nobody makes or deletes it.

A channel keeps items of metadata under keys (`/api/v1/presence/channels/{channelType}/{channelName}/metadata`), each with a revision that \
a change may expect, and named locks (`/api/v1/presence/locks/{lockName}`) say whose turn it is. The claim `rooms` opens channels and \
locks by their names as it does rooms.

Every error is a problem document (RFC 9457, `application/problem+json`); its `type` leads to a page that says what it means. Every \
answer carries its trace id as `x-trace-id`, and `traceparent` is honoured.

Every operation needs a bearer token. Its subject is the user, and its claim `rooms` says which rooms it opens and for what; without \
the claim it opens all. The chapter Operations needs one with the role `operator`. In development `ally token` makes one.";

type Api = (PresenceMembers, PresenceFeed, PresenceChannels, PresenceLocks, PresenceOperator);

/// The routes.
pub(crate) fn service(desk: &PresenceServices) -> OpenApiService<Api, ()> {
    let of = || desk.clone();
    let api = (
        PresenceMembers(of()),
        PresenceFeed(of()),
        PresenceChannels(of()),
        PresenceLocks(of()),
        PresenceOperator(of()),
    );
    OpenApiService::new(api, TITLE, VERSION)
}

/// The document.
pub(crate) fn document() -> &'static Document {
    static MADE: LazyLock<Document> = LazyLock::new(|| Document::of::<Api>(TITLE, DESCRIPTION, CHAPTERS));
    &MADE
}

/// Every operation.
pub(crate) fn operations() -> Vec<Operation> {
    operations_of::<Api>()
}
