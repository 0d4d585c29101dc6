//! A run: operations and faults by the dice, rounds that each end in quiet.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use super::super::dice::Dice;
use super::act::{Op, act};
use super::come_in::{Observer, join};
use super::log::RoomLog;
use super::member::{Cause, Connection, Doubt, Member, Times};
use super::nodes::{NODES, NodeId};
use super::plan::{self, HALL, MEMBERS, Numbers, ROOMS};
use super::report::Tally;
use super::servers::Servers;
use super::stalls::Stalls;
use super::strike::{Strike, Struck};
use super::world::{USERS, World};

/// Steps of a round.
const STEPS: usize = 14;

pub struct Run {
    pub world: Arc<World>,
    pub servers: Arc<Servers>,
    pub log: RoomLog,
    pub stalls: Stalls,
    pub tally: Tally,
    /// Members whose clients are there, as far as they know.
    pub alive: Vec<Member>,
    /// Those who are on their way out.
    pub leaving: Vec<Member>,
    pub observers: Vec<Observer>,
    /// Whose departure was looked at.
    pub departed: BTreeSet<String>,
    dice: Dice,
    numbers: Numbers,
    struck: Option<Struck>,
    /// Faults that come before those by chance.
    in_turn: VecDeque<Strike>,
    clustered: bool,
}

impl Run {
    pub async fn new(world: World, servers: Servers, seed: u64) -> Self {
        let log = RoomLog::new(servers.client().await, servers.names());
        let (clustered, mut dice) = (servers.nodes.len() > 1, Dice::new(seed));
        let in_turn = Strike::in_turn(&mut dice, clustered, longest_hang(&world.times)).into();
        Self {
            world: Arc::new(world),
            servers: Arc::new(servers),
            log,
            stalls: Stalls::watch(),
            tally: Tally::new(seed),
            alive: Vec::new(),
            leaving: Vec::new(),
            observers: Vec::new(),
            departed: BTreeSet::new(),
            dice,
            numbers: Numbers::default(),
            struck: None,
            in_turn,
            clustered,
        }
    }

    /// Fills the rooms, and lets each be followed from outside.
    pub async fn begin(&mut self) {
        let joins: Vec<_> = (0..MEMBERS).map(|_| plan::join(&mut self.dice, &mut self.numbers)).collect();
        let joined = join_all(joins.into_iter().map(|one| join(Arc::clone(&self.world), one))).await;
        self.alive.extend(joined.into_iter().flatten());
        let mut observers = Vec::new();
        for (n, room) in ROOMS.into_iter().chain([HALL, HALL]).enumerate() {
            let observer = Observer::new(room, USERS[n % USERS.len()], n, n == ROOMS.len());
            observers.push(observer.follow(Arc::clone(&self.world), n, Duration::ZERO));
        }
        self.observers = join_all(observers).await;
    }

    /// Operations in any order, and the faults among them; a fault begins when the last one is put right.
    pub async fn round(&mut self) {
        for step in 0..STEPS {
            let is_quiet = self.struck.as_ref().is_none_or(|struck| struck.mended.is_finished());
            let strikes = self.dice.one_in(2) && is_quiet && step + 2 < STEPS;
            let longest_hang = longest_hang(&self.world.times);
            let by_chance = Strike::throw(&mut self.dice, self.clustered, longest_hang);
            let after = self.dice.between(0, 150);
            let mut strike = None;
            if strikes {
                self.mended().await;
                let fault = self.in_turn.pop_front().unwrap_or(by_chance);
                *self.tally.faults.entry(fault.name(longest_hang)).or_default() += 1;
                strike = Some((fault, after));
            }
            self.step(strike).await;
            tokio::time::sleep(plan::pause(&mut self.dice)).await;
        }
    }

    /// Waits until the last fault is put right.
    pub async fn mended(&mut self) {
        if let Some(struck) = self.struck.take() {
            struck.mended.await.unwrap();
        }
    }

    async fn step(&mut self, strike: Option<(Strike, Duration)>) {
        let count = self.dice.between(3, 10).as_millis() as usize;
        let (mut joins, mut acts) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let missing = MEMBERS.saturating_sub(self.alive.len() + joins.len());
            if missing > 0 && self.dice.below(MEMBERS / 3) < missing {
                joins.push(join(Arc::clone(&self.world), plan::join(&mut self.dice, &mut self.numbers)));
            } else if let Some(member) = self.pick() {
                let op = plan::op(&mut self.dice, &mut self.numbers, &member, &self.world.times);
                acts.push(act(Arc::clone(&self.world), member, op));
            }
        }
        let again = if self.dice.one_in(4) { self.observe_again() } else { Vec::new() };
        let striking = async {
            match strike {
                Some((strike, after)) => {
                    Some(strike.strike(Arc::clone(&self.world), Arc::clone(&self.servers), after).await)
                }
                None => None,
            }
        };
        let (joined, acted, observers, struck) =
            tokio::join!(join_all(joins), join_all(acts), join_all(again), striking);
        self.alive.extend(joined.into_iter().flatten());
        self.put_back(acted);
        self.observers.extend(observers);
        if let Some(struck) = struck {
            self.bear(&struck).await;
            self.struck = Some(struck);
        }
    }

    /// A member that can do something.
    fn pick(&mut self) -> Option<Member> {
        let is_able = |member: &Member| match &member.connection {
            Connection::Web(line) => line.end().is_none(),
            Connection::Http(_) => true,
            Connection::None => false,
        };
        let able: Vec<_> = (0..self.alive.len()).filter(|at| is_able(&self.alive[*at])).collect();
        (!able.is_empty()).then(|| self.alive.swap_remove(able[self.dice.below(able.len())]))
    }

    fn put_back(&mut self, members: Vec<Member>) {
        for member in members {
            match member.gone {
                Some(_) => self.leaving.push(member),
                None => self.alive.push(member),
            }
        }
    }

    fn observe_again(&mut self) -> Vec<impl Future<Output = Observer> + use<>> {
        let at = self.dice.below(self.observers.len());
        let observer = self.observers.swap_remove(at);
        vec![observer.follow(Arc::clone(&self.world), self.dice.below(NODES), self.dice.between(0, 300))]
    }

    /// What the clients of a node that was struck do.
    async fn bear(&mut self, struck: &Struck) {
        let Some(node) = struck.node else { return };
        let (of_node, others) = std::mem::take(&mut self.alive).into_iter().partition(|member| is_at(member, node));
        self.alive = others;
        let of_node: Vec<Member> = of_node;
        let mut acts = Vec::new();
        for mut member in of_node {
            let by_socket_io = matches!(&member.connection, Connection::Web(line) if line.is_socket_io());
            let comes_back = self.dice.one_in(2) && !by_socket_io;
            match struck.strike {
                Strike::Hang { .. } => {
                    let from = struck.at + self.world.times.time_to_live / if by_socket_io { 4 } else { 2 };
                    member.doubts.push(Doubt { reason: "expired", from, until: None });
                }
                Strike::Drain { .. } if by_socket_io => member.goes(Cause::Drained, struck.at),
                Strike::Drain { .. } => member.goes(Cause::NodeDrained, struck.at),
                _ => member.goes(Cause::NodeKilled, struck.at),
            }
            let op = match struck.strike {
                _ if !comes_back => None,
                Strike::Hang { lasts, .. } => {
                    let is_long = lasts >= self.world.times.time_to_live;
                    Some(plan::move_off(&mut self.dice, &mut self.numbers, is_long))
                }
                _ => Some(Op::Return(plan::come_back(&mut self.dice, &self.world.times))),
            };
            match op {
                Some(op) => acts.push(act(Arc::clone(&self.world), member, op)),
                None => self.put_back(vec![member]),
            }
        }
        let (of_node, others) =
            std::mem::take(&mut self.observers).into_iter().partition(|observer: &Observer| observer.node == node);
        self.observers = others;
        let of_node: Vec<Observer> = of_node;
        let mut again = Vec::new();
        for observer in of_node {
            again.push(observer.follow(Arc::clone(&self.world), self.dice.below(NODES), self.dice.between(0, 300)));
        }
        let (acted, observers) = tokio::join!(join_all(acts), join_all(again));
        self.put_back(acted);
        self.observers.extend(observers);
    }
}

/// At least, so that its leases end.
fn longest_hang(times: &Times) -> Duration {
    times.time_to_live + Duration::from_millis(1_500)
}

fn is_at(member: &Member, node: NodeId) -> bool {
    member.node == node && matches!(member.connection, Connection::Web(_))
}
