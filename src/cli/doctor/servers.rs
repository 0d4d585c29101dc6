//! NATS and PostgreSQL, spoken to as they are reached from here: refused, silent, and well are told apart.

use futures::future::join_all;
use reqwest::{Client, Url};
use serde_json::Value;

use super::finding::Finding;
use super::handshake::{self, Reached};
use super::roles::Seen;
use super::subject::Subject;
use crate::config::Config;

/// A server as it was reached.
pub struct Server {
    pub finding: Finding,
    reached: Vec<Reached>,
}

impl Server {
    /// Whether it is worth asking it more: where it has several addresses, one that speaks is enough.
    pub fn is_reached(&self) -> bool {
        self.reached.is_empty() || self.reached.iter().any(|reached| matches!(reached, Reached::Speaks(_)))
    }
}

/// Host and port of each address in a list with commas.
fn hosts(addresses: &str, port: u16) -> Vec<String> {
    let host = |address: &str| {
        let address = address.trim();
        let address = if address.contains("://") { address.to_owned() } else { format!("nats://{address}") };
        let url = Url::parse(&address).ok()?;
        // A socket of this machine is a path, not a name.
        let host = url.host_str().filter(|host| !host.starts_with("%2F"))?;
        Some(format!("{host}:{}", url.port().unwrap_or(port)))
    };
    addresses.split(',').filter_map(host).collect()
}

/// The servers of the log: well while one of them speaks.
pub async fn nats(config: &Config) -> Server {
    let addresses = hosts(config.nats.url.expose(), 4222);
    let reached = join_all(addresses.iter().map(|address| handshake::nats(address))).await;
    Server { finding: finding(Subject::Nats, "NATS", &addresses, &reached, "NATS_URL"), reached }
}

/// The server of the views.
pub async fn postgres(config: &Config) -> Server {
    // A socket of this machine has no host; what it says is found out by logging in.
    let addresses = hosts(config.database.url.expose(), 5432);
    let reached = join_all(addresses.iter().map(|address| handshake::postgres(address))).await;
    Server { finding: finding(Subject::Postgres, "PostgreSQL", &addresses, &reached, "DATABASE_URL"), reached }
}

fn finding(all: Subject, what: &str, addresses: &[String], reached: &[Reached], variable: &str) -> Finding {
    let both = || addresses.iter().zip(reached);
    let complaints: Vec<_> = both().filter_map(|(address, reached)| reached.complaint(address)).collect();
    let list = addresses.join(", ");
    let some_speak = complaints.len() < addresses.len();
    // One of several that is away explains nothing else.
    let subject = if some_speak && !complaints.is_empty() { Subject::OneOf(what.to_owned()) } else { all };
    if complaints.is_empty() {
        return Finding::well(subject, what, format!("speaks at {list}"));
    }
    let is_silent = reached.contains(&Reached::Silent);
    let remedy = match (some_speak, is_silent) {
        (true, _) => "the others serve; get this one back before another one goes",
        (false, true) => {
            "its process is stopped (`ps -o stat` shows T) or waits for its disk (`dmesg`, `df`); nothing is lost, all goes on \
             once it answers"
        }
        (false, false) => "start it; nothing is lost, and all goes on once it answers",
    };
    let remedy = format!("{remedy}. {variable} says where it is looked for");
    Finding::unwell(subject, what, complaints.join("; "), remedy)
}

/// Where the roles look for a server, where that is another address than this command's.
pub fn elsewhere(finding: &mut Finding, name: &str, own: &str, seen: &[Seen]) {
    if !finding.is_unwell() {
        return;
    }
    let used = |seen: &Seen| {
        let about = seen.about.as_ref()?;
        let address = about.uses.iter().find(|used| used.name == name)?.address.clone();
        (address != own).then_some((seen.role, address))
    };
    if let Some((role, address)) = seen.iter().find_map(used) {
        finding.found.push_str(&format!("; {} uses {address}", role.service()));
    }
}

/// What the monitoring port of NATS says: `/varz`.
pub async fn monitoring(client: &Client, config: &Config) -> (Finding, Value) {
    let host = hosts(config.nats.url.expose(), 4222).into_iter().next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or("127.0.0.1", |(host, _)| host).to_owned();
    let address = format!("http://{host}:{}", config.embedded.nats_monitor_port);
    let (health, page) =
        tokio::join!(client.get(format!("{address}/healthz")).send(), client.get(format!("{address}/varz")).send());
    let page = match page {
        Ok(page) => page.json().await.unwrap_or_default(),
        Err(_) => Value::Null,
    };
    let (subject, what) = (Subject::Monitoring, "NATS monitoring");
    let finding = match health.is_ok_and(|answer| answer.status().is_success()) {
        true => Finding::well(subject, what, "healthy"),
        false => Finding::unwell(
            subject,
            what,
            format!("nothing healthy at {address}/healthz"),
            "start nats-server with its monitoring on (http_port), or set NATS_MONITOR_PORT",
        ),
    };
    (finding, page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_has_a_host_and_a_port() {
        assert_eq!(hosts("nats://u:p@a:1, b:2,[::1]", 4222), ["a:1", "b:2", "[::1]:4222"]);
        assert_eq!(hosts("postgres://ally@db/ally", 5432), ["db:5432"]);
        assert!(hosts("postgres:///ally?host=/tmp", 5432).is_empty());
        assert!(hosts("postgres://ally@%2Fvar%2Frun%2Fpostgresql/ally", 5432).is_empty());
    }

    #[test]
    fn one_server_of_several_that_is_away_is_told_with_the_others() {
        let addresses = ["a:1".to_owned(), "b:2".to_owned()];
        let reached = [Reached::Silent, Reached::Speaks(String::new())];
        let found = finding(Subject::Nats, "NATS", &addresses, &reached, "NATS_URL");
        assert_eq!(found.subject, Subject::OneOf("NATS".to_owned()), "it explains nothing else");
        assert!(found.found.starts_with("hangs: a:1") && found.remedy.unwrap().contains("the others serve"));
    }
}
