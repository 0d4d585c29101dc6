//! Honest about what it stands on: a role starts without its servers, says so, and recovers by itself.

use crate::system::{System, answers, eventually, get};

/// A port on which nobody answers, for as long as the listener is held without being accepted from.
fn nowhere() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_role_without_servers_is_alive_and_not_ready_and_says_why() {
    let mut system = System::new();
    system.set("NATS_URL", &format!("nats://127.0.0.1:{}", nowhere()));
    system.set("DATABASE_URL", &format!("postgres://ally@127.0.0.1:{}/ally", nowhere()));
    for role in ["gateway", "onboarding", "planner", "projector"] {
        let process = system.start(role).await;
        let live = get(format!("{}/health/live", process.http)).await.unwrap();
        assert_eq!(live.status(), 200, "{role} is alive");
        let (status, report) = process.health().await;
        assert_eq!(status, 503, "{role} is not ready");
        let down: Vec<_> =
            report["components"].as_array().unwrap().iter().filter(|part| part["status"] == "down").collect();
        assert!(down.iter().any(|part| part["name"] == "nats"), "{role}: {report}");
        assert!(down.iter().all(|part| part["reason"].as_str().is_some_and(|reason| !reason.is_empty())), "{report}");
        assert_eq!(process.terminate().await, Some(0), "{role} ends in order even so");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_recover_when_their_servers_come_and_when_they_come_back() {
    let mut system = System::new();
    let [nats, postgres] = [nowhere(), nowhere()];
    system.set("NATS_URL", &format!("nats://127.0.0.1:{nats}"));
    let database = system.variable("DATABASE_URL").rsplit('/').next().unwrap().to_owned();
    system.set("DATABASE_URL", &format!("postgres://ally@127.0.0.1:{postgres}/{database}"));
    let gateway = system.start("gateway").await;
    let projector = system.start("projector").await;
    let planner = system.start("planner").await;
    let onboarding = system.start("onboarding").await;
    assert_eq!(gateway.health().await.0, 503);

    let servers = Servers::start(&system, nats, postgres).await;
    for role in [&gateway, &projector, &planner, &onboarding] {
        role.ready().await;
    }
    let client = system.client(&gateway, "amy");
    let job = client.onboard(&answers()).await;
    assert_eq!(client.ended(&job).await.status, "completed");

    servers.stop().await;
    eventually("not ready", async || (gateway.health().await.0 == 503).then_some(())).await;
    let servers = Servers::start(&system, nats, postgres).await;
    for role in [&gateway, &projector, &planner, &onboarding] {
        role.ready().await;
    }
    let job = client.generate("after").await;
    assert_eq!(client.ended(&job).await.status, "completed");
    servers.stop().await;
}

/// Servers of one's own on given ports, that can be stopped and started again with their data.
struct Servers(std::process::Child);

impl Servers {
    async fn start(system: &System, nats: u16, postgres: u16) -> Self {
        let data = system.folder().join("servers");
        let arguments = [
            "with-servers".to_owned(),
            format!("--data={}", data.display()),
            format!("--nats-port={nats}"),
            format!("--postgres-port={postgres}"),
            "--".to_owned(),
            "sh".to_owned(),
            "-c".to_owned(),
            "echo up; exec cat >/dev/null".to_owned(),
        ];
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = crate::system::ally(&arguments);
        // It makes the streams of this prefix at its first start.
        command.env("ALLY_PREFIX", system.variable("ALLY_PREFIX")).current_dir(env!("CARGO_MANIFEST_DIR"));
        tokio::task::spawn_blocking(move || {
            use std::io::{BufRead, BufReader};
            use std::process::Stdio;
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
            assert_eq!(line.trim(), "up", "the servers did not start: {:?}", child.wait());
            Self(child)
        })
        .await
        .unwrap()
    }

    /// Closing its input ends the command, and with it the servers.
    async fn stop(mut self) {
        drop(self.0.stdin.take());
        tokio::task::spawn_blocking(move || assert!(self.0.wait().unwrap().success())).await.unwrap();
    }
}
