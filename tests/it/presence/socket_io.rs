//! The official client of Socket.IO, in its own language: the suites of `examples/clients/socket_io/`, against real nodes. They ask
//! for what only the outside can do to a node, and wait until it is done.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use ally_telemetry::testing::OtlpReceiver;
use serde_json::json;

use super::quick;
use crate::clients::{folder_for_a_run, installed, root};
use crate::system::{RoleProcess, System, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_client_speaks_every_event_and_gets_every_error() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let mut system = quick();
    system.set("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint()).set("OTEL_TRACES_SAMPLER_ARG", "1");
    let [one, two, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    let nodes = suite(&system, "protocol.test.js", vec![one, two]).await;
    let nodes = suite(&system, "metadata.test.js", nodes).await;
    for (event, transport) in [
        ("connect", "polling"),
        ("connect", "websocket"),
        ("join", "polling"),
        ("join", "websocket"),
        ("metadata", "polling"),
        ("disconnect", "websocket"),
    ] {
        eventually("the socket's span", async || {
            let spans = receiver.spans();
            spans.into_iter().find(|span| {
                let attribute = |key| span.text(key);
                span.name == format!("socket {event}")
                    && attribute("socket.transport") == Some(transport)
                    && attribute("client.address") == Some("127.0.0.1")
            })
        })
        .await;
    }
    let nobody = "presence_connections_active{door=\"socket_io\"} 0";
    for node in &nodes {
        eventually("the last one to be gone", async || {
            node.metrics().await.lines().any(|line| line == nobody).then_some(())
        })
        .await;
    }
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_client_is_cut_and_comes_back() {
    let mut system = quick();
    let [one, two, four, _projector] = system.start_ready(["presence", "presence", "presence", "projector"]).await;
    // The third node counts what a client sends.
    system.set("PRESENCE_MESSAGES_PER_SECOND", "1").set("PRESENCE_MESSAGES_BURST", "3");
    let [three] = system.start_ready(["presence"]).await;
    suite(&system, "cuts.test.js", vec![one, two, three, four]).await;
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_documentation_prints_runs_against_a_node() {
    let system = quick();
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let document = std::fs::read_to_string(root().join("docs/presence.md")).unwrap();
    let section = document.split("## Over Socket.IO").nth(1).unwrap();
    let printed = section.split("```js\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(printed.contains("http://127.0.0.1:4103"), "{printed}");
    let script = format!(
        "const token = process.env.TOKEN;\n{}console.log(snapshot[0].userId, self.connId);\nsocket.close();\n",
        printed.replace("http://127.0.0.1:4103", &node.http)
    );
    let packages = installed("socket_io");
    let folder = folder_for_a_run(&packages);
    std::fs::write(folder.path().join("printed.mjs"), script).unwrap();
    let mut node_js = Command::new("node");
    node_js.arg(folder.path().join("printed.mjs")).env("TOKEN", system.token("amy"));
    let output = tokio::task::spawn_blocking(move || node_js.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_there = said.lines().any(|line| line.starts_with("amy "));
    assert!(output.status.success() && is_there, "{said}{}", String::from_utf8_lossy(&output.stderr));
    system.remove().await;
}

/// Runs a suite to its end; it must not fail. The answer is the nodes that are left.
async fn suite(system: &System, file: &str, nodes: Vec<RoleProcess>) -> Vec<RoleProcess> {
    let packages = installed("socket_io");
    let folder = folder_for_a_run(&packages);
    for name in ["document.js", "support.js", file] {
        std::fs::copy(root().join("examples/clients/socket_io").join(name), folder.path().join(name)).unwrap();
    }
    let addresses: Vec<&str> = nodes.iter().map(|node| node.http.as_str()).collect();
    let suite = json!({"nodes": addresses, "secret": system.variable("ALLY_JWT_SECRET")});
    let mut child = Command::new("node")
        .arg("--test-reporter=spec")
        .arg(folder.path().join(file))
        .env("ALLY_SUITE", suite.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut nodes: Vec<_> = nodes.into_iter().map(Some).collect();
    let (lines, mut output) = tokio::sync::mpsc::unbounded_channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    let reading = std::thread::spawn(move || {
        out.lines().map_while(Result::ok).for_each(|line| lines.send(line).unwrap());
    });
    let mut answers = child.stdin.take().unwrap();
    let mut report = String::new();
    while let Some(line) = output.recv().await {
        let Some(command) = line.strip_prefix('@') else {
            report.push_str(&line);
            report.push('\n');
            continue;
        };
        let (what, node) = command.split_once(' ').unwrap();
        let node = nodes[node.parse::<usize>().unwrap()].take().unwrap();
        let done = match what {
            "kill" => {
                node.kill();
                "killed".to_owned()
            }
            "drain" => format!("ended with {}", node.terminate().await.map_or(-1, i32::from)),
            _ => panic!("{command}"),
        };
        writeln!(answers, "{done}").unwrap();
    }
    reading.join().unwrap();
    let status = child.wait().unwrap();
    println!("{report}");
    assert!(status.success(), "{file} ended with {status}");
    // A suite that found no test would end well, too.
    assert!(report.contains("fail 0") && !report.contains("tests 0\n"), "{file}");
    nodes.into_iter().flatten().collect()
}
