//! Whether the archive holds what the log says that it must.

use ally_nats::SegmentState;
use ally_nats::names::StreamName;

use super::finding::Finding;
use super::subject::Subject;
use crate::cli::reach::Log;
use crate::config::Config;

/// The finding; none while there is neither an archive nor anything that should be in one.
pub(super) async fn look(config: &Config, log: &Log) -> Option<Finding> {
    let (subject, what) = (Subject::Archive, "archive");
    let segments = match log.store.inventory().await {
        Ok(segments) if segments.is_empty() => return None,
        Ok(segments) => segments,
        Err(error) => {
            let remedy = "check ARCHIVE_URL and what is kept there";
            return Some(Finding::unwell(subject, what, error.to_string(), remedy));
        }
    };
    let mut gone = segments.iter().filter(|segment| segment.state.is_fault());
    let Some(first) = gone.next() else {
        let found = match segments.iter().filter(|segment| segment.state == SegmentState::Lost).count() {
            0 => format!("{} segments, none missing", segments.len()),
            lost => format!("{} segments, {lost} of them declared lost, none missing", segments.len()),
        };
        return Some(Finding::well(subject, what, found));
    };
    let (missing, all, stream) = (gone.count() + 1, segments.len(), StreamName::Plans);
    let found =
        format!("{missing} of {all} segments of {stream} are not whole, the first is {} ({})", first.name, first.state);
    let remedy = match config.archive.url {
        Some(_) => {
            "put them back from a backup, or set ARCHIVE_URL to where the whole archive is kept; `ally archive list` names them and says what to do about one that is lost"
        }
        None => "set ARCHIVE_URL to where the archive is kept, here and for every role",
    };
    Some(Finding::unwell(subject, what, found, remedy))
}
