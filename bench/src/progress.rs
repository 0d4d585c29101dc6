//! How far a measurement is: a bar in a terminal, a line now and then elsewhere. On standard error, beside the answer.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal;

/// How often a line is printed where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);
/// Drawing costs the machine that is measured something, so it is done rarely.
const DRAWN_A_SECOND: u8 = 4;

/// A bar for one task; it is used by one thread.
pub struct Bar {
    bar: ProgressBar,
    what: String,
    printed: Cell<Instant>,
}

impl Bar {
    /// A bar of this many steps. `what` stands before it.
    pub fn new(what: &str, steps: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr_with_hz(DRAWN_A_SECOND));
        if let Ok(style) = ProgressStyle::with_template("{msg} [{wide_bar}] {pos}/{len} ({per_sec}, {eta} left)") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what.to_owned());
        Self { bar, what: what.to_owned(), printed: Cell::new(Instant::now()) }
    }

    /// One more step is done.
    pub fn step(&self) {
        self.bar.inc(1);
        if self.bar.is_hidden() && self.printed.get().elapsed() >= EVERY {
            self.printed.set(Instant::now());
            let (done, of) = (self.bar.position(), self.bar.length().unwrap_or_default());
            terminal::note(&format!("{} {done} of {of}", self.what));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
