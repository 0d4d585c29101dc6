//! The generators as the processes that they are: each gets its share of an order, and what they have seen is added up.

use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::order::{self, Identity, Order, Over, Seen};
use crate::stack::{Costs, PresenceStack};
use crate::usage;

/// How long one order may take beside the time that it names.
const ORDER_DEADLINE: Duration = Duration::from_secs(180);
/// The name of the generators among the costs.
pub const GENERATOR: &str = "generator";

/// The generators of one stack.
pub struct Crew {
    workers: Vec<Worker>,
}

struct Worker {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

/// What was seen during an order, and what it has cost.
#[derive(Debug, Default)]
pub struct Took {
    pub seen: Seen,
    /// Processor time during the order, and memory at its end, by program; the generators are one of them.
    pub costs: Costs,
    /// From the order to the last generator's answer.
    pub seconds: f64,
}

impl Took {
    /// Processor time of a program, in seconds.
    pub fn cpu(&self, program: &str) -> f64 {
        self.costs.get(program).map_or(0.0, |usage| usage.cpu_seconds)
    }
}

impl Crew {
    /// Starts as many generators.
    pub async fn start(stack: &PresenceStack, workers: usize, over: Over) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program's own file is not known")?;
        let mut started = Vec::new();
        for number in 0..workers {
            let mut command = Command::new(&program);
            command.arg("presence-worker").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
            let mut child = command.spawn().context("a generator could not be started")?;
            let orders = child.stdin.take().context("a generator has no input")?;
            let answers = BufReader::new(child.stdout.take().context("a generator has no output")?).lines();
            let mut worker = Worker { child, orders, answers };
            let source = Ipv4Addr::new(127, 0, 1, u8::try_from(number + 1).context("there are too many generators")?);
            let (server, secret) = (stack.address(), stack.secret().to_owned());
            worker
                .say(&serde_json::to_string(&Identity { server, over, source, secret, number, of: workers })?)
                .await?;
            started.push(worker);
        }
        Ok(Self { workers: started })
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.workers.len() as u64
    }

    /// Gives each generator its own order and waits for all; `None` is nothing to do.
    pub async fn each(&mut self, stack: &PresenceStack, order: impl Fn(u64) -> Option<Order>) -> anyhow::Result<Took> {
        let before = self.costs(stack)?;
        let begun = std::time::Instant::now();
        let mut asked = Vec::new();
        for (number, worker) in self.workers.iter_mut().enumerate() {
            if let Some(order) = order(number as u64) {
                worker.say(&serde_json::to_string(&order)?).await?;
                asked.push((worker, deadline_of(&order)));
            }
        }
        let mut seen = Seen::default();
        for (worker, deadline) in asked {
            seen.add(worker.answer(deadline).await?);
        }
        let seconds = begun.elapsed().as_secs_f64();
        Ok(Took { seen, costs: usage::between(&before, &self.costs(stack)?), seconds })
    }

    /// Gives all of them the same order.
    pub async fn all(&mut self, stack: &PresenceStack, order: &Order) -> anyhow::Result<Took> {
        self.each(stack, |_| Some(order.clone())).await
    }

    /// A share of `total` for a generator: the first ones take what is left over.
    pub fn share(&self, total: u64, number: u64) -> u64 {
        total / self.len() + u64::from(number < total % self.len())
    }

    fn costs(&self, stack: &PresenceStack) -> anyhow::Result<Costs> {
        let mut costs = stack.costs()?;
        let generator = costs.entry(GENERATOR.to_owned()).or_default();
        for worker in &self.workers {
            let pid = worker.child.id().context("a generator has ended")?;
            for usage in usage::of_tree(pid)?.into_values() {
                generator.cpu_seconds += usage.cpu_seconds;
                generator.memory_bytes += usage.memory_bytes;
            }
        }
        Ok(costs)
    }
}

impl Worker {
    async fn say(&mut self, line: &str) -> anyhow::Result<()> {
        self.orders.write_all(format!("{line}\n").as_bytes()).await.context("a generator has ended")
    }

    async fn answer(&mut self, deadline: Duration) -> anyhow::Result<Seen> {
        let line = timeout(deadline, self.answers.next_line()).await;
        let line = line.with_context(|| format!("a generator did not answer within {} s", deadline.as_secs()))??;
        order::read(&line.context("a generator has ended; what it said stands above")?)
    }
}

fn deadline_of(order: &Order) -> Duration {
    let seconds = match order {
        Order::Beat { seconds, .. } | Order::Patch { seconds, .. } | Order::Wait { seconds } => *seconds,
        Order::Open { connections, per_second, .. } if *per_second > 0.0 => *connections as f64 / per_second,
        _ => 0.0,
    };
    ORDER_DEADLINE + Duration::from_secs_f64(seconds)
}
