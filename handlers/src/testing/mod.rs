//! For tests of this crate and of the whole: an endpoint of a model that answers as it is told.

mod model;

pub use model::{FakeModel, Reply, Seen};
