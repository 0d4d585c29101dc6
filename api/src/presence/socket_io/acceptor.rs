//! From requests to sockets: both transports behind one path, with the limits of every other way in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use engineioxide::service::NotFoundService;
use http_body_util::{BodyExt, Full};
use poem::http::{self, HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use poem::{Body, Endpoint, Request, Response, Result};
use serde::Deserialize;
use serde_json::{Map, Value};
use socketioxide::ParserConfig;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::service::SocketIoService;
use socketioxide::socket::DisconnectReason;

use super::super::client::Client;
use super::super::door::Doors;
use super::super::error::{Code, Refusal};
use super::super::upgrade::{READ_BYTES, accept, websocket_key};
use super::inbox::{Asked, inbox};
use super::registry::Registry;
use super::socket::Socket;
use super::transport::Transport;
use super::watched::{Stream, Watched};
use crate::auth::{TokenError, bearer};
use crate::limits::{ClientAddress, Limits};
use crate::observe::Waited;
use crate::problem::{Kind, Problem};
use crate::server::ConnectionSlot;

/// Packets that wait for a client in the library, at most. Their bytes are bounded before that (`Transport::has_room`); were the queue
/// full when a ping is due, the library would end the session.
const MAX_QUEUED: usize = 4_096;
/// The answer to a poll holds all that waits: what does not fit into one is lost by the library when the client upgrades then.
const MAX_POLLED_BYTES: usize = 4 * 1024 * 1024;
/// What one client may have on the way to us in one message: the largest value of metadata and what is around it.
pub(in crate::presence) const MAX_PACKET_BYTES: usize = 64 * 1024;
/// A poll ends no later than this, whatever the time to live: proxies end requests that take longer.
const LONGEST_PING: Duration = Duration::from_secs(20);

const MAX_ATTACHMENTS: usize = 8;
/// The packet by which a client ends its session, and one that is none.
const GOODBYE: &[u8] = b"1";
const NONSENSE: &[u8] = b"x";

type Service = SocketIoService<NotFoundService>;

/// The way in by Socket.IO. Cheap to clone.
#[derive(Clone)]
pub(super) struct SocketIo(Arc<Inner>);

struct Inner {
    doors: Doors,
    service: Service,
    sessions: Registry,
}

/// What a client says of itself when it connects.
#[derive(Deserialize)]
struct Auth {
    token: Option<String>,
}

/// What the address of a request asks for.
#[derive(Debug, Deserialize)]
struct Query {
    transport: Option<String>,
    sid: Option<String>,
    #[serde(rename = "EIO")]
    protocol: Option<String>,
}

/// Takes clients of Socket.IO.
pub(crate) fn socket_io(doors: Doors) -> impl Endpoint<Output = Response> {
    let acceptor = SocketIo::new(doors);
    poem::endpoint::make(move |request: Request| {
        let acceptor = acceptor.clone();
        async move { acceptor.accept(request).await }
    })
}

impl SocketIo {
    fn new(doors: Doors) -> Self {
        let ping = (doors.time_to_live / 3).min(LONGEST_PING);
        let (service, io) = socketioxide::SocketIo::builder()
            .ping_interval(ping)
            .ping_timeout(ping)
            .connect_timeout(doors.limits.patience)
            .upgrade_timeout(doors.limits.patience)
            .max_buffer_size(MAX_QUEUED)
            .max_payload(MAX_POLLED_BYTES as u64)
            .ws_max_message_size(MAX_PACKET_BYTES)
            .ws_max_frame_size(MAX_PACKET_BYTES)
            .ws_read_buffer_size(READ_BYTES)
            // Binary attachments are of no use here; those of an event are held for a moment only, so that it can be refused.
            .with_parser(
                ParserConfig::common()
                    .max_incoming_binaries(MAX_ATTACHMENTS)
                    .max_incoming_binary_buf_size(MAX_PACKET_BYTES)
                    .packet_completion_timeout(doors.limits.patience),
            )
            .build_svc();
        let acceptor = Self(Arc::new(Inner { doors, service, sessions: Registry::default() }));
        let (connecting, connected) = (acceptor.clone(), acceptor.clone());
        let admit = move |socket: SocketRef, TryData(auth): TryData<Auth>| {
            let admitted = connecting.admit(&socket, auth.map_err(|error| error.to_string()));
            std::future::ready(admitted.map_err(|refusal| format!("{}: {}", refusal.code.as_str(), refusal.message)))
        };
        let open = move |socket: SocketRef| {
            connected.open(socket);
            std::future::ready(())
        };
        io.ns("/", open.with(admit));
        acceptor
    }

    /// Whether a client may connect; its events are taken from here on.
    fn admit(&self, socket: &SocketRef, auth: Result<Auth, String>) -> Result<(), Refusal> {
        let transport = transport_of(socket)?;
        let again =
            || Refusal::new(Code::AlreadyConnected, "a connection takes one socket; connect anew for another one");
        let mut client = transport.take_client().ok_or_else(again)?;
        if let Err(refusal) = self.verify(&mut client, socket, auth) {
            transport.refuse(client);
            return Err(refusal);
        }
        let (intake, opened) = inbox(&self.0.doors.limits, Arc::clone(&transport));
        let ending = intake.clone();
        socket.on_fallback(move |asked: Asked| {
            intake.take(asked);
            std::future::ready(())
        });
        socket.on_disconnect(move |reason: DisconnectReason| {
            ending.end(reason);
            std::future::ready(())
        });
        transport.set_opened(client, opened);
        Ok(())
    }

    fn verify(&self, client: &mut Client, socket: &SocketRef, auth: Result<Auth, String>) -> Result<(), Refusal> {
        let doors = &self.0.doors;
        doors.presence.ready()?;
        let auth = auth.map_err(|error| Refusal::malformed(format!("auth: {error}")))?;
        let token = match &auth.token {
            Some(token) => Ok(token.as_str()),
            None => bearer(&socket.req_parts().headers),
        };
        match token.and_then(|token| doors.verifier.verify(token)) {
            Ok(caller) => {
                doors.admit_user(&mut client.admission, &caller.athlete)?;
                client.caller = Some(caller);
                Ok(())
            }
            Err(TokenError::Missing) if doors.limits.trust_user_ids => Ok(()),
            Err(error) => Err(Refusal::new(Code::Unauthorized, format!("{error}; connect with auth {{ token }}"))),
        }
    }

    fn open(&self, socket: SocketRef) {
        let Ok(transport) = transport_of(&socket) else { return };
        let Some((client, opened)) = transport.take_opened() else { return };
        let acceptor = self.clone();
        let served = Socket { client, socket, transport, acceptor, channels: None };
        self.0.doors.tasks.spawn(served.run(opened));
    }

    /// Ends the connection of a socket, whichever transport it has.
    pub(super) async fn hang_up(&self, socket: &SocketRef, transport: &Transport) {
        transport.cut.cancel();
        self.end_session(&socket.id.to_string(), GOODBYE).await;
    }

    /// Ends a session of long-polling. One that has a WebSocket takes no such request, and one that is gone does not either.
    async fn end_session(&self, sid: &str, packet: &'static [u8]) {
        let mut request = http::Request::new(Full::new(Bytes::from_static(packet)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = address_of("polling", Some(sid));
        let _ = hyper::service::Service::call(&self.0.service, request).await;
    }

    async fn accept(&self, request: Request) -> Result<Response> {
        let query: Query = request.params().map_err(|error| invalid(error.to_string()))?;
        if query.protocol.as_deref() != Some("4") {
            return Err(invalid("EIO is to be 4: use a client of Socket.IO 3 or 4").into());
        }
        match (query.transport.as_deref(), query.sid) {
            (Some("polling"), None) => self.begin_polling(request).await,
            (Some("polling"), Some(sid)) => self.poll(request, &sid).await,
            (Some("websocket"), sid) => self.websocket(request, sid.as_deref()),
            _ => Err(invalid("transport is to be polling or websocket").into()),
        }
    }

    fn new_client(&self, request: &Request) -> Result<Client, Problem> {
        let address = request.extensions().get::<ClientAddress>().map(|ClientAddress(address)| *address);
        let admission = self.0.doors.admit(address).map_err(Problem::from)?;
        Ok(Client::new(self.0.doors.clone(), None, address, admission))
    }

    fn session(&self, sid: &str) -> Result<Arc<Transport>, Problem> {
        let open = self.0.sessions.get(sid).filter(|transport| !transport.cut.is_cancelled());
        open.ok_or_else(|| invalid(format!("session {sid:?} is not open here; connect anew")))
    }

    async fn begin_polling(&self, request: Request) -> Result<Response> {
        self.0.doors.presence.ready().map_err(Problem::from)?;
        // Connections of polls come and go; the session itself is counted by its address.
        let transport = Transport::new(self.new_client(&request)?);
        let (status, headers, body) = self.forward(request, None, Some(Arc::clone(&transport))).await?;
        let Some((sid, body)) = opened(&body) else {
            return Err(Problem::internal("the library opened no session").into());
        };
        self.0.sessions.insert(sid, &transport);
        Ok(answer(status, &headers, body))
    }

    async fn poll(&self, request: Request, sid: &str) -> Result<Response> {
        let transport = self.session(sid)?;
        let waited = request.extensions().get::<Waited>().cloned();
        let is_poll = *request.method() == Method::GET;
        let waits = is_poll && waited.as_ref().is_some_and(Waited::begin);
        let begun = Instant::now();
        let (status, headers, body) = self.forward(request, Some(sid), None).await?;
        transport.touch();
        if let (true, Some(waited)) = (waits, waited) {
            waited.add(begun.elapsed());
        }
        if is_poll {
            transport.took(body.len());
        }
        Ok(answer(status, &headers, body))
    }

    fn websocket(&self, request: Request, sid: Option<&str>) -> Result<Response> {
        let key = websocket_key(&request)?;
        let slot = request.extensions().get::<ConnectionSlot>().cloned();
        let transport = match sid {
            Some(sid) => self.session(sid)?,
            None => Transport::new(self.new_client(&request)?),
        };
        let upgrade = request.take_upgrade().map_err(|_| invalid("the connection cannot be upgraded"))?;
        if sid.is_some() && !transport.begin_upgrade() {
            return Err(invalid("the session is being upgraded already, or was").into());
        }
        let (parts, _) = request.into_parts();
        let mut head = http::Request::new(());
        (*head.uri_mut(), *head.headers_mut()) = (address_of("websocket", sid), kept_of(&parts.headers));
        head.extensions_mut().insert(Arc::clone(&transport));
        let (acceptor, sid) = (self.clone(), sid.map(str::to_owned));
        self.0.doors.tasks.spawn(async move {
            // A client that hung up meanwhile is none.
            if let Ok(upgraded) = upgrade.await {
                let watched = Watched::new(upgraded, Arc::clone(&transport), slot, &acceptor.0.doors);
                acceptor.hand_over(watched, head, transport, sid).await;
            } else {
                transport.end_upgrade();
            }
        });
        accept(&key)
    }

    /// Gives the library a WebSocket.
    async fn hand_over<S>(
        &self,
        watched: Watched<S>,
        head: http::Request<()>,
        transport: Arc<Transport>,
        sid: Option<String>,
    ) where
        S: Stream,
    {
        let Some(sid) = sid else {
            let _ = hyper::service::Service::call(&self.0.service, (watched, head)).await;
            return;
        };
        // Of an upgrade that comes to nothing at once the session knows nothing, and goes on by long-polling.
        let Ok(watched) = watched.wait_for_first_bytes().await else { return transport.end_upgrade() };
        let _ = hyper::service::Service::call(&self.0.service, (watched, head)).await;
        // One that breaks off in the middle leaves the session as no transport's; the library does not end it.
        let acceptor = self.clone();
        tokio::spawn(async move {
            transport.closed.cancelled().await;
            acceptor.end_session(&sid, NONSENSE).await;
        });
    }

    /// Has the library answer a request.
    async fn forward(
        &self,
        request: Request,
        sid: Option<&str>,
        transport: Option<Arc<Transport>>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), Problem> {
        let deadline = request.extensions().get::<Arc<Limits>>().map_or(LONGEST_PING, |limits| limits.body_deadline);
        let (parts, body) = request.into_parts();
        let body = tokio::time::timeout(deadline, body.into_bytes_limit(MAX_PACKET_BYTES)).await;
        let body = body.map_err(|_| Problem::of_status(StatusCode::REQUEST_TIMEOUT))?;
        let over = || format!("the packets are over the limit of {MAX_PACKET_BYTES} bytes");
        let body = body.map_err(|error| Problem::new(Kind::PayloadTooLarge, over()).because(error))?;
        let mut forwarded = http::Request::new(Full::new(body));
        // The library reads addresses in its own way; it is given what we have read.
        (*forwarded.method_mut(), *forwarded.uri_mut()) = (parts.method, address_of("polling", sid));
        *forwarded.headers_mut() = if transport.is_some() { kept_of(&parts.headers) } else { parts.headers };
        if let Some(transport) = transport {
            forwarded.extensions_mut().insert(transport);
        }
        let answered = hyper::service::Service::call(&self.0.service, forwarded).await;
        let (parts, body) = answered.map_err(Problem::internal)?.into_parts();
        let body = body.collect().await.map_err(Problem::internal)?.to_bytes();
        if parts.status.is_success() {
            return Ok((parts.status, parts.headers, body));
        }
        Err(invalid(String::from_utf8_lossy(&body)))
    }
}

/// What is kept of the headers of a request that opens a session: the one that may name the user. The library keeps them for as long as the
/// session lives, so they are copies: each header of a request holds the whole buffer that it was read into.
fn kept_of(headers: &HeaderMap) -> HeaderMap {
    let values = headers.get_all(header::AUTHORIZATION).iter();
    let copies = values.filter_map(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
    copies.map(|copy| (header::AUTHORIZATION, copy)).collect()
}

fn transport_of(socket: &SocketRef) -> Result<Arc<Transport>, Refusal> {
    let transport = socket.req_parts().extensions.get::<Arc<Transport>>().cloned();
    transport.ok_or_else(|| Refusal::new(Code::Unavailable, "the connection of the socket is not known; connect anew"))
}

/// The session that the library opened: `0{"sid":…}`. Its client learns what it may send, not what it may be sent.
fn opened(body: &[u8]) -> Option<(String, Bytes)> {
    let mut open: Map<String, Value> = serde_json::from_slice(body.strip_prefix(b"0")?).ok()?;
    open.insert("maxPayload".to_owned(), MAX_PACKET_BYTES.into());
    let sid = open.get("sid")?.as_str()?.to_owned();
    Some((sid, format!("0{}", Value::Object(open)).into()))
}

/// Where the library finds a session, or opens one.
fn address_of(transport: &str, sid: Option<&str>) -> Uri {
    let sid = sid.map(|sid| format!("&sid={sid}")).unwrap_or_default();
    // A session's id that could stand in no address is none that the library gave out.
    Uri::try_from(format!("/socket.io/?EIO=4&transport={transport}{sid}")).unwrap_or_default()
}

fn answer(status: StatusCode, headers: &HeaderMap, body: Bytes) -> Response {
    let text = HeaderValue::from_static("text/plain; charset=UTF-8");
    let media_type = headers.get(header::CONTENT_TYPE).cloned().unwrap_or(text);
    let mut response = Response::builder().status(status).body(Body::from_bytes(body));
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(Kind::Validation, detail)
}
