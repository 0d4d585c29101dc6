//! `ally up` cannot live without its servers: when one dies it says so, stops all the rest, and fails.

use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use super::support::*;

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
        assert!(told.contains(&format!("{server} ended by itself")), "{told}");
        assert_nobody_answers(&addresses).await;
    }
}
