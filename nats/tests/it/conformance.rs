//! The suite of every event store, against one real server.

use crate::bench::{run, store};

ally_domain::conformance_tests!(run, store);
