//! Who reads a stream, and what becomes of those who do not.

use std::time::Duration;

use bytes::Bytes;
use poem::Body;
use tokio::sync::mpsc;

use super::text::EventText;
use crate::server::HangUp;

/// The writing end of a stream.
pub(crate) struct Client {
    pieces: mpsc::Sender<Bytes>,
    /// How long it may take to read one piece.
    patience: Duration,
    hang_up: Option<HangUp>,
}

/// Why a piece did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// The client is gone.
    Gone,
    /// It does not read.
    Slow,
}

/// The body that a client reads, and the end that writes it.
pub(crate) fn body(patience: Duration, hang_up: Option<HangUp>) -> (Client, Body) {
    let (client, pieces) = mpsc::channel(1);
    let pieces = futures::stream::unfold(pieces, |mut pieces| async move {
        let piece: Bytes = pieces.recv().await?;
        Some((Ok::<_, std::io::Error>(piece), pieces))
    });
    (Client { pieces: client, patience, hang_up }, Body::from_bytes_stream(pieces))
}

impl Client {
    /// Sends text, if there is any.
    pub(crate) async fn send(&self, text: EventText) -> Result<(), Unsent> {
        if text.is_empty() {
            return Ok(());
        }
        match tokio::time::timeout(self.patience, self.pieces.send(text.into_string().into())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Unsent::Gone),
            Err(_) => Err(Unsent::Slow),
        }
    }

    /// Sends the last text. Whoever does not read does not learn why; the connection goes, and what waits in it.
    pub(crate) async fn send_last(self, text: EventText) {
        if let (Err(_), Some(hang_up)) = (self.send(text).await, &self.hang_up) {
            hang_up.now();
        }
    }

    /// Returns when the client is gone.
    pub(crate) async fn closed(&self) {
        self.pieces.closed().await;
    }
}
