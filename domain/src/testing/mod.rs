//! For tests of other crates: the event store, the leases and the locks in memory, and the suites that they and all real ones must pass.

pub mod conformance;
mod draft;
mod leases;
mod locks;
mod memory;
mod memory_log;

pub use draft::draft_of;
pub use leases::MemoryLeases;
pub use locks::MemoryLocks;
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

    mod of_locks {
        use std::time::Duration;

        use async_trait::async_trait;

        use super::run;
        use crate::ports::Locks;
        use crate::testing::MemoryLocks;
        use crate::testing::conformance::locks::LockBench;

        struct Bench(MemoryLocks);

        #[async_trait]
        impl LockBench for Bench {
            fn locks(&self) -> &dyn Locks {
                &self.0
            }

            async fn pass(&self, time: Duration) {
                self.0.advance(time);
            }

            async fn lose_bucket(&self) {
                self.0.lose_bucket();
            }
        }

        fn bench(_case: &str) -> impl Future<Output = Bench> {
            std::future::ready(Bench(MemoryLocks::default()))
        }

        crate::lock_conformance_tests!(run, bench);
    }

    mod of_leases {
        use std::time::Duration;

        use async_trait::async_trait;

        use super::run;
        use crate::ports::{LeaseError, Leases};
        use crate::testing::MemoryLeases;
        use crate::testing::conformance::leases::{LeaseBench, caught, lease_in, new_conn};

        struct Bench(MemoryLeases);

        #[async_trait]
        impl LeaseBench for Bench {
            fn leases(&self) -> &dyn Leases {
                &self.0
            }

            async fn pass(&self, time: Duration) {
                self.0.advance(time);
            }

            async fn lose_bucket(&self) {
                self.0.lose_bucket();
            }
        }

        fn bench(_case: &str) -> impl Future<Output = Bench> {
            std::future::ready(Bench(MemoryLeases::new(Duration::from_secs(2))))
        }

        crate::lease_conformance_tests!(run, bench);

        #[test]
        fn an_outage_takes_nothing_and_ends_every_watch() {
            run(async {
                let leases = MemoryLeases::new(Duration::from_secs(1));
                let mut watch = caught(&leases).await.unwrap().watch;
                leases.set_outage(Some("pulled the plug"));
                let refused = leases.hold(new_conn(), &lease_in("a")).await;
                assert!(matches!(refused, Err(LeaseError::Unavailable { .. })), "{refused:?}");
                assert!(watch.next().await.is_err() && leases.watch().await.is_err());
                leases.set_outage(None);
                assert!(leases.held().is_empty());
            });
        }
    }
}
