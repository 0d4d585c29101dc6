//! What the document says in words: for what, where, as whom, within which limits.

use serde_json::{Value, json};

use crate::job_events::StreamLimits;

/// What stands at the head of the document.
pub(super) fn info() -> Value {
    json!({
        "title": "Ally",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "\
News of an athlete's jobs that come by themselves, from the events of the log in their order: as server-sent events while a client stays connected, and as webhooks to endpoints of apps.

Requests and their answers, with the refusals of a stream, are in the OpenAPI document (`/openapi.json`). The document is written from the server's side: \
    it sends. What a client is sent is open: pass over fields, messages and values that you do not know.",
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    })
}

pub(super) fn servers() -> Value {
    json!({
        "development": {
            "host": "127.0.0.1:4000",
            "protocol": "http",
            "title": "Development",
            "description": "What `make up` runs. In production the same paths by `https`.",
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
    The token says who the athlete is. It comes in the header `Authorization` and never in the address. In development `ally token` makes one.",
        },
    })
}

/// What all streams have in common.
pub(super) fn stream() -> String {
    let limits = StreamLimits::default();
    format!(
        "\
Server-sent events (`text/event-stream`): `event` names the message, `data` is one JSON object, `id` its place. A client that comes back sends the last `id` as the header \
`Last-Event-ID`, or as `lastEventId` in the query. The first bytes come at once, and a comment every {comment} s where there is nothing to send. `end` says why \
the server ends a stream, and when to come back; a connection that breaks says nothing.

Limits, where the settings of the server do not say otherwise: {per_athlete} streams of an athlete, {per_address} of a client address and {in_all} in all to a server, beyond them 429 \
with `Retry-After`; a client that takes a message for longer than {patience} s is cut off with `slow_consumer`.",
        comment = limits.comment_every.as_secs(),
        per_athlete = limits.per_athlete,
        per_address = limits.per_address,
        in_all = limits.in_all,
        patience = limits.patience.as_secs(),
    )
}
