//! How the servers end: with the command, with a signal, with Ally's death, and by `ally down`.

use rustix::process::Signal;

use super::support::*;

#[tokio::test]
async fn a_request_to_end_ends_the_command_and_the_servers() {
    for (signal, code) in [(Signal::TERM, 128 + 15), (Signal::INT, 128 + 2)] {
        let running = Running::start(ally(&shared_local()), &[]).await;
        let addresses = running.addresses();
        send(running.pid(), signal);
        let (status, said) = running.ended().await;
        assert_eq!(status.code(), Some(code), "{said}");
        assert_nobody_answers(&addresses).await;
    }
}

#[tokio::test]
async fn the_servers_end_with_an_ally_that_is_killed() {
    let running = Running::start(ally(&shared_local()), &[]).await;
    let addresses = running.addresses();
    send(running.pid(), Signal::KILL);
    assert_nobody_answers(&addresses).await;
}

#[tokio::test]
async fn a_command_that_does_not_exist_is_named_and_the_servers_end() {
    let mut ally = ally(&shared_local());
    ally.args(["with-servers", "--", "no-such-command"]);
    let output = output(ally).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("no-such-command could not be started"), "{said}");
}

#[tokio::test]
async fn without_a_command_the_usage_is_shown() {
    let mut ally = ally(&shared_local());
    ally.arg("with-servers");
    let output = output(ally).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("<COMMAND>"));
}

/// The worst case: Ally and both guards are killed, and the servers run on without anybody.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn down_ends_servers_that_nobody_guards_any_more() {
    let folder = open_folder();
    let local = folder.path();
    let data = local.join("data");
    let running = Running::start(ally(local), &["--data", data.to_str().unwrap()]).await;
    let addresses = running.addresses();
    let servers = ["nats", "postgres"].map(|name| process_in(&data.join(format!("{name}.pid"))));
    for server in servers {
        send(parent_of(server), Signal::KILL);
    }
    send(running.pid(), Signal::KILL);
    for address in [&addresses[0], &addresses[2]] {
        assert!(tokio::net::TcpStream::connect(address).await.is_ok(), "the servers outlived their guards");
    }
    let mut down = ally(local);
    down.arg("down");
    let first = output(down).await;
    let said = String::from_utf8(first.stderr).unwrap();
    assert!(first.status.success(), "{said}");
    assert!(servers.iter().all(|pid| said.contains(&format!("(process {pid})"))), "{said}");
    assert_nobody_answers(&addresses).await;

    let mut down = ally(local);
    down.args(["down", "--remove-data"]);
    let second = output(down).await;
    assert!(String::from_utf8(second.stdout).unwrap().contains("nothing was running"));
    assert!(!data.exists(), "the data is gone when that is asked for");
}

/// Field 4 of `/proc/<pid>/stat`.
#[cfg(target_os = "linux")]
fn parent_of(pid: u32) -> u32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(')').unwrap().1.split_whitespace().nth(1).unwrap().parse().unwrap()
}
