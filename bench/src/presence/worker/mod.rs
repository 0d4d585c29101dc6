//! A generator: one thread with some thousands of clients, which does what it is asked for on its standard input.
//!
//! Here live the orders. Deliberately not here: frames and bytes ([`socket`]), what a client makes of them ([`client`]), and
//! what is measured when ([`super::crew`] and the steps beside it).

mod client;
mod collector;
mod pace;
mod socket;
mod speech;

use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use ally_api::{AuthConfig, Secret, mint};
use anyhow::Context;
use time::OffsetDateTime;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::task::{AbortHandle, JoinSet, LocalSet};
use tokio::time::{Instant, sleep};

use super::order::{self, Identity, Order, Seen};
use crate::terminal;
use client::{Back, Client};
use collector::{Collector, Measure};
use socket::Socket;

/// How long the last answers are waited for.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// Read at once from one connection, at most.
const SCRATCH_BYTES: usize = 64 * 1024;
/// Longer than any measurement.
const TOKEN_TTL: Duration = Duration::from_secs(24 * 3_600);

/// Works until its input ends.
pub fn run() -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    LocalSet::new().block_on(&runtime.context("the runtime could not start")?, async {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        let identity = lines.next_line().await?.context("the first line says which generator this is")?;
        let mut worker = Worker::new(order::read(&identity)?)?;
        while let Some(line) = lines.next_line().await? {
            let seen = worker.obey(order::read(&line)?).await?;
            terminal::line(&serde_json::to_string(&seen)?);
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// A client and the task that reads for it.
struct Live {
    client: Rc<Client>,
    task: AbortHandle,
}

struct Worker {
    identity: Identity,
    auth: AuthConfig,
    collector: Rc<Collector>,
    scratch: Rc<RefCell<Vec<u8>>>,
    live: Vec<Live>,
    cut: Vec<Back>,
    halted: Vec<Live>,
    next: u64,
}

/// What a connection says first.
enum First {
    Join { room: String },
    Resume,
}

impl Worker {
    fn new(identity: Identity) -> anyhow::Result<Self> {
        let auth = AuthConfig { secret: Secret::new(identity.secret.clone())?, issuer: None, audience: None };
        let scratch = Rc::new(RefCell::new(vec![0; SCRATCH_BYTES]));
        let (live, cut, halted) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { identity, auth, collector: Rc::new(Collector::new()?), scratch, live, cut, halted, next: 0 })
    }

    async fn obey(&mut self, order: Order) -> anyhow::Result<Seen> {
        let begun = Instant::now();
        match order {
            Order::Open { prefix, connections, rooms, per_second } => {
                self.open(&prefix, connections, rooms.max(1), per_second).await?;
            }
            Order::Beat { per_second, seconds } => self.beat(per_second, seconds).await,
            Order::Patch { per_second, seconds } => self.patch(per_second, seconds).await,
            Order::Wait { seconds } => sleep(Duration::from_secs_f64(seconds)).await,
            Order::Cut { connections } => self.cut(connections),
            Order::Resume => self.resume().await?,
            Order::Leave { connections } => {
                let leaving = self.last(connections);
                self.leave(leaving).await;
            }
            Order::Halt { connections } => {
                let halting = self.last(connections);
                halting.iter().for_each(|live| live.task.abort());
                self.halted.extend(halting);
            }
            Order::Forget => self.halted.clear(),
        }
        let mut seen = self.collector.take();
        seen.seconds = begun.elapsed().as_secs_f64();
        seen.unanswered = self.collector.answered(Duration::ZERO).await;
        seen.open = self.live.len() as u64;
        Ok(seen)
    }

    fn token(&self, index: u64) -> anyhow::Result<String> {
        Ok(mint(&self.auth, &format!("bench-{index}"), now(), TOKEN_TTL, &[])?)
    }

    async fn open(&mut self, prefix: &str, connections: u64, rooms: u64, per_second: f64) -> anyhow::Result<()> {
        let mut newcomers = Vec::new();
        for _ in 0..connections {
            // In turn with the other generators, so that a room has members of all of them.
            let index = self.next * self.identity.of as u64 + self.identity.number as u64;
            self.next += 1;
            let back = Back { index, ..Back::default() };
            newcomers.push((back, First::Join { room: format!("{prefix}-{}", index % rooms) }, self.token(index)?));
        }
        self.come(newcomers, per_second).await
    }

    async fn resume(&mut self) -> anyhow::Result<()> {
        let cut = std::mem::take(&mut self.cut);
        let back = cut.into_iter().map(|back| Ok((back.clone(), First::Resume, self.token(back.index)?)));
        let back = back.collect::<anyhow::Result<Vec<_>>>()?;
        self.come(back, 0.0).await
    }

    /// Connects each of them and sends its first message, at a rate or all at once, and waits for the answers.
    async fn come(&mut self, coming: Vec<(Back, First, String)>, per_second: f64) -> anyhow::Result<()> {
        let mut arriving = JoinSet::new();
        let total = coming.len();
        let mut coming = coming.into_iter();
        if per_second > 0.0 {
            let mut due = pace::schedule(per_second, total as f64 / per_second);
            while let Some(moment) = due.recv().await {
                for newcomer in coming.by_ref().take((moment.to - moment.from) as usize) {
                    arriving.spawn_local(self.arrive(newcomer, moment.at));
                }
                self.collector.record_since(Measure::Late, moment.at);
            }
        }
        let now = Instant::now();
        for newcomer in coming {
            arriving.spawn_local(self.arrive(newcomer, now));
        }
        while let Some(arrived) = arriving.join_next().await {
            self.live.extend(arrived.context("a connection could not be made")?);
        }
        self.collector.answered(ANSWERED_WITHIN).await;
        Ok(())
    }

    /// A client that connects and sends its first message; `None` when it cannot connect.
    fn arrive(
        &self,
        (back, first, token): (Back, First, String),
        due: Instant,
    ) -> impl Future<Output = Option<Live>> + 'static {
        let Identity { server, source, over, .. } = self.identity;
        let (collector, scratch) = (Rc::clone(&self.collector), Rc::clone(&self.scratch));
        async move {
            let connecting = Socket::connect(server, source, over.path(), &token);
            let socket = match tokio::time::timeout(ANSWERED_WITHIN, connecting).await {
                Ok(Ok(socket)) => socket,
                Ok(Err(error)) => {
                    collector.add_error(format!("no connection: {error}"));
                    return None;
                }
                Err(_) => {
                    collector.add_error(format!("no connection within {} s", ANSWERED_WITHIN.as_secs()));
                    return None;
                }
            };
            let (measure, message) = match first {
                First::Join { room } => (Measure::Join, over.join(&room)),
                First::Resume => {
                    let Back { resume, position, .. } = &back;
                    let message = format!(r#"{{"type":"resume","id":1,"resume":"{resume}","position":"{position}"}}"#);
                    (Measure::Resume, message)
                }
            };
            let client = Client::new(socket, (over, token), back, &collector);
            let task = tokio::task::spawn_local(Rc::clone(&client).follow(scratch)).abort_handle();
            if tokio::time::timeout(ANSWERED_WITHIN, client.welcomed()).await.is_err() {
                collector.add_error(format!("not welcomed within {} s", ANSWERED_WITHIN.as_secs()));
                task.abort();
                return None;
            }
            collector.record_since(Measure::Connect, due);
            client.ask(measure, Instant::now(), &socket::text(&message));
            Some(Live { client, task })
        }
    }

    async fn beat(&self, per_second: f64, seconds: f64) {
        let frame = socket::text(&self.identity.over.beat());
        let mut due = pace::schedule(per_second, seconds);
        while let Some(moment) = due.recv().await {
            self.record_late(&moment);
            for number in moment.from..moment.to {
                if let Some(live) = self.live.get(number as usize % self.live.len().max(1)) {
                    live.client.ask(Measure::Beat, moment.at, &frame);
                }
            }
            // Answers are read between two milliseconds, also where the schedule is late.
            tokio::task::yield_now().await;
        }
        self.collector.answered(ANSWERED_WITHIN).await;
    }

    async fn patch(&self, per_second: f64, seconds: f64) {
        let mut due = pace::schedule(per_second, seconds);
        while let (Some(moment), Some(live)) = (due.recv().await, self.live.first()) {
            self.record_late(&moment);
            for number in moment.from..moment.to {
                let state = format!(r#"{{"due":{},"number":{number}}}"#, moment.micros);
                let frame = socket::text(&self.identity.over.patch(&state));
                live.client.ask(Measure::Patch, moment.at, &frame);
            }
            tokio::task::yield_now().await;
        }
        self.collector.answered(ANSWERED_WITHIN).await;
    }

    fn record_late(&self, moment: &pace::Due) {
        let late = u64::try_from(moment.at.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.collector.record(Measure::Late, late, moment.to - moment.from);
    }

    fn last(&mut self, connections: u64) -> Vec<Live> {
        let from = self.live.len().saturating_sub(usize::try_from(connections).unwrap_or(usize::MAX));
        self.live.split_off(from)
    }

    fn cut(&mut self, connections: u64) {
        for live in self.last(connections) {
            live.task.abort();
            self.cut.push(live.client.back());
        }
    }

    async fn leave(&self, leaving: Vec<Live>) {
        let (begun, frame) = (Instant::now(), socket::text(&self.identity.over.leave()));
        leaving.iter().for_each(|live| live.client.ask(Measure::Leave, begun, &frame));
        self.collector.answered(ANSWERED_WITHIN).await;
        for live in leaving {
            live.task.abort();
            live.client.give_up();
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "a token says when it ends; no rule of the bench depends on it")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
