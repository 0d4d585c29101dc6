//! Nobody looks at a tab, so its browser lets its scripts run seldom: it is there all the same, for several times the time to
//! live. `make test` has it hidden for four short lives, `make test-faults` for three minutes with the lives of production.

use super::number;
use crate::presence::browser::chromium;
use crate::presence::javascript::{Example, pass};
use crate::presence::quick;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tab_that_is_hidden_for_long_never_leaves() {
    let (mut system, example) = (quick(), Example::copied());
    let is_long = number("ALLY_FAULTS_SECONDS").is_some();
    if is_long {
        system.set("PRESENCE_LEASE_SECONDS", "30").set("PRESENCE_GRACE_MS", "10000");
    }
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let mut tests = example.tests(&example.files("browser", &["hidden"]));
    tests.env("CHROMIUM", chromium()).env("ALLY_HIDDEN_SECONDS", if is_long { "180" } else { "16" });
    pass(&system, &[&node], tests).await;
    system.remove().await;
}
