//! What one client was told of its room, and whether that is exactly what the log says: from where it began, each change once and in
//! order, across returns; of a big room the last change of each member.

use std::collections::BTreeMap;

use serde_json::Value;

use super::log::{Event, Known, Members, RoomLog, What};
use super::socket_io;

/// What a client knows of a room, and what it was told and has not been looked at yet.
#[derive(Debug, Clone)]
pub struct Feed {
    pub room: String,
    /// Whether it is told how many are there, and not who.
    pub counts_only: bool,
    /// Whether it is a client of Socket.IO.
    pub without_positions: bool,
    /// Frames, answers to an entry among them.
    told: Vec<Value>,
    /// The last position that it was told.
    pub position: Option<String>,
    /// Everything up to here is known.
    at: u64,
    pub members: Members,
    /// It was told that it does not know everybody.
    pub partial: bool,
    /// The counts that it was told last.
    counts: Option<(u64, u64)>,
}

/// How a client that is up to date differs from the log.
pub type Fault = String;

impl Feed {
    pub fn of(room: &str, counts_only: bool) -> Self {
        let (room, told, members) = (room.to_owned(), Vec::new(), Members::new());
        Self {
            room,
            counts_only,
            without_positions: false,
            told,
            position: None,
            at: 0,
            members,
            partial: true,
            counts: None,
        }
    }

    /// Takes a frame; those that tell nothing of the room are left out.
    pub fn take(&mut self, frame: Value) {
        let tells = match frame["type"].as_str() {
            Some("ack") => frame["ok"] == true && (frame["ttlMs"].is_number() || frame["snapshot"].is_array()),
            Some("snapshot" | "event" | "delta") => true,
            Some("presence:event" | "presence:counts" | "presence:snapshot") => true,
            _ => false,
        };
        if tells {
            // A position counts for nothing while the members that it is of are still to come.
            let is_partial = frame["recovered"] == false || (frame["type"] == "snapshot" && frame["more"] == true);
            self.position = frame["position"].as_str().filter(|_| !is_partial).map(str::to_owned);
            self.told.push(frame);
        }
    }

    /// Compares what was told since the last time with the log, which must have been read behind it.
    pub fn follow(&mut self, told: Vec<Value>, log: &RoomLog) -> Result<(), Fault> {
        for frame in told {
            if self.without_positions {
                socket_io::fold(&mut self.members, &mut self.partial, &self.room, &frame)
                    .map_err(|fault| format!("{fault}: {frame}"))?;
                continue;
            }
            let fault = match frame["type"].as_str() {
                Some("ack") => self.enter(&frame),
                Some("snapshot") => self.snapshot(&frame, log),
                Some("event") => self.event(&frame, log),
                _ => self.delta(&frame, log),
            };
            fault.map_err(|fault| format!("{fault}; it knew everything up to {}; the frame: {frame}", self.at))?;
        }
        Ok(())
    }

    pub fn take_frames(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.told)
    }

    /// Whether it knows who is there now.
    pub fn is_up_to_date(&self, log: &RoomLog, big_until: usize) -> Result<(), Fault> {
        let there = log.members(&self.room);
        let last = log.of(&self.room).last().map_or(0, |event| event.sequence);
        if self.counts_only {
            let counts = self.counts.ok_or("it was told no counts")?;
            return if counts == counts_of(&there) {
                Ok(())
            } else {
                Err(format!("it was told the counts {counts:?}"))
            };
        }
        if !self.without_positions && !log.between(&self.room, self.at, u64::MAX).is_empty() {
            return Err(format!("it knows everything up to {} and the room is at {last}", self.at));
        }
        if self.partial && there.len() >= big_until {
            return Ok(());
        }
        if self.partial || self.members != there {
            let known = self.members.keys().collect::<Vec<_>>();
            return Err(format!("it knows {known:?} (a part: {})", self.partial));
        }
        Ok(())
    }

    fn enter(&mut self, answer: &Value) -> Result<(), Fault> {
        if answer["recovered"] == false {
            self.members.clear();
            self.partial = true;
        }
        Ok(())
    }

    fn snapshot(&mut self, frame: &Value, log: &RoomLog) -> Result<(), Fault> {
        let position = sequence(&frame["position"]);
        if frame["first"] == true {
            self.members.clear();
        }
        for member in frame["members"].as_array().unwrap() {
            self.members.insert(text(&member["connId"]), known(member));
        }
        self.partial = frame["more"] == true;
        let there = log.members_at(&self.room, position);
        self.counts = Some(counts_of(&there));
        self.at = position;
        if !self.partial && self.members != there {
            return Err(format!("a snapshot differs from the log, which had {there:?} then"));
        }
        Ok(())
    }

    fn event(&mut self, frame: &Value, log: &RoomLog) -> Result<(), Fault> {
        let position = sequence(&frame["position"]);
        let next = log.between(&self.room, self.at, u64::MAX).first();
        let next = next.filter(|next| next.sequence == position);
        let next = next.ok_or_else(|| self.misplaced(position, log))?;
        self.at = position;
        self.apply(frame, next)
    }

    fn misplaced(&self, position: u64, log: &RoomLog) -> Fault {
        if position <= self.at {
            return "something is told twice".to_owned();
        }
        let missed = log.between(&self.room, self.at, position - 1);
        format!("these were missed before it: {missed:?}")
    }

    fn delta(&mut self, frame: &Value, log: &RoomLog) -> Result<(), Fault> {
        let (from, to) = (sequence(&frame["from"]), sequence(&frame["position"]));
        let told = (frame["members"].as_u64().unwrap(), frame["users"].as_u64().unwrap());
        let counts = counts_of(&log.members_at(&self.room, to));
        self.counts = Some(told);
        if told != counts {
            return Err(format!("the counts were {counts:?} then"));
        }
        if self.counts_only {
            return Ok(());
        }
        let changes = frame["changes"].as_array().unwrap();
        if frame["complete"] != true {
            self.partial = true;
            self.at = to;
            return if changes.is_empty() {
                Ok(())
            } else {
                Err("a delta that is not complete has changes".to_owned())
            };
        }
        if !log.between(&self.room, self.at, from).is_empty() || !log.between(&self.room, from, self.at).is_empty() {
            return Err(format!("a delta begins at {from}"));
        }
        let mut last = BTreeMap::<&str, &Event>::new();
        for event in log.between(&self.room, from, to) {
            last.insert(&event.conn, event);
        }
        let mut last: Vec<_> = last.into_values().collect();
        last.sort_unstable_by_key(|event| event.sequence);
        if last.len() != changes.len() {
            return Err(format!("a delta tells something else than {last:?}"));
        }
        self.at = to;
        for (change, event) in changes.iter().zip(last) {
            if sequence(&change["position"]) != event.sequence {
                return Err(format!("a delta tells something else than {event:?}"));
            }
            self.apply(change, event)?;
        }
        Ok(())
    }

    /// Folds a change as an app does; it must be what the log says.
    fn apply(&mut self, change: &Value, event: &Event) -> Result<(), Fault> {
        let conn = text(&change["connId"]);
        let what = match change["event"].as_str() {
            Some("join") => What::Join { state: change["state"].clone(), first: change["first"] == true },
            Some("update") => What::Update { state: change["state"].clone() },
            _ => What::Leave { reason: text(&change["reason"]), last: change["last"] == true },
        };
        let is_of = conn == event.conn && change["userId"] == event.user.as_str() && change["epoch"] == event.epoch;
        if !is_of || what != event.what {
            return Err(format!("something else is told than {event:?}"));
        }
        match what {
            What::Join { .. } | What::Update { .. } => self.members.insert(conn, known(change)),
            What::Leave { .. } => self.members.remove(&conn),
        };
        Ok(())
    }
}

/// Members and users.
pub fn counts_of(members: &Members) -> (u64, u64) {
    let users: std::collections::BTreeSet<_> = members.values().map(|known| &known.user).collect();
    (members.len() as u64, users.len() as u64)
}

pub fn known(member: &Value) -> Known {
    Known { user: text(&member["userId"]), epoch: member["epoch"].as_u64().unwrap(), state: member["state"].clone() }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text and not {value}")).to_owned()
}

/// The place in the log that a position of the feed stands for.
fn sequence(position: &Value) -> u64 {
    let text = position.as_str().unwrap_or_else(|| panic!("a position and not {position}"));
    text.split_once('-').unwrap().1.parse().unwrap()
}
