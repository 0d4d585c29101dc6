//! How far a long command is: a bar in a terminal, a line now and then elsewhere. On standard error, beside the answer.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal;

/// How often a line is told where there is no terminal.
const EVERY: Duration = Duration::from_secs(2);

/// A bar.
pub struct Bar {
    bar: ProgressBar,
    what: String,
    told: Mutex<Instant>,
}

impl Bar {
    /// A bar of so many steps. `what` stands before it.
    pub fn new(what: &str, steps: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        let template = "{msg} [{wide_bar}] {pos}/{len} ({per_sec}, {eta} left)";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what.to_owned());
        Self { bar, what: what.to_owned(), told: Mutex::new(Instant::now()) }
    }

    /// So many are done, of so many.
    pub fn set(&self, done: u64, of: u64) {
        self.bar.set_length(of.max(done));
        self.bar.set_position(done);
        if self.bar.is_hidden() {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.elapsed() >= EVERY {
                *told = Instant::now();
                terminal::note(&format!("{} {done} of {of}", self.what));
            }
        }
    }

    /// One more is done.
    pub fn step(&self) {
        self.set(self.bar.position() + 1, self.bar.length().unwrap_or_default());
    }

    /// Prints beside the bar.
    pub fn beside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Takes the bar away, so that the answer stands alone.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
