//! `ally up` in any environment, and its end: cannot live without its servers, and ends at once for whoever asks twice.

use std::path::{Path, PathBuf};

use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::support::*;
use crate::system::{Client, answers};

#[tokio::test]
async fn up_ends_with_the_reason_when_one_of_its_servers_is_killed() {
    for server in ["nats", "postgres"] {
        let folder = open_folder();
        let mut ally = ally(folder.path());
        ally.args(["up", "--free-ports"]).env("RUST_LOG", "off");
        let mut up = ally.spawn().unwrap();
        let mut lines = BufReader::new(up.stdout.take().unwrap()).lines();
        let mut said = String::new();
        while !said.contains("ready;") {
            said += &lines.next_line().await.unwrap().expect("it ended before it was ready");
        }
        let addresses: Vec<String> = said
            .split(|c: char| c.is_whitespace() || c == '│' || c == '┆')
            .filter_map(|word| word.split_once("://"))
            .map(|(_, rest)| rest.rsplit('@').next().unwrap().split('/').next().unwrap().to_owned())
            .collect();
        assert!(addresses.len() > 8, "every role and both servers are told: {said}");

        send(process_in(&folder.path().join(format!("data/{server}.pid"))), Signal::KILL);
        let mut told = String::new();
        up.stderr.take().unwrap().read_to_string(&mut told).await.unwrap();
        assert_eq!(up.wait().await.unwrap().code(), Some(1), "{told}");
        assert!(told.contains(&format!("{server} was ended by signal 9 (SIGKILL")), "{told}");
        assert_nobody_answers(&addresses).await;
    }
}

/// A proxy that answers nobody, and IPv6: `up` and `doctor` reach what runs here; then a caller dawdles, and the second Ctrl-C
/// does not wait for it.
#[tokio::test]
async fn up_is_ready_behind_a_proxy_and_on_ipv6_and_a_second_signal_ends_it_at_once() {
    let folder = open_folder();
    let configured = || {
        let mut ally = ally(folder.path());
        for variable in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
            ally.env(variable, "http://127.0.0.1:1");
        }
        ally.env("ALLY_HOST", "::1").env("RUST_LOG", "off").env("DRAIN_DEADLINE_MS", "600000");
        ally
    };
    let mut up = configured();
    let mut up = up.args(["up", "--free-ports"]).spawn().unwrap();
    let mut lines = BufReader::new(up.stdout.take().unwrap()).lines();
    let mut rows = Vec::new();
    while !rows.iter().any(|row: &String| row.contains("ready;")) {
        rows.push(lines.next_line().await.unwrap().expect("it ended before it was ready"));
    }
    let ports_of = |row: &str| -> Vec<String> {
        let row = rows.iter().find(|line| line.contains(row)).unwrap();
        let words = row.split_whitespace().filter(|word| word.contains("://"));
        words.map(|word| word.trim_end_matches("/metrics").rsplit(':').next().unwrap().to_owned()).collect()
    };
    let mut doctor = configured();
    doctor.args(["doctor", "--release", "--json"]);
    for (row, variable) in [
        ("gateway-bff", "GATEWAY_BFF"),
        ("profile-onboarding", "PROFILE_ONBOARDING"),
        ("planning-engine", "PLANNING_ENGINE"),
        ("realtime-presence-service", "REALTIME_PRESENCE_SERVICE"),
        ("projector", "PROJECTOR"),
    ] {
        let ports = ports_of(row);
        doctor.env(format!("{variable}_PORT"), &ports[0]).env(format!("{variable}_METRICS_PORT"), &ports[1]);
    }
    doctor.env("DATABASE_URL", format!("postgres://ally@127.0.0.1:{}", ports_of("PostgreSQL")[0]));
    let nats = ports_of("monitoring");
    doctor.env("NATS_URL", format!("nats://127.0.0.1:{}", nats[0])).env("NATS_MONITOR_PORT", &nats[1]);
    let looked = output(doctor).await;
    assert!(looked.status.success(), "{}", String::from_utf8_lossy(&looked.stdout));

    let mut token = configured();
    token.args(["token", "--sub", "amy"]);
    let token = String::from_utf8(output(token).await.stdout).unwrap();
    let gateway = format!("[::1]:{}", ports_of("gateway-bff")[0]);
    let mut dawdler = TcpStream::connect(&gateway).await.unwrap();
    let head = format!(
        "POST /api/v1/onboarding HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer {}\r\n\
         Expect: 100-continue\r\nContent-Length: 9999\r\n\r\n",
        token.trim()
    );
    dawdler.write_all(head.as_bytes()).await.unwrap();
    // "Continue": the body is waited for, and will not come.
    let mut answer = [0; 12];
    dawdler.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100");
    let mut said = BufReader::new(up.stderr.take().unwrap()).lines();
    send(up.id().unwrap(), Signal::INT);
    while !said.next_line().await.unwrap().expect("it ended without a word").contains("Ctrl-C again ends at once") {}
    send(up.id().unwrap(), Signal::INT);
    assert_eq!(up.wait().await.unwrap().code(), Some(130));
    assert_nobody_answers(&[gateway, format!("127.0.0.1:{}", nats[0])]).await;
}

/// A stream that is gone is made anew for whoever says so, and then the views follow it: `up` becomes ready again.
#[tokio::test]
async fn up_with_a_stream_that_was_lost_is_ready_once_it_may_make_an_empty_one() {
    let folder = open_folder();
    let mut token = ally(folder.path());
    token.args(["token", "--sub", "amy"]);
    let first = Up::start(folder.path(), &[]).await;
    let token = String::from_utf8(output(token).await.stdout).unwrap().trim().to_owned();
    let amy = Client::new(first.url("gateway-bff", "http://"), token.clone());
    let job = amy.onboard(&answers()).await;
    assert_eq!(amy.ended(&job).await.status, "completed");
    let nats = async_nats::connect(first.url("NATS", "nats://")).await.unwrap();
    async_nats::jetstream::new(nats).delete_stream("PLANS").await.unwrap();
    first.stop().await;

    let mut refused = ally(folder.path());
    let refused = refused.args(["up", "--free-ports"]).env("RUST_LOG", "off").output().await.unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(2) && said.contains("ally up --apply-streams"), "{said}");
    let again = Up::start(folder.path(), &["--apply-streams"]).await;
    let amy = Client::new(again.url("gateway-bff", "http://"), token);
    assert_eq!(amy.ended(&amy.generate("one").await).await.status, "completed");
    again.stop().await;
}

/// Where the server keeps the open batches of the jobs' stream; none where it is its own folder.
fn batches(folder: &Path) -> Option<PathBuf> {
    std::fs::read_link(folder.join("data/nats/jetstream/$G/streams/PLANS/batches")).ok()
}

#[tokio::test]
async fn an_ally_that_is_killed_loses_no_accepted_job_with_the_batches_in_memory_and_leaves_nothing_there() {
    let folder = open_folder();
    let first = Up::start(folder.path(), &[]).await;
    let Some(memory) = batches(folder.path()) else {
        // This machine has no room for them in memory: there they are on the disk.
        return first.stop().await;
    };
    let mut token = ally(folder.path());
    token.args(["token", "--sub", "amy"]);
    let token = String::from_utf8(output(token).await.stdout).unwrap().trim().to_owned();
    let amy = Client::new(first.url("gateway-bff", "http://"), token.clone());
    amy.ended(&amy.onboard(&answers()).await).await;
    let jobs = futures::future::join_all((0..8).map(async |n| amy.generate(&format!("key-{n}")).await)).await;
    first.kill().await;

    let again = Up::start(folder.path(), &[]).await;
    assert!(!memory.exists(), "{} is of an Ally that is gone", memory.display());
    let now = batches(folder.path()).expect("they are in memory again");
    let amy = Client::new(again.url("gateway-bff", "http://"), token);
    for job in &jobs {
        assert_eq!(amy.ended(job).await.status, "completed");
    }
    again.stop().await;
    assert!(!now.exists() && batches(folder.path()).is_none());
}
