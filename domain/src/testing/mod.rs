//! For tests of other crates: the event store in memory, and the suite that it and every real store must pass.

mod memory;

pub use memory::MemoryEventStore;
