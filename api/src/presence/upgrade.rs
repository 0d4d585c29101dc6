//! From a request to a WebSocket.

use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Request, Response, Result};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::client::Client;
use super::connection::Connection;
use super::door::Doors;
use crate::auth::{TokenError, bearer};
use crate::limits::ClientAddress;
use crate::problem::{Kind, Problem};
use crate::server::ConnectionSlot;

/// Kept for each connection, so small: what is larger is read in pieces.
pub(super) const READ_BYTES: usize = 1024;
/// As much is written at once, where there is as much.
const WRITE_BYTES: usize = 2 * 1024;
/// What may wait in the connection itself, while the client does not read.
const MAX_WRITE_BYTES: usize = 2 * 1024 * 1024;

/// Takes WebSockets of clients of presence.
pub(crate) fn websocket(doors: Doors) -> impl Endpoint<Output = Response> {
    poem::endpoint::make(move |request: Request| {
        let doors = doors.clone();
        async move { upgrade(doors, &request) }
    })
}

fn upgrade(doors: Doors, request: &Request) -> Result<Response> {
    let key = websocket_key(request)?;
    let caller = match bearer(request.headers()).and_then(|token| doors.verifier.verify(token)) {
        Ok(caller) => Some(caller),
        // A browser cannot send the header: its token comes with the first frame.
        Err(TokenError::Missing) => None,
        Err(error) => return Err(Problem::new(Kind::Unauthorized, error.to_string()).into()),
    };
    let address = request.extensions().get::<ClientAddress>().map(|ClientAddress(address)| *address);
    let admission = doors.admit(address).map_err(Problem::from)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(WRITE_BYTES)
        .max_write_buffer_size(MAX_WRITE_BYTES)
        .max_message_size(Some(doors.limits.message_bytes))
        .max_frame_size(Some(doors.limits.message_bytes));
    let upgrade = request.take_upgrade().map_err(|_| not_a_websocket("the connection cannot be upgraded"))?;
    let tasks = doors.tasks.clone();
    // The listener's own hold on the connection ends with the upgrade.
    let slot = request.extensions().get::<ConnectionSlot>().cloned();
    tasks.spawn(async move {
        // A client that hung up meanwhile is none.
        let Ok(upgraded) = upgrade.await else { return };
        let stream = WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(config)).await;
        Connection::new(Client::new(doors, caller, address, admission)).run(stream).await;
        drop(slot);
    });
    accept(&key)
}

/// The answer that makes a connection a WebSocket.
pub(super) fn accept(key: &[u8]) -> Result<Response> {
    let accept = HeaderValue::from_str(&derive_accept_key(key)).map_err(Problem::internal)?;
    Ok(Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, accept)
        .finish())
}

/// The key of the handshake (RFC 6455, section 4.2.1).
pub(super) fn websocket_key(request: &Request) -> Result<Vec<u8>, Problem> {
    let headers = request.headers();
    let asks = request.method() == Method::GET
        && has_token(headers, &header::UPGRADE, "websocket")
        && has_token(headers, &header::CONNECTION, "upgrade");
    if !asks {
        return Err(not_a_websocket(
            "this address takes WebSockets: send `Connection: Upgrade` and `Upgrade: websocket`",
        ));
    }
    if !has_token(headers, &header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(not_a_websocket("the version of the WebSocket protocol is not 13"));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).map(|key| key.as_bytes().to_vec());
    key.ok_or_else(|| not_a_websocket("the header Sec-WebSocket-Key is missing"))
}

fn has_token(headers: &HeaderMap, name: &poem::http::HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(token))
}

fn not_a_websocket(detail: &str) -> Problem {
    Problem::new(Kind::Validation, detail)
}
