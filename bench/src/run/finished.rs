//! Whether a job costs more the more jobs lie finished in the log: one store that grows, and windows of jobs on it.

use super::report::Report;
use super::settings::Settings;
use super::take::take_closed;
use super::{Kind, WARM_UP_JOBS};
use crate::stack::{Stack, Subject};
use crate::terminal;

/// Jobs in a window.
const WINDOW: u64 = 2_000;

pub async fn measure(subject: &Subject, settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    let stack = Stack::start(subject).await?;
    stack.generator().warm_up(WARM_UP_JOBS).await?;
    let mut done = WARM_UP_JOBS + settings.athletes as u64;
    for finished in &settings.finished {
        let missing = finished.saturating_sub(done);
        if missing > 0 {
            terminal::note(&format!("filling the log with {missing} jobs"));
            let filled = stack.generator().closed(missing, settings.callers, settings.deadline_seconds).await?;
            report.expect_exact(&format!("filling up to {finished} finished jobs"), &filled);
            done += filled.done;
        }
        for run in 1..=settings.runs {
            terminal::note(&format!("window {run} of {} behind {done} finished jobs", settings.runs));
            let before = stack.stored().await?;
            let seen = stack.generator().closed(WINDOW, settings.callers, settings.deadline_seconds).await?;
            report.expect_exact(&format!("a window behind {finished} finished jobs"), &seen);
            let name = format!("{}/finished/{finished}", Kind::Ready.as_str());
            take_closed(&mut report.figures, &name, &seen, &before, &stack.stored().await?);
            done += seen.done;
        }
    }
    stack.stop().await
}
