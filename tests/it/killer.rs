//! A message that kills its worker's process, every time: nobody is left to settle it. The server gives it up, the backstop
//! parks it, its neighbours never notice, and once its cause is gone it is put back and completes.
//!
//! The worker is this very program, started as a process of its own and started again whenever it dies, as a supervisor
//! would. Alone in hand, the deadly message dies before anything is written down, and the server gives it up. In company, it
//! dies in the midst of its attempt with all the others in the same hands: they are lost with it once, and never again.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::engine::Catalogue;
use ally_domain::engine::plan::Plan;
use ally_domain::envelope::Recorded;
use ally_domain::ids::{AggregateKind, AggregateRef, JobId, PlanId};
use ally_domain::job::Priority;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{
    DeliveryContext, EventHandler, EventStore, PlanOrder, PlanProvider, ProviderError, StoreError,
};
use ally_handlers::providers::BuiltinProvider;
use ally_handlers::{Executor, PlannerConfig, PlannerHandler};
use ally_nats::names::{StreamName, durable};
use ally_nats::{
    ConsumerConfig, ConsumerRunner, JetStream, JitteredClock, NatsCancellations, NatsConfig, NatsEventStore, Upcasters,
};
use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::system::{System, SystemClock, answers, eventually, server};

const NEIGHBOURS: usize = 8;
/// The server gives a message up after so many deliveries.
const MAX_DELIVER: u32 = 3;
/// As short as the test is to be over soon, and far longer than a plan takes.
const ACK_WAIT: Duration = Duration::from_secs(1);
/// How many attempts a job has, where the log lives to count them.
const MAX_ATTEMPTS: u32 = 3;
const PREFIX: &str = "ALLY_TEST_WORKER_PREFIX";
const POISON: &str = "ALLY_TEST_WORKER_POISON";
/// `One` or `Many`: how many messages the worker has in hand at a time.
const HANDS: &str = "ALLY_TEST_WORKER_HANDS";
/// How many of its kind died before it.
const DEATHS: &str = "ALLY_TEST_WORKER_DEATHS";

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
    let prefix = system.variable("ALLY_PREFIX").to_owned();
    let supervisor = tokio::spawn(supervise(prefix, poison.clone(), Hands::One, stop.clone()));
    assert_eq!(client.ended(&poison).await.status, "dead_lettered");
    for job in &neighbours {
        let ended = client.ended(job).await;
        assert_eq!((ended.status.as_str(), ended.plan_id.is_some()), ("completed", true), "{ended:?}");
        assert_eq!(told(&system, job).await, ["requested", "started", "completed"], "nothing happened to {job}");
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
    assert_eq!(history, ["requested", "dead_lettered", "redriven", "started", "completed"]);
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
    let prefix = system.variable("ALLY_PREFIX").to_owned();
    let supervisor = tokio::spawn(supervise(prefix, poison.clone(), Hands::Many, stop.clone()));
    let ended = client.ended(&poison).await;
    assert_eq!((ended.status.as_str(), ended.attempts), ("dead_lettered", MAX_ATTEMPTS), "{ended:?}");
    for job in &company {
        let ended = client.ended(job).await;
        assert_eq!((ended.status.as_str(), ended.attempts), ("completed", 2), "lost once, then done: {ended:?}");
    }
    stop.cancel();
    assert_eq!(supervisor.await.unwrap(), MAX_ATTEMPTS, "each of its attempts killed a process, and nothing else did");
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
    names.filter(|name| name != "progressed").collect()
}

fn dlq(system: &System, arguments: &[&str]) -> Vec<serde_json::Value> {
    let output = system.command(&[&["dlq"], arguments, &["--json"]].concat()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// How many messages a worker has in hand at a time.
#[derive(Debug, Clone, Copy)]
enum Hands {
    One,
    Many,
}

/// Starts the worker again whenever it dies. How often it did.
async fn supervise(prefix: String, poison: String, hands: Hands, stop: CancellationToken) -> u32 {
    let mut deaths = 0;
    loop {
        let mut worker = tokio::process::Command::new(std::env::current_exe().unwrap());
        worker.args(["--exact", "killer::plays_the_worker", "--ignored", "--nocapture"]);
        worker.env(PREFIX, &prefix).env(POISON, &poison).kill_on_drop(true);
        worker.env(HANDS, format!("{hands:?}")).env(DEATHS, deaths.to_string());
        worker.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut worker = worker.spawn().unwrap();
        // Held here: waiting would close it, and the worker would take that for its end.
        let _input = worker.stdin.take();
        tokio::select! {
            died = worker.wait() => {
                let signal = died.unwrap().signal();
                assert_eq!(signal, Some(rustix::process::Signal::ABORT.as_raw()), "the worker ended otherwise");
                deaths += 1;
            }
            () = stop.cancelled() => {
                worker.kill().await.unwrap();
                return deaths;
            }
        }
    }
}

#[test]
#[ignore = "no test: the process that a message kills, started by the test above"]
fn plays_the_worker() {
    // It ends with whoever holds its standard input.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut config = NatsConfig::new(server("ALLY_TEST_NATS_URL"));
        config.prefix = server(PREFIX);
        let jetstream = JetStream::connect(config).await.unwrap();
        jetstream.ensure_topology().await.unwrap();
        let poison: JobId = server(POISON).parse().unwrap();
        let builtin = BuiltinProvider::new(Arc::new(Catalogue::embedded().unwrap()));
        let many = server(HANDS) == format!("{:?}", Hands::Many);
        let (max_in_flight, max_deliver) = if many { (NEIGHBOURS + 1, MAX_ATTEMPTS + 3) } else { (1, MAX_DELIVER) };
        let handler: Arc<dyn EventHandler> = if many {
            let (poison, begun) = (PlanId::for_job(&poison), Semaphore::new(0));
            let provider = DeadlyInCompany { builtin, poison, first: server(DEATHS) == "0", begun };
            Arc::new(planner(&jetstream, Arc::new(provider)))
        } else {
            Arc::new(Deadly { planner: planner(&jetstream, Arc::new(builtin)), poison })
        };
        let events = [(AggregateKind::Job, "requested"), (AggregateKind::Job, "redriven")];
        let config = ConsumerConfig {
            max_in_flight,
            ack_wait: ACK_WAIT,
            max_deliver,
            ..ConsumerConfig::new(durable::PLANNER, StreamName::Plans, &events)
        };
        let (retry, clock) = (Arc::new(JitteredClock::default()), Arc::new(SystemClock));
        ConsumerRunner::new(jetstream, Upcasters::default(), config, handler, retry, clock)
            .run(CancellationToken::new())
            .await;
    });
}

fn planner(jetstream: &JetStream, provider: Arc<dyn PlanProvider>) -> PlannerHandler {
    let config = PlannerConfig {
        worker: format!("mortal-{}", std::process::id()),
        lane: Priority::Normal,
        max_per_athlete: NEIGHBOURS + 1,
        max_attempts: MAX_ATTEMPTS,
        attempt_deadline: Duration::from_secs(60),
    };
    let store = NatsEventStore::new(jetstream.clone(), Upcasters::default());
    let retry = Arc::new(JitteredClock::default());
    let (clock, cancellations) = (Arc::new(SystemClock), NatsCancellations::new(jetstream.clone(), ACK_WAIT));
    let executor = Executor::new(Arc::new(store));
    PlannerHandler::new(executor, provider, retry, clock, Arc::new(cancellations), config)
}

/// The planner, in a process that one job brings down: no destructor runs, no goodbye is sent.
struct Deadly {
    planner: PlannerHandler,
    poison: JobId,
}

#[async_trait]
impl EventHandler for Deadly {
    async fn handle(&self, event: &Recorded, delivery: &DeliveryContext) -> Outcome {
        if event.aggregate.id.as_str() == self.poison.as_str() {
            std::process::abort();
        }
        self.planner.handle(event, delivery).await
    }

    async fn parked(&self, event: &Recorded, reason: &str, fingerprint: &str) -> Result<(), StoreError> {
        self.planner.parked(event, reason, fingerprint).await
    }
}

/// A provider that one plan brings down with its process, in the midst of the attempts of all the others.
struct DeadlyInCompany {
    builtin: BuiltinProvider,
    poison: PlanId,
    /// Whether no process died yet: then nobody is done before the deadly plan is begun.
    first: bool,
    /// One for each plan beside the deadly one that was begun here.
    begun: Semaphore,
}

/// How long a plan takes: long enough for the deadly one to be begun beside it, were it let.
const WORK: Duration = Duration::from_millis(300);

#[async_trait]
impl PlanProvider for DeadlyInCompany {
    fn name(&self) -> &'static str {
        "deadly"
    }

    async fn make(&self, order: &PlanOrder) -> Result<Plan, ProviderError> {
        if order.plan_id == self.poison {
            if self.first {
                let _company = self.begun.acquire_many(u32::try_from(NEIGHBOURS).unwrap()).await.unwrap();
            }
            std::process::abort();
        }
        self.begun.add_permits(1);
        if self.first {
            std::future::pending::<()>().await;
        }
        // This is the work itself, and not a wait for somebody else's.
        tokio::time::sleep(WORK).await;
        self.builtin.make(order).await
    }
}
