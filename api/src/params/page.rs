//! Which page of a listing is wanted.

use poem_openapi::registry::MetaSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Faults, Given, Parameter};
use crate::cursor::{CursorOf, Cursors};
use crate::problem::Problem;

/// The most entries that a page may have.
const MAX_PAGE: u16 = 100;

/// The most entries of a page, and how many there are when the caller does not say.
pub(crate) struct LimitOf<const DEFAULT: u16>;

pub(crate) type PageLimit = LimitOf<20>;
/// A training log is read whole where it is short.
pub(crate) type LogPageLimit = LimitOf<MAX_PAGE>;

impl<const DEFAULT: u16> Parameter for LimitOf<DEFAULT> {
    type Value = u16;
    const NAME: &'static str = "limit";

    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(1.0),
            maximum: Some(f64::from(MAX_PAGE)),
            default: Some(DEFAULT.into()),
            ..MetaSchema::new_with_format("integer", "int32")
        }
    }

    fn read(text: &str) -> Result<u16, String> {
        let limit = text.parse::<u16>().ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
        limit.ok_or_else(|| format!("a whole number from 1 to {MAX_PAGE}"))
    }
}

/// Where the next page begins. It is opaque to callers; `crate::cursor` seals and opens it.
pub(crate) struct Cursor;

/// The most characters of a cursor.
const MAX_CURSOR_CHARS: usize = 512;
const UNCHANGED: &str =
    "the `next` of an earlier page of this listing and this athlete, unchanged; without one the listing begins again";

impl Parameter for Cursor {
    type Value = String;
    const NAME: &'static str = "cursor";

    fn schema() -> MetaSchema {
        MetaSchema {
            min_length: Some(1),
            max_length: Some(MAX_CURSOR_CHARS),
            pattern: Some("^[A-Za-z0-9_-]+$".to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<String, String> {
        if text.is_empty() || text.len() > MAX_CURSOR_CHARS { Err(UNCHANGED.to_owned()) } else { Ok(text.to_owned()) }
    }
}

/// A page that is wanted: behind which place, and of how many entries at most.
pub(crate) struct Page<'a, T> {
    pub limit: u16,
    pub behind: Option<T>,
    cursors: &'a Cursors,
    listing: CursorOf,
    of: &'a str,
}

impl<'a, T: Serialize + DeserializeOwned> Page<'a, T> {
    /// Reads the two parameters of a page of somebody's listing.
    pub(crate) fn read<const DEFAULT: u16>(
        faults: &mut Faults,
        (limit, cursor): (Option<Given<LimitOf<DEFAULT>>>, Option<Given<Cursor>>),
        cursors: &'a Cursors,
        (listing, of): (CursorOf, &'a str),
    ) -> Self {
        let limit = faults.read("limit", limit).unwrap_or(DEFAULT);
        let cursor = faults.read("cursor", cursor);
        let behind = cursor.as_deref().and_then(|cursor| cursors.open(listing, of, cursor));
        if cursor.is_some() && behind.is_none() {
            faults.add("cursor", "is no cursor of this listing", UNCHANGED);
        }
        Self { limit, behind, cursors, listing, of }
    }

    /// How many entries to ask for: one more than is shown tells whether there are more.
    pub(crate) const fn asked(&self) -> u16 {
        self.limit + 1
    }

    /// Cuts entries down to the page, and gives the cursor of the next one.
    pub(crate) fn cut<E>(&self, entries: &mut Vec<E>, place: impl Fn(&E) -> T) -> Result<Option<String>, Problem> {
        let more = entries.len() > usize::from(self.limit);
        entries.truncate(self.limit.into());
        match entries.last().filter(|_| more) {
            Some(last) => self.cursors.seal(self.listing, self.of, &place(last)).map(Some),
            None => Ok(None),
        }
    }
}
