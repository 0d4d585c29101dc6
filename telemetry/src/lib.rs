//! How Ally is observed: the one list of names, trace propagation, the subscriber and its exporters.
//!
//! This crate knows no other crate of the house. Deliberately not here: what is observed; every crate records its own
//! work with the `metrics` and `tracing` macros and the names of [`names`].

pub mod names;
pub mod propagation;
