//! A message that kills its worker's process, every time: nobody is left to settle it. The next worker counts its deliveries
//! and parks it unread, its neighbours never notice, and once its cause is gone it is put back and completes.
//!
//! The worker is `examples/mortal_worker`, started again whenever it dies, as a supervisor would. Alone in hand, the deadly
//! message kills before anything is written down, so that only its deliveries count. In company, it dies in the midst of its attempt
//! with all the others in the same hands: they are lost with it once, and never again.

#[path = "../../examples/mortal_worker/orders.rs"]
mod orders;

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::ports::EventStore;
use tokio_util::sync::CancellationToken;

use self::orders::{Kills, Orders};
use crate::system::{System, answers, eventually, server};

const NEIGHBOURS: usize = 8;
/// A worker parks a message that comes again after so many deliveries.
const MAX_DELIVER: u32 = 3;
/// As short as the test is to be over soon, and far longer than a plan takes.
const ACK_WAIT: Duration = Duration::from_secs(1);
/// How many attempts a job has, where the log lives to count them.
const MAX_ATTEMPTS: u32 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_kills_its_process_every_time_is_parked_and_its_neighbours_complete() {
    let system = System::new();
    let [gateway, projector] = system.start_ready(["gateway", "projector"]).await;
    let client = system.client(&gateway, "amy");
    client.onboard(&answers()).await;
    let mut neighbours = Vec::new();
    for n in 0..=NEIGHBOURS {
        neighbours.push(client.generate(&format!("key-{n}")).await);
    }
    let poison = neighbours.remove(NEIGHBOURS / 3);

    let stop = CancellationToken::new();
    let supervisor = tokio::spawn(supervise(orders(&system, &poison, Kills::AtOnce), stop.clone()));
    assert_eq!(client.ended(&poison).await.status, "dead_lettered");
    for job in &neighbours {
        let ended = client.ended(job).await;
        assert_eq!((ended.status.as_str(), ended.plan_id.is_some()), ("completed", true), "{ended:?}");
        assert_eq!(told(&system, job).await, ["requested", "completed"], "nothing happened to {job}");
    }
    stop.cancel();
    assert_eq!(supervisor.await.unwrap(), MAX_DELIVER, "each delivery killed a process, and none came after");
    assert_eq!(told(&system, &poison).await, ["requested", "dead_lettered"]);

    let letters = dlq(&system, &["list"]);
    let [letter] = &letters[..] else { panic!("one letter: {letters:?}") };
    assert_eq!((letter["deliveries"].as_u64(), letter["id"].as_str().is_some()), (Some(MAX_DELIVER.into()), true));
    assert_eq!(letter["reason"], format!("it was delivered {MAX_DELIVER} times and never settled"));

    // The cause is gone: these workers survive it.
    let [planner] = system.start_ready(["planner"]).await;
    let id = letter["id"].as_str().unwrap();
    let redriven = dlq(&system, &["redrive", id, "--note", "the worker no longer dies", "--as", "kim"]);
    assert_eq!(redriven[0]["outcome"], "redriven", "{redriven:?}");
    eventually("the redriven job completed", async || {
        let job = client.job(&poison).await;
        (job.status == "completed" && job.plan_id.is_some()).then_some(())
    })
    .await;
    let history = told(&system, &poison).await;
    assert_eq!(history, ["requested", "dead_lettered", "redriven", "completed"]);
    assert!(dlq(&system, &["list"]).is_empty());
    for role in [gateway, planner, projector] {
        assert_eq!(role.terminate().await, Some(0));
    }
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_kills_its_process_takes_its_company_along_once_and_never_again() {
    let system = System::new();
    let [gateway, projector] = system.start_ready(["gateway", "projector"]).await;
    let client = system.client(&gateway, "amy");
    client.onboard(&answers()).await;
    let mut company = Vec::new();
    for n in 0..=NEIGHBOURS {
        company.push(client.generate(&format!("key-{n}")).await);
    }
    let poison = company.remove(NEIGHBOURS / 3);

    let stop = CancellationToken::new();
    let supervisor = tokio::spawn(supervise(orders(&system, &poison, Kills::AtWork), stop.clone()));
    let ended = client.ended(&poison).await;
    assert_eq!((ended.status.as_str(), ended.attempts), ("dead_lettered", MAX_ATTEMPTS), "{ended:?}");
    for job in &company {
        let ended = client.ended(job).await;
        assert_eq!((ended.status.as_str(), ended.attempts), ("completed", 2), "lost once, then done: {ended:?}");
    }
    stop.cancel();
    // The first death comes before anything is counted: a job that is new is counted when it lasts.
    assert_eq!(
        supervisor.await.unwrap(),
        MAX_ATTEMPTS + 1,
        "each of its attempts killed a process, and nothing else did"
    );
    for role in [gateway, projector] {
        assert_eq!(role.terminate().await, Some(0));
    }
    system.remove().await;
}

/// The job's events by name, without what only tells how far its attempt is.
async fn told(system: &System, job: &str) -> Vec<String> {
    let aggregate = AggregateRef { kind: AggregateKind::Job, id: job.parse().unwrap() };
    let history = system.log().await.load(&aggregate).await.unwrap();
    let names = history.events.into_iter().map(|event| event.event_type.name);
    names.filter(|name| !["started", "progressed"].contains(&name.as_ref())).collect()
}

fn dlq(system: &System, arguments: &[&str]) -> Vec<serde_json::Value> {
    let output = system.command(&[&["dlq"], arguments, &["--json"]].concat()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the worker is told.
fn orders(system: &System, poison: &str, kills: Kills) -> Orders {
    let (max_in_flight, max_deliver) = match kills {
        Kills::AtOnce => (1, MAX_DELIVER),
        Kills::AtWork => (NEIGHBOURS + 1, MAX_ATTEMPTS + 3),
    };
    Orders {
        nats: server("ALLY_TEST_NATS_URL"),
        prefix: system.variable("ALLY_PREFIX").to_owned(),
        poison: poison.to_owned(),
        kills,
        deaths: 0,
        max_in_flight,
        max_deliver,
        max_attempts: MAX_ATTEMPTS,
        ack_wait: ACK_WAIT,
    }
}

/// The worker's program, which is built with the tests: beside them, among the examples.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join("examples/mortal_worker");
    assert!(program.exists(), "{} is missing: run `cargo build --example mortal_worker`", program.display());
    program
}

/// Starts the worker again whenever it dies. How often it did.
async fn supervise(mut orders: Orders, stop: CancellationToken) -> u32 {
    loop {
        let mut worker = tokio::process::Command::new(program());
        worker.arg(serde_json::to_string(&orders).unwrap()).kill_on_drop(true);
        worker.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut worker = worker.spawn().unwrap();
        // Held here: waiting would close it, and the worker would take that for its end.
        let _input = worker.stdin.take();
        tokio::select! {
            died = worker.wait() => {
                let signal = died.unwrap().signal();
                assert_eq!(signal, Some(rustix::process::Signal::ABORT.as_raw()), "the worker ended otherwise");
                orders.deaths += 1;
            }
            () = stop.cancelled() => {
                worker.kill().await.unwrap();
                return orders.deaths;
            }
        }
    }
}
