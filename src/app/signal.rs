//! The signals that end a process: the first in order, the second at once.

use std::time::Duration;

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a shell reports of a process that Ctrl-C has ended.
const INTERRUPTED: i32 = 128 + 2;
/// How long the thread that listens may take to begin with it.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(1);

/// Waits for Ctrl-C or SIGTERM. Where neither can be heard, it waits for ever: the caller's other ends still hold.
pub async fn wait() {
    match Signals::listen() {
        Ok(signals) => signals.first().await,
        Err(_) => std::future::pending().await,
    }
}

/// From here on one more signal ends the process at once, whoever still waits for an answer: called when the drain begins.
/// Servers that this process has started end with it, since their guards see it go. A signal that comes after this call is
/// not missed.
pub fn end_at_once_on_another() {
    let (listens, listening) = std::sync::mpsc::channel();
    let spawned = std::thread::Builder::new().name("second-signal".to_owned()).spawn(move || {
        let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let Ok(signals) = Signals::listen() else { return std::future::pending().await };
            let _ = listens.send(());
            signals.first().await;
        });
        #[allow(clippy::exit, reason = "whoever asks twice wants no destructor to be waited for")]
        std::process::exit(INTERRUPTED);
    });
    if spawned.is_ok() {
        // An error says that nobody listens: the drain goes on, and its deadline ends it.
        let _ = listening.recv_timeout(LISTEN_TIMEOUT);
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn first(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
