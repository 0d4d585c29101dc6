//! This crate against real servers. `make test` starts one; tests that need more start their own.

mod bench;
mod conformance;
mod log;
mod topology;
