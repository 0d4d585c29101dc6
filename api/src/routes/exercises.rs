//! The catalogue of exercises. It is the same for everybody and changes only with the program, so that answers are named
//! by its hash and may be kept.

use ally_domain::engine::catalogue::{Impact, Mechanic, Muscle, Pattern, StressTag, Wanted};
use ally_domain::engine::profile::{BodyPart, Equipment, Proficiency};
use poem::http::HeaderMap;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use super::refused::{Refusals, Refused};
use super::{Chapter, Desk};
use crate::auth::Authenticated;
use crate::etag::KnownTags;
use crate::params::{ExerciseCursor, Faults, Given, NameWords, OneOf, PageLimit, SomeOf, YesOrNo};
use crate::problem::{Kind, Problem};
use crate::wire::{Answer, ExerciseBody, ExerciseListBody, Page};

/// Entries of a page when the caller does not say.
const PAGE: u16 = 20;
/// How long a caller may use an answer without asking again. A deployment's catalogue changes with its program only.
const KEEP: &str = "private, max-age=3600";
/// How much of the catalogue's hash names it.
const TAG_CHARS: usize = 16;
pub(crate) struct Exercises(pub Desk);

/// An answer, the tag that names it, and how long it may be kept.
#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// A page of the exercises that fit.
    #[oai(status = 200)]
    Page(
        Page<ExerciseListBody>,
        /// Names the catalogue; send it as If-None-Match to hear only of another one.
        #[oai(header = "ETag")]
        String,
        /// How long the answer may be kept.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// The catalogue is the one that If-None-Match names.
    #[oai(status = 304)]
    NotModified(
        /// Names the catalogue.
        #[oai(header = "ETag")]
        String,
        /// How long the answer may be kept.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

/// An answer, the tag that names it, and how long it may be kept.
#[derive(ApiResponse)]
#[allow(clippy::large_enum_variant, reason = "an answer is made once and rendered at once")]
pub(crate) enum Found {
    /// The exercise.
    #[oai(status = 200)]
    Exercise(
        Answer<ExerciseBody>,
        /// Names the catalogue; send it as If-None-Match to hear only of another one.
        #[oai(header = "ETag")]
        String,
        /// How long the answer may be kept.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// The catalogue is the one that If-None-Match names.
    #[oai(status = 304)]
    NotModified(
        /// Names the catalogue.
        #[oai(header = "ETag")]
        String,
        /// How long the answer may be kept.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

pub(crate) struct Searching;
pub(crate) struct Reading;

impl Refusals for Searching {
    const STATUSES: &'static [u16] = &[400];
}

impl Refusals for Reading {
    const STATUSES: &'static [u16] = &[404];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Exercises")]
impl Exercises {
    /// Search exercises
    ///
    /// The exercises that fit every filter, by id, a page at a time. A filter that takes several values may be repeated or
    /// given with commas between.
    #[oai(path = "/exercises", method = "get", operation_id = "exercises")]
    #[allow(clippy::too_many_arguments, reason = "each argument is a parameter of the document")]
    async fn search(
        &self,
        _caller: Authenticated,
        /// One of these movements.
        Query(pattern): Query<Option<Given<SomeOf<Pattern>>>>,
        /// What there is to train with: exercises that can be done with it. Left empty, those that need nothing.
        Query(equipment): Query<Option<Given<SomeOf<Equipment>>>>,
        /// The level of whoever does them: exercises of this level and below.
        Query(level): Query<Option<Given<OneOf<Proficiency>>>>,
        /// One of these muscles does the main work or assists.
        Query(muscle): Query<Option<Given<SomeOf<Muscle>>>>,
        /// One joint or several.
        Query(mechanic): Query<Option<Given<OneOf<Mechanic>>>>,
        /// The hardest landing that is welcome.
        Query(impact): Query<Option<Given<OneOf<Impact>>>>,
        /// Whether one side works after the other.
        Query(unilateral): Query<Option<Given<YesOrNo>>>,
        /// None of these strains.
        Query(without): Query<Option<Given<SomeOf<StressTag>>>>,
        /// Nothing that strong pain at these places forbids.
        #[oai(name = "safeFor")]
        Query(safe_for): Query<Option<Given<SomeOf<BodyPart>>>>,
        /// Words that the name contains, all of them, whatever their case.
        Query(q): Query<Option<Given<NameWords>>>,
        /// The most exercises of the page.
        Query(limit): Query<Option<Given<PageLimit>>>,
        /// The `next` of an earlier page.
        Query(cursor): Query<Option<Given<ExerciseCursor>>>,
        /// The catalogue that is known already, as an earlier answer named it in ETag.
        #[oai(name = "If-None-Match")]
        _documented: Header<Option<String>>,
        headers: &HeaderMap,
    ) -> Result<Listed, Refused<Searching>> {
        let mut faults = Faults::default();
        let wanted = Wanted {
            patterns: faults.read("pattern", pattern).unwrap_or_default(),
            equipment: faults.read("equipment", equipment),
            level: faults.read("level", level),
            muscles: faults.read("muscle", muscle).unwrap_or_default(),
            mechanic: faults.read("mechanic", mechanic),
            impact: faults.read("impact", impact),
            unilateral: faults.read("unilateral", unilateral),
            without: faults.read("without", without).unwrap_or_default(),
            safe_for: faults.read("safeFor", safe_for).unwrap_or_default(),
            words: faults.read("q", q).unwrap_or_default(),
        };
        let limit = usize::from(faults.read("limit", limit).unwrap_or(PAGE));
        let cursor = faults.read("cursor", cursor);
        faults.check()?;
        let tag = self.tag();
        if KnownTags::of(headers).names(&tag) {
            return Ok(Listed::NotModified(tag, KEEP.to_owned()));
        }
        let catalogue = &self.0.catalogue;
        let fitting: Vec<_> = catalogue.search(&wanted).collect();
        let total = u32::try_from(fitting.len()).unwrap_or(u32::MAX);
        let begin = cursor.map_or(0, |last| fitting.partition_point(|exercise| exercise.id <= last));
        let page = fitting.get(begin..).unwrap_or_default();
        let (page, rest) = page.split_at(limit.min(page.len()));
        let next = page.last().filter(|_| !rest.is_empty()).map(|last| last.id.to_string());
        let exercises = page.iter().map(|exercise| (*exercise).into()).collect();
        let body = ExerciseListBody { exercises, total, catalogue: catalogue.hash().to_owned(), next };
        Ok(Listed::Page(Page(body), tag, KEEP.to_owned()))
    }

    /// Read an exercise
    ///
    /// An exercise with what may stand in for it, and with its easier and harder forms.
    #[oai(path = "/exercises/:id", method = "get", operation_id = "exercise")]
    async fn exercise(
        &self,
        _caller: Authenticated,
        headers: &HeaderMap,
        /// Which exercise.
        Path(id): Path<String>,
        /// The catalogue that is known already, as an earlier answer named it in ETag.
        #[oai(name = "If-None-Match")]
        _documented: Header<Option<String>>,
    ) -> Result<Found, Refused<Reading>> {
        let catalogue = &self.0.catalogue;
        let exercise = catalogue.get(&id.as_str().into()).ok_or_else(|| {
            let detail =
                "the catalogue holds no exercise of this id; GET /api/v1/exercises lists them, `q` finds words";
            Problem::new(Kind::NotFound, detail)
        })?;
        let tag = self.tag();
        if KnownTags::of(headers).names(&tag) {
            return Ok(Found::NotModified(tag, KEEP.to_owned()));
        }
        Ok(Found::Exercise(Answer(ExerciseBody::of(exercise, catalogue)), tag, KEEP.to_owned()))
    }
}

impl Exercises {
    /// Names what the answer is made from: the catalogue, and the program that writes it.
    fn tag(&self) -> String {
        let hash = self.0.catalogue.hash();
        format!("\"{}-{}\"", hash.get(..TAG_CHARS).unwrap_or(hash), env!("CARGO_PKG_VERSION"))
    }
}
