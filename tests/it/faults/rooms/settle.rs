//! The end of a round: nobody does anything, and soon everybody knows the same — the log, each client's feed, each node, the view, and
//! the model.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;

use super::super::now;
use super::line::Line;
use super::log::{Members, What};
use super::member::{Connection, Judgement, Lateness, Member};
use super::nodes::NODES;
use super::plan::{BIG_UNTIL, ROOMS};
use super::run::Run;
use super::views;
use super::world::clock;

/// How often it is looked again.
const PAUSE: Duration = Duration::from_millis(100);
/// How long everything but departures may take: events on their way to sockets and rows, connections that are closed.
const ON_ITS_WAY: Duration = Duration::from_secs(10);

/// What is not as it should be: in which room, and what.
type Difference = (String, String);

impl Run {
    /// Waits until everybody knows the same, and fails where that takes too long or something is wrong for good.
    pub async fn settle(&mut self) {
        self.mended().await;
        let begun = now();
        let mut open_until = begun + ON_ITS_WAY;
        loop {
            self.follow_feeds().await;
            let (mut differences, leaving_until) = self.judge();
            let wrong = self.world.failures();
            if !wrong.is_empty() {
                self.fail(&wrong).await;
            }
            open_until = leaving_until.map_or(open_until, |until| open_until.max(until + ON_ITS_WAY));
            if differences.is_empty() && leaving_until.is_none() {
                differences = self.compare().await;
            }
            if differences.is_empty() && leaving_until.is_none() {
                break;
            }
            if now() > open_until {
                self.fail(&differences).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.tally.rounds += 1;
        self.tally.longest_quiet = self.tally.longest_quiet.max(Duration::try_from(now() - begun).unwrap_or_default());
        self.tally.events = ROOMS.iter().map(|room| self.log.of(room).len()).sum();
        self.clear();
    }

    /// Reads the log to its end, and lays what each client was told beside it.
    async fn follow_feeds(&mut self) {
        let lines = || {
            let members = self.alive.iter().chain(&self.leaving);
            let members = members.filter_map(|member| match &member.connection {
                Connection::Web(line) => Some((member.conn.clone(), line)),
                _ => None,
            });
            let observers =
                self.observers.iter().filter_map(|it| Some((format!("observer {}", it.user), it.line.as_ref()?)));
            members.chain(observers)
        };
        let told: Vec<_> = lines().map(|(_, line)| line.with_feed(super::feed::Feed::take_frames)).collect();
        while self.log.catch_up().await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
        self.tally.frames += told.iter().map(Vec::len).sum::<usize>();
        for ((who, line), told) in lines().zip(told) {
            let (room, followed) = line.with_feed(|feed| (feed.room.clone(), feed.follow(told, &self.log)));
            if let Err(fault) = followed {
                self.world.fail(&room, format!("the feed of {who}: {fault}"));
            }
        }
        for room in ROOMS {
            self.log.faults(room).into_iter().for_each(|fault| self.world.fail(room, fault));
        }
    }

    /// Lays each membership beside the log; until when somebody may be there who is going.
    fn judge(&mut self) -> (Vec<Difference>, Option<OffsetDateTime>) {
        let (mut differences, mut until) = (Vec::new(), None::<OffsetDateTime>);
        let (world, log, stall) = (&self.world, &self.log, self.stalls.longest());
        let mut departed = Vec::new();
        for member in self.alive.iter().chain(&self.leaving) {
            match member.judge(log, &world.nodes, &world.times) {
                Judgement::Stays => {}
                Judgement::Leaving(by) if now() > by + stall => {
                    differences.push((
                        member.room.clone(),
                        format!("a ghost: {} is there, and {:?}", member.conn, member.gone),
                    ));
                }
                Judgement::Leaving(by) => until = until.max(Some(by)),
                Judgement::Departed { reason, lateness } => departed.push((member.conn.clone(), reason, lateness)),
                Judgement::Wrong(why) => world.fail(&member.room, format!("{} {why}", member.conn)),
            }
        }
        for lost in world.lost_joins.lock().unwrap().iter() {
            let joined = log
                .of(&lost.room)
                .iter()
                .find(|event| matches!(&event.what, What::Join { state, .. } if state["by"] == lost.number));
            let is_there = joined.is_some_and(|event| log.departure(&lost.room, &event.conn).is_none());
            let by = lost.since + world.times.bound_behind_outage();
            if is_there && now() > by + stall {
                differences.push((lost.room.clone(), format!("a ghost: the join {} was not answered", lost.number)));
            } else if is_there {
                until = until.max(Some(by));
            }
        }
        self.note_departures(departed);
        (differences, until)
    }

    fn note_departures(&mut self, departed: Vec<(String, String, Option<Lateness>)>) {
        let stall = self.stalls.longest();
        for (conn, reason, lateness) in departed {
            if !self.departed.insert(conn.clone()) {
                continue;
            }
            self.tally.departed(reason.clone(), lateness);
            let Some(Lateness { cause, late, behind_outage }) = lateness else { continue };
            let times = &self.world.times;
            let bound = if behind_outage { times.bound_behind_outage() } else { times.bound() };
            if late > bound + stall {
                let room = ROOMS.into_iter().find(|room| self.log.departure(room, &conn).is_some()).unwrap_or_default();
                self.world.fail(
                    room,
                    format!("{conn} left ({reason}) {late:?} behind its cause ({cause:?}); the bound is {bound:?}"),
                );
            }
        }
    }

    /// What the model, the feeds, the nodes and the views say of each room, where that is not what the log says.
    async fn compare(&self) -> Vec<Difference> {
        let mut differences = Vec::new();
        for member in &self.alive {
            if self.departed.contains(&member.conn) {
                continue;
            }
            if let Connection::Web(line) = &member.connection
                && let Some(end) = line.end()
            {
                differences.push((member.room.clone(), format!("the connection of {} ended: {end}", member.conn)));
            }
        }
        for room in ROOMS {
            let there = self.log.members(room);
            let mut note = |what: String| differences.push((room.to_owned(), what));
            if let Err(what) = self.expected(room, &there) {
                note(what);
            }
            for (who, line) in self.lines_of(room) {
                if let Err(what) = line.with_feed(|feed| feed.is_up_to_date(&self.log, BIG_UNTIL)) {
                    note(format!("the feed of {who}: {what}"));
                }
            }
            for node in 0..NODES {
                let listed = self.world.listed(node, room).await.map(|listed| conns_of(&listed));
                if listed.as_ref() != Some(&there.keys().cloned().collect()) {
                    note(format!("node {node} lists {listed:?}"));
                }
            }
        }
        differences.extend(self.ends_of_old_lines());
        if differences.is_empty() {
            differences.extend(views::compare(&self.world.nodes.system, &self.log).await);
        }
        differences
    }

    /// Who must be in a room and what they must say of themselves, as the model knows.
    fn expected(&self, room: &str, there: &Members) -> Result<(), String> {
        let of_room = self.alive.iter().filter(|member| member.room == room && !self.departed.contains(&member.conn));
        let members: BTreeMap<&str, &Member> = of_room.map(|member| (member.conn.as_str(), member)).collect();
        let (model, log): (BTreeSet<&str>, BTreeSet<&str>) =
            (members.keys().copied().collect(), there.keys().map(String::as_str).collect());
        if model != log {
            let (missing, beyond) = (model.difference(&log), log.difference(&model));
            return Err(format!(
                "the model knows {} whom the log does not, and the log {} whom the model does not",
                list(missing),
                list(beyond)
            ));
        }
        for (conn, member) in members {
            let number = there[conn].state["v"].as_u64();
            if number.is_none_or(|number| !member.numbers.contains(&number)) {
                return Err(format!("{conn} says {number:?} of itself, and its client knows {:?}", member.numbers));
            }
        }
        Ok(())
    }

    fn lines_of(&self, room: &str) -> impl Iterator<Item = (String, &Line)> {
        let members = self.alive.iter().filter(move |member| member.room == room);
        let members = members.filter(|member| !self.departed.contains(&member.conn));
        let members = members.filter_map(|member| match &member.connection {
            Connection::Web(line) => Some((member.conn.clone(), line)),
            _ => None,
        });
        let observers = self.observers.iter().filter(move |observer| observer.room == room);
        members.chain(observers.filter_map(|it| Some((format!("observer {}", it.user), it.line.as_ref()?))))
    }

    /// Whoever came back elsewhere has one connection; the old one is told why it ends, where its node lives to say so.
    fn ends_of_old_lines(&self) -> Vec<Difference> {
        let old_lines = self.world.old_lines.lock().unwrap();
        let (mut differences, current) = (Vec::new(), (0..NODES).map(|place| self.world.nodes.current(place)));
        let current: Vec<_> = current.collect();
        for old in old_lines.iter() {
            let end = old.line.end();
            let is_right = match end.as_deref() {
                Some("resumed_elsewhere") => true,
                // Its membership was over by the time that its node looked.
                Some("expired" | "left" | "cut" | "kicked") => self.departed.contains(&old.conn),
                _ => !current.contains(&old.node) && end.is_some(),
            };
            if !is_right {
                let what = format!("the old connection of {} to node {}: {end:?}", old.conn, old.node);
                differences.push((old.room.clone(), what));
            }
        }
        differences
    }

    /// Forgets who is gone, and the doubts about those who are there.
    fn clear(&mut self) {
        self.world.old_lines.lock().unwrap().clear();
        self.leaving.clear();
        let departed = &self.departed;
        self.alive.retain(|member| !departed.contains(&member.conn));
        self.alive.iter_mut().for_each(|member| member.doubts.clear());
    }

    /// Says all that is known, and fails.
    async fn fail(&self, differences: &[Difference]) -> ! {
        let mut text = format!("ALLY_FAULTS_SEED={}, round {}\n", self.tally.seed, self.tally.rounds + 1);
        let rooms: BTreeSet<&str> = differences.iter().map(|(room, _)| room.as_str()).collect();
        for room in rooms {
            let of_room = differences.iter().filter(|(of, _)| of == room);
            text += &format!("\n== room {room}\n");
            of_room.for_each(|(_, what)| text += &format!("- {what}\n"));
            let model = self.alive.iter().filter(|member| member.room == room).map(|member| member.conn.as_str());
            let (model, log) = (model.collect::<BTreeSet<_>>(), self.log.members(room));
            text += &format!("model: {}\n", list(model.iter()));
            text += &format!("log:   {}\n", list(log.keys()));
            text += &format!("view:  {}\n", list(views::present(&self.world.nodes.system, room).await.iter()));
            for (who, line) in self.lines_of(room) {
                let (is_same, known) =
                    line.with_feed(|feed| (feed.members == log || feed.counts_only, list(feed.members.keys())));
                text += &format!("feed of {who}: {}\n", if is_same { "as the log" } else { &known });
            }
            for member in self.alive.iter().chain(&self.leaving).filter(|member| member.room == room) {
                if differences.iter().any(|(_, what)| what.contains(&member.conn)) {
                    text += &format!("-- {}\n{}\n", member.conn, self.world.history_of(room, &member.conn));
                }
            }
            text += &format!("-- the last operations\n{}\n", self.world.last_of(room));
        }
        for outage in self.world.nodes.outages(None, OffsetDateTime::UNIX_EPOCH, now()) {
            let to = outage.to.map(clock);
            text += &format!("away: {:?} (none: the servers) from {} to {to:?}\n", outage.node, clock(outage.from));
        }
        panic!("{text}\n{}", self.world.nodes.last_words());
    }
}

fn conns_of(listed: &Value) -> BTreeSet<String> {
    let members = listed["members"].as_array().into_iter().flatten();
    members.map(|member| member["connId"].as_str().unwrap().to_owned()).collect()
}

fn list(conns: impl Iterator<Item = impl std::fmt::Display>) -> String {
    conns.map(|conn| conn.to_string()).collect::<Vec<_>>().join(" ")
}
