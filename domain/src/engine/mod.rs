//! The plan engine: an athlete's profile in, a training plan out. Pure, seeded, offline.

pub mod answers;
pub mod plan;
pub mod profile;
pub mod request;
