//! The events of a socket in their order, for the one task that answers them.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;
use socketioxide::SendError;
use socketioxide::adapter::LocalAdapter;
use socketioxide::extract::AckSender;
use socketioxide::handler::{FromMessageParts, Value};
use socketioxide::socket::{DisconnectReason, Socket};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::super::door::DoorLimits;
use super::super::rate::Share;
use super::transport::Transport;

/// Events of one socket that wait for their answer, at most, and their bytes.
const MAX_WAITING: usize = 128;
const MAX_WAITING_BYTES: usize = 256 * 1024;

/// An event as it came.
pub(super) struct Asked {
    /// `[event, …payload]`; `None` for one with binary attachments, of which presence has none.
    pub text: Option<String>,
    reply: Reply,
    /// Why it is not looked at: too many came.
    pub refused: Option<Refused>,
    /// Its bytes among those that wait.
    waiting: Option<Waiting>,
}

/// Bytes that wait, given back when they do no more.
struct Waiting {
    bytes: usize,
    all: Arc<AtomicUsize>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Why an event is not looked at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refused {
    /// Too many came within a time; how long until one more is taken, in milliseconds.
    TooFast(u128),
    /// Far too many.
    Flood,
}

/// Where an answer goes. An acknowledgement that finds no room can be sent again, unlike the library's.
pub(super) struct Reply {
    socket: Arc<Socket>,
    value: Value,
    id: Option<i64>,
}

impl Reply {
    pub(super) fn send<T: Serialize>(&mut self, answer: &T) -> Result<(), SendError> {
        // Taking a sender cannot fail.
        match AckSender::<LocalAdapter>::from_message_parts(&self.socket, &mut self.value, &self.id) {
            Ok(sender) => sender.send(answer),
            Err(impossible) => match impossible {},
        }
    }
}

impl Asked {
    fn weigh(&mut self, all: &Arc<AtomicUsize>) -> bool {
        let bytes = self.text.as_ref().map_or(0, String::len);
        let before = all.fetch_add(bytes, Ordering::Relaxed);
        self.waiting = Some(Waiting { bytes, all: Arc::clone(all) });
        before == 0 || before + bytes <= MAX_WAITING_BYTES
    }

    pub(super) const fn reply(&mut self) -> &mut Reply {
        &mut self.reply
    }
}

impl FromMessageParts<LocalAdapter> for Asked {
    type Error = Infallible;

    fn from_message_parts(socket: &Arc<Socket>, value: &mut Value, id: &Option<i64>) -> Result<Self, Infallible> {
        let text = match value {
            Value::Str(text, None) => Some(text.as_str().to_owned()),
            _ => None,
        };
        let empty = Value::Str(String::new().into(), None);
        Ok(Self {
            text,
            reply: Reply { socket: Arc::clone(socket), value: empty, id: *id },
            refused: None,
            waiting: None,
        })
    }
}

/// The end that the library writes to. Cheap to clone.
#[derive(Clone)]
pub(super) struct Intake {
    events: mpsc::Sender<Box<Asked>>,
    share: Arc<Mutex<Share>>,
    refused_until_cut: u32,
    waiting: Arc<AtomicUsize>,
    transport: Arc<Transport>,
    gone: Arc<Mutex<Option<oneshot::Sender<DisconnectReason>>>>,
}

/// The end that the socket's task reads from.
pub(super) struct Opened {
    /// Boxed: a channel keeps the places of some dozens for as long as it lives, and they are empty nearly always.
    pub events: mpsc::Receiver<Box<Asked>>,
    /// Why the library let go of the socket.
    pub gone: oneshot::Receiver<DisconnectReason>,
}

pub(super) fn inbox(limits: &DoorLimits, transport: Arc<Transport>) -> (Intake, Opened) {
    let (events, incoming) = mpsc::channel(MAX_WAITING);
    let (gone, gone_reason) = oneshot::channel();
    let share = Share::new(limits.messages_per_second, limits.messages_burst, Instant::now());
    let intake = Intake {
        events,
        share: Arc::new(Mutex::new(share)),
        refused_until_cut: limits.refused_until_cut,
        waiting: Arc::default(),
        transport,
        gone: Arc::new(Mutex::new(Some(gone))),
    };
    (intake, Opened { events: incoming, gone: gone_reason })
}

impl Intake {
    /// Takes an event. For one that finds no room its client is told to wait.
    pub(super) fn take(&self, mut asked: Asked) {
        let mut share = self.share.lock().unwrap_or_else(PoisonError::into_inner);
        asked.refused = match share.take(Instant::now()) {
            Ok(()) => None,
            Err(refused) if refused >= self.refused_until_cut => Some(Refused::Flood),
            Err(_) => Some(Refused::TooFast(share.wait().as_millis())),
        };
        drop(share);
        if asked.refused.is_some() {
            asked.text = None;
        }
        if !asked.weigh(&self.waiting) {
            return busy(asked);
        }
        match self.events.try_send(Box::new(asked)) {
            Ok(()) => {}
            Err(TrySendError::Full(asked)) => busy(*asked),
            // Nobody answers any more.
            Err(TrySendError::Closed(_)) => self.transport.cut.cancel(),
        }
    }

    /// The library let go of the socket.
    pub(super) fn end(&self, reason: DisconnectReason) {
        if let Some(gone) = self.gone.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = gone.send(reason);
        }
    }
}

fn busy(mut asked: Asked) {
    let _ = asked.reply.send(&super::frame::refused(
        super::super::error::Code::Busy,
        "too many of your messages wait for their answers; wait for some of them",
    ));
}
