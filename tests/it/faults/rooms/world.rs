//! What a run stands on: the nodes, who may come, and what is written down for the report and for a failure.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use time::OffsetDateTime;

use super::super::now;
use super::line::{Answer, Line};
use super::member::Times;
use super::nodes::{NodeId, Nodes};
use crate::system;

pub const USERS: [&str; 6] = ["amy", "bob", "cat", "dan", "eve", "fay"];
/// So many operations of a room are told when it fails.
const LAST: usize = 20;

/// A join of which nobody knows whether it happened, by the number in its state.
#[derive(Debug, Clone)]
pub struct LostJoin {
    pub room: String,
    pub number: u64,
    pub since: OffsetDateTime,
}

/// A connection whose member has come back as another one.
pub struct OldLine {
    pub line: Line,
    pub room: String,
    pub conn: String,
    pub node: NodeId,
}

pub struct World {
    pub nodes: Nodes,
    pub times: Times,
    tokens: BTreeMap<&'static str, String>,
    operator: String,
    http: reqwest::Client,
    journal: Mutex<BTreeMap<String, Vec<String>>>,
    pub counts: Mutex<BTreeMap<String, usize>>,
    wrong: Mutex<Vec<(String, String)>>,
    pub lost_joins: Mutex<Vec<LostJoin>>,
    pub old_lines: Mutex<Vec<OldLine>>,
}

impl World {
    pub fn new(nodes: Nodes, times: Times) -> Self {
        let tokens = USERS.map(|user| (user, nodes.system.token(user))).into();
        let mut command = nodes.system.command(&["token", "--sub", "olga", "--role", "operator"]);
        let operator = String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned();
        let http = system::http().timeout(Duration::from_secs(15)).build().unwrap();
        Self {
            nodes,
            times,
            tokens,
            operator,
            http,
            journal: Mutex::default(),
            counts: Mutex::default(),
            wrong: Mutex::default(),
            lost_joins: Mutex::default(),
            old_lines: Mutex::default(),
        }
    }

    pub fn token(&self, user: &str) -> &str {
        &self.tokens[user]
    }

    /// Writes an operation down, and counts it.
    pub fn note(&self, room: &str, operation: &str, more: &str) {
        *self.counts.lock().unwrap().entry(operation.to_owned()).or_default() += 1;
        self.note_only(room, &format!("{operation} {more}"));
    }

    pub fn note_only(&self, room: &str, what: &str) {
        let line = format!("{} {what}", clock(now()));
        self.journal.lock().unwrap().entry(room.to_owned()).or_default().push(line);
    }

    /// The last operations of a room.
    pub fn last_of(&self, room: &str) -> String {
        let journal = self.journal.lock().unwrap();
        let lines = journal.get(room).map_or(&[][..], Vec::as_slice);
        lines[lines.len().saturating_sub(LAST)..].join("\n")
    }

    /// All that was written down of somebody, by what stands in it.
    pub fn history_of(&self, room: &str, conn: &str) -> String {
        let journal = self.journal.lock().unwrap();
        let lines = journal.get(room).into_iter().flatten().filter(|line| line.contains(conn));
        lines.cloned().collect::<Vec<_>>().join("\n")
    }

    /// Something that may not be.
    pub fn fail(&self, room: &str, what: String) {
        self.note_only(room, &format!("WRONG: {what}"));
        self.wrong.lock().unwrap().push((room.to_owned(), what));
    }

    pub fn failures(&self) -> Vec<(String, String)> {
        self.wrong.lock().unwrap().clone()
    }

    /// Whether a node may have left an operation without an answer, or refused it, that began then.
    pub fn is_excused(&self, node: NodeId, from: OffsetDateTime) -> bool {
        // Whoever comes a moment after an outage may meet what it left behind.
        let from = from - Duration::from_secs(2);
        !self.nodes.outages(Some(node), from, now()).is_empty()
    }

    /// What an operation came to, where it has to be done; a failure where it has not and should have.
    pub fn done(
        &self,
        room: &str,
        what: &str,
        (node, from): (NodeId, OffsetDateTime),
        answer: &Answer,
    ) -> Option<Value> {
        match answer {
            Answer::Done(answer) => return Some(answer.clone()),
            Answer::Refused(_) | Answer::Lost if self.is_excused(node, from) => {}
            answer => self.fail(room, format!("{what} at node {node} came to {answer:?}")),
        }
        None
    }

    /// A request of a user about a room; nothing without an answer.
    pub async fn post(&self, node: NodeId, room: &str, path: &str, user: &str, body: &Value) -> Option<(u16, Value)> {
        let path = format!("{}/api/v1/presence/rooms/{room}/{path}", self.nodes.address(node));
        self.send(self.http.request(Method::POST, path).bearer_auth(self.token(user)).json(body)).await
    }

    pub async fn kick(&self, node: NodeId, room: &str, conn: &str) -> Option<(u16, Value)> {
        let path = format!("{}/api/v1/presence/rooms/{room}/members/{conn}/kick", self.nodes.address(node));
        self.send(self.http.request(Method::POST, path).bearer_auth(&self.operator)).await
    }

    /// Who is in a room, as a node says.
    pub async fn listed(&self, node: NodeId, room: &str) -> Option<Value> {
        let path = format!("{}/api/v1/presence/rooms/{room}/members?limit=200", self.nodes.address(node));
        let answer = self.send(self.http.request(Method::GET, path).bearer_auth(&self.operator)).await?;
        (answer.0 == 200).then_some(answer.1)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Option<(u16, Value)> {
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.json().await.unwrap_or_default()))
    }
}

/// The time of day, as the logs of nodes tell it.
pub fn clock(at: OffsetDateTime) -> String {
    format!("{:02}:{:02}:{:02}.{:03}", at.hour(), at.minute(), at.second(), at.millisecond())
}
