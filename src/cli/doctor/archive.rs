//! Whether the archive holds what the log says that it must.

use ally_nats::SegmentState;
use ally_nats::names::StreamName;

use super::Finding;
use crate::cli::reach;
use crate::config::Config;

/// The finding; none while there is neither an archive nor anything that should be in one, and while the log does not answer,
/// which the roles' own findings tell.
pub(super) async fn look(config: &Config) -> Option<Finding> {
    let what = "archive".to_owned();
    let log = reach::log(config).await.ok()?;
    let segments = match log.store.inventory().await {
        Ok(segments) if segments.is_empty() => return None,
        Ok(segments) => segments,
        Err(error) => {
            let remedy = Some("check ARCHIVE_URL and what is kept there".to_owned());
            return Some(Finding { what, well: false, found: error.to_string(), remedy });
        }
    };
    let mut gone = segments.iter().filter(|segment| segment.state.is_fault());
    let Some(first) = gone.next() else {
        return Some(Finding {
            what,
            well: true,
            found: match segments.iter().filter(|segment| segment.state == SegmentState::Lost).count() {
                0 => format!("{} segments, none missing", segments.len()),
                lost => format!("{} segments, {lost} of them declared lost, none missing", segments.len()),
            },
            remedy: None,
        });
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
    Some(Finding { what, well: false, found, remedy: Some(remedy.to_owned()) })
}
