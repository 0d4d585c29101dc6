//! Parameters whose values are one or some of the domain's closed lists: the choices come from the domain, so that none
//! can be forgotten here.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use ally_domain::engine::catalogue::{Impact, Mechanic, Muscle, Pattern, StressTag};
use ally_domain::engine::profile::{BodyPart, Equipment, Proficiency};
use ally_domain::job::JobStatus;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};

use super::Parameter;

/// A closed list of the domain.
pub(crate) trait Choice: Copy + Ord + Send + Sync + 'static {
    fn all() -> &'static [Self];
    fn spelled(self) -> &'static str;
}

macro_rules! choices {
    ($($choice:ty),+) => {$(
        impl Choice for $choice {
            fn all() -> &'static [Self] {
                Self::ALL
            }

            fn spelled(self) -> &'static str {
                self.as_str()
            }
        }
    )+};
}

impl Choice for JobStatus {
    fn all() -> &'static [Self] {
        &Self::ALL
    }

    fn spelled(self) -> &'static str {
        self.as_str()
    }
}

choices! { BodyPart, Equipment, Impact, Mechanic, Muscle, Pattern, Proficiency, StressTag }

/// How the document shows a closed list, and how a value of it is read.
pub(crate) struct Closed<C>(PhantomData<fn() -> C>);

impl<C: Choice> Closed<C> {
    fn schema() -> MetaSchema {
        let enum_items = C::all().iter().map(|choice| choice.spelled().into()).collect();
        MetaSchema { enum_items, ..MetaSchema::new("string") }
    }

    pub(crate) fn read(text: &str) -> Option<C> {
        C::all().iter().copied().find(|choice| choice.spelled() == text)
    }

    fn names() -> String {
        C::all().iter().map(|choice| choice.spelled()).collect::<Vec<_>>().join(", ")
    }
}

/// One of a closed list.
pub(crate) struct OneOf<C>(PhantomData<fn() -> C>);

impl<C: Choice> Parameter for OneOf<C> {
    type Value = C;
    const NAME: &'static str = "choice";

    fn schema() -> MetaSchema {
        Closed::<C>::schema()
    }

    fn read(text: &str) -> Result<C, String> {
        Closed::read(text).ok_or_else(|| format!("one of {}", Closed::<C>::names()))
    }
}

/// Some of a closed list: repeated, or with commas between. An empty text is none of them.
pub(crate) struct SomeOf<C>(PhantomData<fn() -> C>);

impl<C: Choice> Parameter for SomeOf<C> {
    type Value = BTreeSet<C>;
    const NAME: &'static str = "choices";
    const IS_LIST: bool = true;

    fn schema() -> MetaSchema {
        let items = Some(Box::new(MetaSchemaRef::Inline(Box::new(Closed::<C>::schema()))));
        MetaSchema { items, ..MetaSchema::new("array") }
    }

    fn read(text: &str) -> Result<BTreeSet<C>, String> {
        let mut some = BTreeSet::new();
        for name in text.split(',').filter(|name| !name.is_empty()) {
            let choice = Closed::read(name.trim());
            some.insert(choice.ok_or_else(|| format!("some of {}", Closed::<C>::names()))?);
        }
        Ok(some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_with_commas() {
        let read = |text| SomeOf::<Equipment>::read(text);
        assert_eq!(read("bands,dumbbells, bands").unwrap(), BTreeSet::from([Equipment::Bands, Equipment::Dumbbells]));
        assert_eq!(read("").unwrap(), BTreeSet::new());
        assert!(read("bands,anvil").unwrap_err().contains("kettlebell"));
    }
}
