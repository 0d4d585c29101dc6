//! What the document says in words: for what, where, as whom, within which limits.

use ally_domain::channel::{MAX_ITEMS, MAX_KEY_BYTES, MAX_TOTAL_BYTES, MAX_VALUE_BYTES};
use ally_domain::room::MAX_STATE_BYTES;
use serde_json::{Value, json};

use crate::presence::DoorLimits;
use crate::presence::page::PAGE;
use crate::presence::socket_io::{MAX_PACKET_BYTES, MAX_SNAPSHOT_BYTES};

const KIB: usize = 1024;

/// What stands at the head of the document.
pub(super) fn info() -> Value {
    json!({
        "title": "Ally: presence",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "\
    Who is in which room, alive or gone, on whichever server they connected. A member is one connection in one room; a user with several \
connections is several members and one user. An observer follows a room and is not in it. Members of one way in see those of the others.

Two ways in are described here: a plain WebSocket, whose clients come back after a cut without anybody noticing, and Socket.IO, for \
clients that speak it already. Requests over HTTP are in the OpenAPI document (`/openapi.json`).

The document is written from the server's side: it receives what clients send. What a client sends on a plain WebSocket is closed: a \
    field that is not described is refused. What a client is sent is open: pass over fields that you do not know.",
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    })
}

pub(super) fn servers() -> Value {
    json!({
        "development": {
            "host": "127.0.0.1:4103",
            "protocol": "ws",
            "title": "Development",
            "description": "What `make up` runs. In production the same paths by `wss`.",
            "security": [{"$ref": "#/components/securitySchemes/bearer"}],
        },
    })
}

pub(super) fn security_schemes() -> Value {
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "\
    The token says who the user is. It comes in the header `Authorization` of the handshake; where a client cannot send that, as browsers \
    cannot, in `token` of the first message `hello` of a plain WebSocket, or in `token` of the `auth` with which a client of Socket.IO \
    connects. Its claim `rooms` says which rooms it opens and for what; without the claim it opens all. In development `ally token` makes one.",
        },
    })
}

pub(super) fn websocket() -> String {
    let limits = DoorLimits::default();
    format!(
        "\
One JSON object a text frame; `type` says which. Every message of a client may carry an `id`, which its answer carries as well, and a \
`traceparent` (W3C Trace Context), which its trace then goes on from. Each message is answered once, in the order in which they came, by \
an `ack`: `ok: true` when it did what it asked for, else `ok: false` with an error. A frame that is no message at all is answered without an `id`.

Where the handshake had no header `Authorization`, `hello` comes first, within {patience} s. The server pings three times in the time to live (`ttlMs`); \
every frame and every pong is a sign of life.

A connection that breaks may be resumed by another one within the grace, with the token and the last position that the client knows: then it is \
the same member, and gets exactly what it missed or a snapshot to begin afresh.

Limits, where the settings of the server do not say otherwise: {message} KiB a message; {state} KiB of JSON a state; {rate} messages a second and {burst} at once, beyond them `rate_limited`, \
and after {refused} refusals in a row `end` with `flood`; {per_user} connections of a user and {per_address} of an address to a server; {page} members in a \
frame. A client that does not take what waits for it is cut off with `slow_consumer`.",
        patience = limits.patience.as_secs(),
        message = limits.message_bytes / KIB,
        state = MAX_STATE_BYTES / KIB,
        rate = limits.messages_per_second,
        burst = limits.messages_burst,
        refused = limits.refused_until_cut,
        per_user = limits.per_user,
        per_address = limits.per_address,
        page = PAGE,
    )
}

pub(super) fn websocket_bindings() -> Value {
    json!({
        "method": "GET",
        "headers": {
            "type": "object",
            "properties": {
                "Authorization": {"type": "string", "description": "`Bearer` and the token. Browsers cannot send it: see `hello`."},
            },
        },
        "bindingVersion": "0.1.0",
    })
}

pub(super) fn socket_io() -> String {
    let limits = DoorLimits::default();
    format!(
        "\
Socket.IO 3 and 4 (Engine.IO protocol 4), by long-polling, by WebSocket, and from the one to the other, in the namespace `/`. The name of \
a message is the name of the event; its payload is the event's only argument. Each event of a client is answered by an acknowledgement, in \
the order in which they came, whose only argument is the payload of the reply: `ok: true` when it did what it asked for, else `ok: false` with a code.

A client connects with `auth: {{ token }}`. Without a token that counts it gets a `connect_error` whose message begins with the code \
(`unauthorized: …`). A connection takes one socket, which is in one room at a time. A payload may carry a `traceparent` (W3C Trace \
Context). Fields of a payload that are not described are not read.

A cut is a leave at once: clients join anew when they are back. After `presence:end` the connection closes and the client comes back by \
itself; after `kicked` and `flood` it is the socket that is closed, and the client stays away.

Limits, where the settings of the server do not say otherwise: {message} KiB a message, and no binary attachments; {state} KiB of JSON a state; {snapshot} KiB a snapshot, beyond it \
`room_too_large`; {rate} messages a second and {burst} at once, beyond them `rate_limited`, and after {refused} refusals in a row \
`presence:end` with `flood`. A channel has up to {items} items, {total} KiB of keys and values together, a key {key} bytes and a value {value} KiB of JSON.",
        message = MAX_PACKET_BYTES / KIB,
        state = MAX_STATE_BYTES / KIB,
        snapshot = MAX_SNAPSHOT_BYTES / KIB,
        rate = limits.messages_per_second,
        burst = limits.messages_burst,
        refused = limits.refused_until_cut,
        items = MAX_ITEMS,
        total = MAX_TOTAL_BYTES / KIB,
        key = MAX_KEY_BYTES,
        value = MAX_VALUE_BYTES / KIB,
    )
}

pub(super) fn socket_io_bindings() -> Value {
    json!({
        "method": "GET",
        "query": {
            "type": "object",
            "required": ["EIO", "transport"],
            "properties": {
                "EIO": {"type": "string", "const": "4", "description": "The protocol of Engine.IO."},
                "transport": {"type": "string", "enum": ["polling", "websocket"], "description": "How messages travel."},
            },
        },
        "bindingVersion": "0.1.0",
    })
}
