//! Where segments are kept: objects under one folder a stream, written once, each with a mark beside it when the histories
//! in it have left their stream.

use std::sync::Arc;

use ally_domain::ports::StoreError;
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use url::Url;
use uuid::Uuid;

use super::segment::SegmentName;
use crate::names::StreamName;

const SEGMENT: &str = ".jsonl.zst";
const FINISHED: &str = ".finished";
/// Has another content after each new segment.
const NEWS: &str = "news";

/// An address that no archive can be kept at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url:?} is no place for an archive: write file:///a/folder ({reason})")]
pub struct InvalidArchive {
    url: String,
    reason: String,
}

/// The storage of one deployment's archive. Clones share it.
#[derive(Debug, Clone)]
pub struct Shelf {
    objects: Arc<dyn ObjectStore>,
    root: Path,
}

/// A segment on the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelved {
    /// What it is called, which tells what it holds.
    pub name: SegmentName,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether all of it has left its stream.
    pub finished: bool,
}

impl Shelf {
    /// The archive at an address, of the deployment with a prefix. The folder is made where it is not there.
    ///
    /// # Errors
    /// When the address is none, or the folder cannot be made.
    pub fn open(url: &str, prefix: &str) -> Result<Self, InvalidArchive> {
        let invalid = |reason: String| InvalidArchive { url: url.to_owned(), reason };
        let parsed = Url::parse(url).map_err(|error| invalid(error.to_string()))?;
        if parsed.scheme() != "file" {
            return Err(invalid(format!("{} is not a kind of storage that is built in", parsed.scheme())));
        }
        let folder = parsed.to_file_path().map_err(|()| invalid("it names no absolute path".to_owned()))?;
        std::fs::create_dir_all(&folder).map_err(|error| invalid(error.to_string()))?;
        // Only what is on disk may leave the log.
        let files = LocalFileSystem::new_with_prefix(folder).map_err(|error| invalid(error.to_string()))?;
        Ok(Self { objects: Arc::new(files.with_fsync(true)), root: Path::from(prefix) })
    }

    /// Every segment of a stream, by its first sequence.
    ///
    /// # Errors
    /// When the storage does not answer.
    pub async fn list(&self, stream: StreamName) -> Result<Vec<Shelved>, StoreError> {
        let folder = self.folder(stream);
        let objects: Vec<_> =
            self.objects.list(Some(&folder)).try_collect().await.map_err(|error| unavailable(&error))?;
        let mut segments = Vec::new();
        let mut finished = std::collections::HashSet::new();
        for object in objects {
            let file = object.location.filename().unwrap_or_default();
            if let Some(name) = file.strip_suffix(SEGMENT).and_then(|name| name.parse().ok()) {
                segments.push(Shelved { name, bytes: object.size, finished: false });
            } else if let Some(name) = file.strip_suffix(FINISHED).and_then(|name| name.parse::<SegmentName>().ok()) {
                finished.insert(name);
            }
        }
        for segment in &mut segments {
            segment.finished = finished.contains(&segment.name);
        }
        segments.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(segments)
    }

    /// Tells readers that there may be a new segment. To be called before anything in it leaves its stream.
    pub(super) async fn announce(&self, stream: StreamName) -> Result<(), StoreError> {
        let news = Uuid::new_v4().to_string();
        let put = self.objects.put(&self.folder(stream).join(NEWS), PutPayload::from(news)).await;
        put.map(|_| ()).map_err(|error| unavailable(&error))
    }

    /// What was announced last: as long as it is the same, a list of segments is complete. One small read, however many
    /// segments there are.
    pub(super) async fn news(&self, stream: StreamName) -> Result<Option<Bytes>, StoreError> {
        match self.objects.get(&self.folder(stream).join(NEWS)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(|error| unavailable(&error)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Stores a segment, all or none. The same segment again changes nothing.
    pub(super) async fn put(&self, stream: StreamName, name: &SegmentName, bytes: Vec<u8>) -> Result<(), StoreError> {
        let create = PutOptions::from(PutMode::Create);
        match self.objects.put_opts(&self.path(stream, name, SEGMENT), PutPayload::from(bytes), create).await {
            // The name carries the checksum: what is there is the same.
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// A whole segment.
    pub(super) async fn get(&self, stream: StreamName, name: &SegmentName) -> Result<Bytes, StoreError> {
        let got = self.objects.get(&self.path(stream, name, SEGMENT)).await.map_err(|error| unavailable(&error))?;
        got.bytes().await.map_err(|error| unavailable(&error))
    }

    /// Whether a segment is there.
    pub(super) async fn has(&self, stream: StreamName, name: &SegmentName) -> Result<bool, StoreError> {
        match self.objects.head(&self.path(stream, name, SEGMENT)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// How large a segment is.
    pub(super) async fn size(&self, stream: StreamName, name: &SegmentName) -> Result<u64, StoreError> {
        let found = self.objects.head(&self.path(stream, name, SEGMENT)).await.map_err(|error| unavailable(&error))?;
        Ok(found.size)
    }

    /// Some bytes of a segment.
    pub(super) async fn part(
        &self,
        stream: StreamName,
        name: &SegmentName,
        from: u64,
        to: u64,
    ) -> Result<Bytes, StoreError> {
        let path = self.path(stream, name, SEGMENT);
        self.objects.get_range(&path, from..to).await.map_err(|error| unavailable(&error))
    }

    /// Marks a segment as finished.
    pub(super) async fn finish(&self, stream: StreamName, name: &SegmentName) -> Result<(), StoreError> {
        let put = self.objects.put(&self.path(stream, name, FINISHED), PutPayload::new()).await;
        put.map(|_| ()).map_err(|error| unavailable(&error))
    }

    fn folder(&self, stream: StreamName) -> Path {
        self.root.clone().join(stream.as_str())
    }

    fn path(&self, stream: StreamName, name: &SegmentName, kind: &str) -> Path {
        self.folder(stream).join(format!("{name}{kind}"))
    }
}

fn unavailable(error: &object_store::Error) -> StoreError {
    StoreError::Unavailable { reason: format!("the archive: {error}; check ARCHIVE_URL and what is kept there") }
}

/// A segment that is there and cannot be read: whatever reads it must stop, since it would skip events.
pub(super) fn unreadable(name: &SegmentName, reason: &str) -> StoreError {
    StoreError::Rejected { what: format!("reading the segment {name} of the archive"), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::Shelf;

    #[test]
    fn an_address_that_cannot_be_used_is_told_why() {
        for (wrong, why) in [("", "relative"), ("s3://bucket", "s3 is not"), ("file://host/x", "no absolute path")] {
            let error = Shelf::open(wrong, "t").unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("file:///a/folder"), "{error}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Shelf::open(&format!("file://{}/x", file.path().display()), "t").is_err(), "a file is no folder");
    }
}
