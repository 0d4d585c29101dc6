//! The server's own word about the settings in `compose/`. What can be held against documents and schemas alone is in
//! `telemetry/tests/it/compose.rs`.

use std::process::Command;

use crate::system::server;

#[test]
fn nats_takes_its_settings_alone_and_as_one_of_three() {
    for file in ["nats.conf", "cluster.conf"] {
        let path = format!("{}/compose/nats/{file}", env!("CARGO_MANIFEST_DIR"));
        let output =
            Command::new(server("ALLY_TEST_NATS_SERVER")).args(["-t", "--name", "nats", "--config", &path]).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
