//! YAML, for the documents that are served in it as well.

use serde::Serialize;

/// A document as YAML.
pub(crate) fn text(document: &impl Serialize) -> String {
    serde_saphyr::to_string(document).unwrap_or_default()
}
