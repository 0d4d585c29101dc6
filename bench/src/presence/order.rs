//! What a generator is asked to do and what it answers: one JSON object a line, on its standard input and output.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::load::{Latency, Recorder};

/// The kind of connection of the clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// A plain WebSocket.
    #[default]
    Websocket,
    /// Socket.IO over a WebSocket.
    SocketIo,
}

/// Which generator it is. The first line that it reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identity {
    /// Where presence listens.
    pub server: SocketAddr,
    pub over: Over,
    /// The address that it connects from: ports are counted by pairs of addresses.
    pub source: Ipv4Addr,
    /// Signs the tokens of its users.
    pub secret: String,
    /// From 0.
    pub number: usize,
    /// How many there are in all.
    pub of: usize,
}

/// A thing to do. Each is answered when it is done, with what was seen since the answer before.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Connect and join. Connections are spread over the rooms `{prefix}-{0..rooms}`, as those of all generators count.
    Open {
        prefix: String,
        connections: u64,
        rooms: u64,
        /// Connections a second in an open loop; 0 is all at once.
        per_second: f64,
    },
    /// Heartbeats without a patch, in turn on every connection, in an open loop.
    Beat { per_second: f64, seconds: f64 },
    /// Patches of the first connection's state, in an open loop.
    Patch { per_second: f64, seconds: f64 },
    /// Take what comes.
    Wait { seconds: f64 },
    /// Break this many connections without a goodbye.
    Cut { connections: u64 },
    /// Connect again with each connection that was broken, all at once, and resume.
    Resume,
    /// Leave the room with this many connections, all at once, then close them.
    Leave { connections: u64 },
    /// Read and write nothing more on this many connections, and leave them open.
    Halt { connections: u64 },
    /// Close the halted connections.
    Forget,
}

/// Values of a histogram with how often each was seen, so that those of several processes can be added up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Times(pub Vec<(u64, u64)>);

impl Times {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// The figures of all of them.
    pub fn latency(&self) -> anyhow::Result<Latency> {
        let mut recorder = Recorder::new()?;
        self.0.iter().for_each(|(micros, count)| recorder.record_micros(*micros, *count));
        Ok(recorder.latency())
    }
}

/// What was seen.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Seen {
    /// From the beginning of the order to its last answer; the longest of all generators.
    pub seconds: f64,
    /// From the moment a connection was due to the answer to its handshake.
    pub connect: Times,
    /// From the sending to the answer.
    pub join: Times,
    pub resume: Times,
    pub leave: Times,
    /// From the moment one was due to the answer.
    pub beat: Times,
    pub patch: Times,
    /// From the moment a patch was due to its arrival at a member.
    pub delivery: Times,
    /// By how much the generator was late.
    pub late: Times,
    /// Resumes that were told exactly what was missed.
    pub recovered: u64,
    /// Frames that were not answers, and the bytes of them.
    pub frames: u64,
    pub bytes: u64,
    /// Connections that are open.
    pub open: u64,
    /// What was not answered in time.
    pub unanswered: u64,
    /// Everything that went wrong, and how often.
    pub errors: BTreeMap<String, u64>,
}

impl Seen {
    /// Adds what another generator has seen.
    pub fn add(&mut self, other: Self) {
        self.seconds = self.seconds.max(other.seconds);
        for (own, others) in [
            (&mut self.connect, other.connect),
            (&mut self.join, other.join),
            (&mut self.resume, other.resume),
            (&mut self.leave, other.leave),
            (&mut self.beat, other.beat),
            (&mut self.patch, other.patch),
            (&mut self.delivery, other.delivery),
            (&mut self.late, other.late),
        ] {
            own.0.extend(others.0);
        }
        self.recovered += other.recovered;
        self.frames += other.frames;
        self.bytes += other.bytes;
        self.open += other.open;
        self.unanswered += other.unanswered;
        for (error, count) in other.errors {
            *self.errors.entry(error).or_default() += count;
        }
    }

    /// The failures as a sentence, if there are any.
    pub fn faults(&self) -> Option<String> {
        let mut faults: Vec<String> = self.errors.iter().map(|(error, count)| format!("{count} × {error}")).collect();
        if self.unanswered > 0 {
            faults.push(format!("{} were not answered", self.unanswered));
        }
        (!faults.is_empty()).then(|| faults.join(", "))
    }
}

/// Reads a line.
pub fn read<T: for<'de> Deserialize<'de>>(line: &str) -> anyhow::Result<T> {
    serde_json::from_str(line).with_context(|| format!("{:?} cannot be read", line.get(..120).unwrap_or(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_have_seen_adds_up() {
        let one = Seen { seconds: 1.0, beat: Times(vec![(1_000, 99)]), open: 2, ..Seen::default() };
        let errors = BTreeMap::from([("gone".to_owned(), 3)]);
        let mut all = Seen { seconds: 2.0, beat: Times(vec![(50_000, 1), (1_000, 1)]), errors, ..Seen::default() };
        all.add(one);
        assert_eq!((all.seconds, all.open, all.beat.count()), (2.0, 2, 101));
        let latency = all.beat.latency().unwrap();
        assert_eq!((latency.count, latency.p50), (101, 1.0));
        assert!(latency.max >= 49.0, "{latency:?}");
        assert_eq!(all.faults().as_deref(), Some("3 × gone"));
        assert_eq!(Seen::default().faults(), None);
    }
}
