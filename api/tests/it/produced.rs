//! What the whole test run has left behind: looked at by `make test-answers`. It is no part of `make test`: no test makes every
//! operation break down (500) or miss its deadline (504).

use std::path::Path;

use ally_api::testing::Conformance;

/// A status that the document names and no test ever sees is a promise that nobody has tried.
#[test]
#[ignore = "reads what the other tests have left in ALLY_ANSWERS; `make test-answers` reads it"]
fn each_documented_status_was_produced_somewhere_in_the_test_run() {
    #[allow(clippy::disallowed_methods, reason = "the run says by a variable where its answers are noted")]
    let folder = std::env::var("ALLY_ANSWERS").unwrap_or_else(|_| panic!("ALLY_ANSWERS is not set: run `make test`"));
    let never = Conformance::new().never_produced(Path::new(&folder));
    assert!(never.is_empty(), "no test has produced these, as {folder} says:\n{}", never.join("\n"));
}
