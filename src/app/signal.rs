//! The signals that end a process: the first in order, the second at once.

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// What a shell reports of a process that Ctrl-C has ended.
const INTERRUPTED: i32 = 128 + 2;

/// Waits for Ctrl-C or SIGTERM. Where neither can be heard, it waits for ever: the caller's other ends still hold.
pub async fn wait() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// From here on one more signal ends the process at once, whoever still waits for an answer: called when the drain begins.
/// Servers that this process has started end with it, since their guards see it go.
pub fn end_at_once_on_another() {
    let _ = std::thread::Builder::new().name("second-signal".to_owned()).spawn(|| {
        let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(wait());
        #[allow(clippy::exit, reason = "whoever asks twice wants no destructor to be waited for")]
        std::process::exit(INTERRUPTED);
    });
}
