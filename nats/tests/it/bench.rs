//! What every test here stands on: a prefix of its own on the shared server, removed when the test ends; a handler that
//! answers as told.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::ids::AggregateRef;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Clock, DeliveryContext, EventHandler, EventStore, RetryClock, StoreError};
use ally_domain::testing::conformance::{event, new_append, new_job};
use ally_nats::names::StreamName;
use ally_nats::{
    ConsumerConfig, ConsumerFigures, ConsumerRunner, JetStream, NatsConfig, NatsEventStore, Replicas, Upcasters,
};
use async_nats::jetstream::consumer::{Consumer, FromConsumer, pull};
use async_trait::async_trait;
use futures::StreamExt;
use time::OffsetDateTime;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

#[allow(clippy::disallowed_methods, reason = "tests find their servers through the environment")]
pub fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make test`, which starts the servers"))
}

pub fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub fn run(test: impl Future<Output = ()>) {
    runtime().block_on(test);
}

/// The longest that anything here may take; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for an event, never for a time.
pub async fn within<T>(what: &str, event: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, event).await.unwrap_or_else(|_| panic!("{what} did not happen within {PATIENCE:?}"))
}

/// The server's figures can only be asked for, again and again.
pub async fn until<F, Fut>(what: &str, mut holds: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = bool>,
{
    within(what, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "a schedule on a real server is due by the machine's clock")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// The same delay after every attempt.
pub struct FixedDelay(pub Duration);

impl RetryClock for FixedDelay {
    fn delay_after(&self, _attempt: u32) -> Duration {
        self.0
    }
}

/// A deployment of its own: streams under a random prefix.
pub struct Deployment {
    pub jetstream: JetStream,
    url: String,
    prefix: String,
}

fn addresses(url: &str) -> Vec<async_nats::ServerAddr> {
    url.split(',').map(|url| url.parse().unwrap()).collect()
}

pub fn config(url: &str) -> NatsConfig {
    let prefix = format!("t{}", &uuid::Uuid::now_v7().simple().to_string()[12..]);
    NatsConfig { prefix, ..NatsConfig::new(url) }
}

impl Deployment {
    pub async fn start() -> Self {
        Self::on(config(&env("ALLY_TEST_NATS_URL"))).await
    }

    pub async fn on(config: NatsConfig) -> Self {
        Self::with(config, Replicas::AsFound).await
    }

    pub async fn with(config: NatsConfig, replicas: Replicas) -> Self {
        let (url, prefix) = (config.url.clone(), config.prefix.clone());
        let jetstream = JetStream::connect(config).await.unwrap();
        // A cluster takes a moment until it can place a stream.
        until("the streams are made", || async { jetstream.apply_streams(replicas).await.is_ok() }).await;
        Self { jetstream, url, prefix }
    }

    /// Another process of the same deployment, which has made no stream.
    pub async fn another_role(&self) -> JetStream {
        JetStream::connect(NatsConfig { prefix: self.prefix.clone(), ..NatsConfig::new(&self.url) }).await.unwrap()
    }

    /// The log as another node of the same deployment has it.
    pub async fn another_node(&self) -> NatsEventStore {
        let config = NatsConfig { prefix: self.prefix.clone(), ..NatsConfig::new(&self.url) };
        NatsEventStore::new(JetStream::connect(config).await.unwrap(), Upcasters::default())
    }

    pub fn store(&self) -> NatsEventStore {
        NatsEventStore::new(self.jetstream.clone(), Upcasters::default())
    }

    /// The server as any client sees it.
    pub async fn raw(&self) -> async_nats::jetstream::Context {
        async_nats::jetstream::new(async_nats::connect(addresses(&self.url)).await.unwrap())
    }

    /// Appends the first event of so many new jobs.
    pub async fn request(&self, count: usize) -> Vec<AggregateRef> {
        let store = self.store();
        let jobs: Vec<_> = (0..count).map(|_| new_job()).collect();
        let appends = jobs.iter().map(|job| store.append(new_append(job, 0, vec![event("requested", 1)])));
        for appended in futures::future::join_all(appends).await {
            appended.unwrap();
        }
        jobs
    }

    pub fn runner(&self, config: ConsumerConfig, handler: Arc<dyn EventHandler>) -> ConsumerRunner {
        self.runner_with(config, handler, FixedDelay(Duration::from_millis(30)))
    }

    pub fn runner_with(
        &self,
        config: ConsumerConfig,
        handler: Arc<dyn EventHandler>,
        retry: FixedDelay,
    ) -> ConsumerRunner {
        let (retry, clock) = (Arc::new(retry), Arc::new(SystemClock));
        ConsumerRunner::new(self.jetstream.clone(), Upcasters::default(), config, handler, retry, clock)
    }

    /// Starts a consumer; it ends when the worker is stopped or dropped.
    pub fn work(&self, config: ConsumerConfig, handler: Arc<dyn EventHandler>) -> Worker {
        Worker::start(self.runner(config, handler))
    }

    pub async fn figures(&self) -> ConsumerFigures {
        self.jetstream.consumer_figures(StreamName::Plans, "worker", &SystemClock).await.unwrap_or_default()
    }

    /// The consumer of [`worker`], as any client sees it.
    pub async fn consumer(&self) -> Consumer<pull::Config> {
        let stream = self.raw().await.get_stream(self.jetstream.names().stream(StreamName::Plans)).await.unwrap();
        stream.get_consumer("worker").await.unwrap()
    }

    /// Lets the server give messages up, as consumers of older deployments did.
    pub async fn limit_deliveries(&self, max_deliver: i64) {
        let config = self.consumer().await.cached_info().config.clone();
        let config = pull::Config { max_deliver, ..pull::Config::try_from_consumer_config(config).unwrap() };
        let stream = self.raw().await.get_stream(self.jetstream.names().stream(StreamName::Plans)).await.unwrap();
        stream.create_consumer(config).await.unwrap();
    }

    /// Takes a message and dies before it says anything about it.
    pub async fn lose_one(&self, consumer: &Consumer<pull::Config>) {
        within("a delivery", async {
            while consumer.fetch().max_messages(1).messages().await.unwrap().next().await.is_none() {}
        })
        .await;
    }

    /// How many messages the stream of plans holds.
    pub async fn stored(&self) -> u64 {
        let stream = self.raw().await.get_stream(self.jetstream.names().stream(StreamName::Plans)).await.unwrap();
        stream.cached_info().state.messages
    }

    /// Waits until the consumer has nothing left to do.
    pub async fn all_settled(&self) {
        until("everything is settled", || async {
            self.jetstream
                .consumer_figures(StreamName::Plans, "worker", &SystemClock)
                .await
                .is_ok_and(|figures| figures.depth() == 0)
        })
        .await;
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        let (url, names) = (self.url.clone(), self.jetstream.names().clone());
        // A thread with a runtime of its own: the test's may be about to end, or be in a panic.
        let removed = std::thread::spawn(move || {
            runtime().block_on(async move {
                let Ok(client) = async_nats::connect(addresses(&url)).await else { return };
                let context = async_nats::jetstream::new(client);
                for stream in StreamName::ALL {
                    let _ = context.delete_stream(names.stream(stream)).await;
                }
                let _ = context.delete_stream(names.lease_stream()).await;
                let _ = context.delete_stream(names.lock_stream()).await;
            });
        });
        let _ = removed.join();
    }
}

/// A store whose deployment lives as long as the second part.
pub async fn store(_case: &str) -> (NatsEventStore, Arc<Deployment>) {
    let deployment = Deployment::start().await;
    (deployment.store(), Arc::new(deployment))
}

/// A consumer of requested jobs with short times.
pub fn worker() -> ConsumerConfig {
    ConsumerConfig {
        ack_wait: Duration::from_secs(30),
        max_in_flight: 4,
        ..ConsumerConfig::new("worker", StreamName::Plans, "requested")
    }
}

/// A running consumer.
pub struct Worker {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Worker {
    pub fn start(runner: ConsumerRunner) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(runner.run(stop.clone()));
        Self { stop, task }
    }

    /// Works on until its runtime ends.
    pub async fn stop_never(self) {
        self.task.await.unwrap();
    }

    /// Asks it to drain, and waits until it has.
    pub async fn stop(self) {
        self.stop.cancel();
        within("the drain", self.task).await.unwrap();
    }
}

type Handle = Box<dyn Fn(&Recorded, u64) -> Answer + Send + Sync>;
type Answer = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// What a handler was asked.
#[derive(Debug, Clone)]
pub struct Call {
    pub event: Recorded,
    pub delivery: u64,
}

/// Tells every call to the test, and answers as the test says.
pub struct Told {
    answer: Handle,
    calls: mpsc::UnboundedSender<Call>,
    parked: mpsc::UnboundedSender<(String, String)>,
    refuse_parked: Mutex<usize>,
}

pub struct Calls {
    pub handled: mpsc::UnboundedReceiver<Call>,
    pub parked: mpsc::UnboundedReceiver<(String, String)>,
}

impl Calls {
    pub async fn next(&mut self) -> Call {
        within("a call of the handler", self.handled.recv()).await.unwrap()
    }

    pub async fn next_parked(&mut self) -> (String, String) {
        within("a parked message", self.parked.recv()).await.unwrap()
    }
}

pub fn told<F, Fut>(answer: F) -> (Arc<Told>, Calls)
where
    F: Fn(&Recorded, u64) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    let ((calls, handled), (parked, parks)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let answer = Box::new(move |event: &Recorded, delivery| Box::pin(answer(event, delivery)) as Answer);
    (Arc::new(Told { answer, calls, parked, refuse_parked: Mutex::new(0) }), Calls { handled, parked: parks })
}

impl Told {
    /// The next so many parked messages cannot be recorded.
    pub fn refuse_parked(&self, times: usize) {
        *self.refuse_parked.lock().unwrap() = times;
    }
}

#[async_trait]
impl EventHandler for Told {
    async fn handle(&self, event: &Recorded, delivery: &DeliveryContext) -> Outcome {
        let _ = self.calls.send(Call { event: event.clone(), delivery: delivery.delivery });
        (self.answer)(event, delivery.delivery).await
    }

    async fn parked(&self, event: &Recorded, reason: &str, _fingerprint: &str) -> Result<(), StoreError> {
        let mut refuse = self.refuse_parked.lock().unwrap();
        if *refuse > 0 {
            *refuse -= 1;
            return Err(StoreError::Unavailable { reason: "told so".to_owned() });
        }
        let _ = self.parked.send((event.position.to_string(), reason.to_owned()));
        Ok(())
    }
}

/// A text of so many characters that packing makes a quarter shorter and no more.
pub fn noise(characters: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(ALPHABET[(state % 64) as usize])
    };
    (0..characters).map(|_| next()).collect()
}
