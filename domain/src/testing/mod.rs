//! For tests of other crates: the event store in memory, and the suite that it and every real store must pass.

pub mod conformance;
mod draft;
mod memory;

pub use draft::draft_of;
pub use memory::MemoryEventStore;

#[cfg(test)]
mod tests {
    use super::{MemoryEventStore, conformance};

    fn store(_case: &str) -> impl Future<Output = (MemoryEventStore, ())> {
        std::future::ready((MemoryEventStore::default(), ()))
    }

    fn run(case: impl Future<Output = ()>) {
        futures::executor::block_on(case);
    }

    crate::conformance_tests!(run, store);

    #[test]
    fn an_outage_stores_nothing() {
        let store = MemoryEventStore::default();
        store.set_outage(Some("pulled the plug"));
        run(async {
            let appended = conformance::append_one(&store, "outage", 0).await;
            assert!(matches!(appended, Err(crate::ports::StoreError::Unavailable { .. })), "{appended:?}");
        });
        store.set_outage(None);
        assert!(store.events("PLANS").is_empty());
    }
}
