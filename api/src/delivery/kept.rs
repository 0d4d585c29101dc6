//! A body that never changes, with its tag and its codings, each made once: what everybody may ask for costs nothing the second time.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::coding::Coding;
use crate::etag;

/// Left in the extensions of answers. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Inner>);

#[derive(Default)]
struct Inner {
    tag: OnceLock<String>,
    zstd: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

impl Kept {
    /// The tag of the body.
    pub(super) fn tag(&self, body: &Bytes) -> String {
        self.0.tag.get_or_init(|| etag::of_bytes(body)).clone()
    }

    /// The body in a coding, if it has been made.
    pub(super) fn get(&self, coding: Coding) -> Option<Bytes> {
        self.of(coding).get().cloned()
    }

    /// Keeps the body in a coding.
    pub(super) fn keep(&self, coding: Coding, body: &Bytes) {
        // Two that made it at once made the same.
        let _ = self.of(coding).set(body.clone());
    }

    fn of(&self, coding: Coding) -> &OnceLock<Bytes> {
        match coding {
            Coding::Zstd => &self.0.zstd,
            Coding::Gzip => &self.0.gzip,
        }
    }
}
