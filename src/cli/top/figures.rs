//! Two looks at the roles' metrics, and what they come to. Pure but for the clock that they were stamped with.

use std::collections::BTreeMap;
use std::time::Instant;

use ally_telemetry::exposition::samples;
use ally_telemetry::names::{self, label, settlement};
use serde::Serialize;

use crate::cli::terminal;
use crate::config::Role;

/// The pages of those roles that answered.
pub struct Scrape {
    pub at: Instant,
    pub pages: Vec<(Role, String)>,
}

/// What a person looks at first.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Roles that do not answer on their metrics port.
    pub silent: Vec<&'static str>,
    /// A second, by the answer's class: `2xx`.
    pub requests: BTreeMap<String, f64>,
    /// Jobs by status.
    pub jobs: BTreeMap<String, f64>,
    /// Messages a second by stream.
    pub published: BTreeMap<String, f64>,
    pub consumers: BTreeMap<String, Consumer>,
    /// Seconds that a view is behind.
    pub lag: BTreeMap<String, f64>,
    /// Attempts a second that failed and will be followed by another.
    pub retries: f64,
    pub dead_letters: f64,
    pub rooms: f64,
    pub connections: f64,
    /// Signs of life a second.
    pub heartbeats: f64,
}

/// How a queue stands.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Consumer {
    /// A second.
    pub settled: f64,
    /// A second, of those: put off, or handed back.
    pub again: f64,
    pub pending: f64,
    pub in_hand: f64,
    pub oldest_seconds: f64,
}

impl Scrape {
    pub fn answering(&self) -> usize {
        self.pages.len()
    }

    /// A counter's sum, by one label's value, over every role.
    fn counted(&self, series: &str, by: &str) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        for sample in self.pages.iter().flat_map(|(_, page)| samples(page)).filter(|sample| sample.name == series) {
            *sums.entry(sample.label(by).to_owned()).or_default() += sample.value;
        }
        sums
    }

    /// A gauge, by one label's value; where several roles measure the same, the largest counts.
    fn measured(&self, series: &str, by: &str) -> BTreeMap<String, f64> {
        let mut most = BTreeMap::<String, f64>::new();
        for sample in self.pages.iter().flat_map(|(_, page)| samples(page)).filter(|sample| sample.name == series) {
            let known = most.entry(sample.label(by).to_owned()).or_default();
            *known = known.max(sample.value);
        }
        most
    }
}

/// The figures of the second look, with rates since the first.
pub fn between(before: &Scrape, now: &Scrape) -> Figures {
    let seconds = now.at.duration_since(before.at).as_secs_f64().max(0.001);
    let rates = |series, by| -> BTreeMap<String, f64> {
        let earlier = before.counted(series, by);
        let rate = |name: &String, value: f64| (value - earlier.get(name).copied().unwrap_or(0.0)).max(0.0) / seconds;
        now.counted(series, by).into_iter().map(|(name, value)| (name.clone(), rate(&name, value))).collect()
    };
    let mut requests = BTreeMap::<String, f64>::new();
    for (code, rate) in rates(names::API_REQUESTS_TOTAL, label::STATUS_CODE) {
        let class = code.chars().next().map_or_else(String::new, |first| format!("{first}xx"));
        *requests.entry(if code == "429" { code } else { class }).or_default() += rate;
    }
    let total = |rates: BTreeMap<String, f64>| rates.into_values().sum::<f64>();
    Figures {
        silent: Role::ALL
            .into_iter()
            .filter(|role| !now.pages.iter().any(|(known, _)| known == role))
            .map(Role::as_str)
            .collect(),
        requests,
        jobs: now.measured(names::JOBS, label::STATUS),
        published: rates(names::MESSAGES_PUBLISHED_TOTAL, label::STREAM),
        consumers: consumers(before, now, seconds),
        lag: now.measured(names::PROJECTION_LAG_SECONDS, label::PROJECTION),
        retries: total(rates(names::JOB_RETRIES_TOTAL, label::PROVIDER)),
        dead_letters: total(now.measured(names::DEAD_LETTERS, label::CONSUMER)),
        rooms: total(now.measured(names::PRESENCE_ROOMS_ACTIVE, "")),
        connections: total(now.counted(names::PRESENCE_CONNECTIONS_ACTIVE, label::DOOR)),
        heartbeats: rates(names::PRESENCE_OPERATION_TOTAL, label::OPERATION).remove("heartbeat").unwrap_or(0.0),
    }
}

fn consumers(before: &Scrape, now: &Scrape, seconds: f64) -> BTreeMap<String, Consumer> {
    let mut consumers = BTreeMap::<String, Consumer>::new();
    for (name, pending) in now.measured(names::CONSUMER_PENDING, label::CONSUMER) {
        consumers.entry(name).or_default().pending = pending;
    }
    for (name, in_hand) in now.measured(names::CONSUMER_ACK_PENDING, label::CONSUMER) {
        consumers.entry(name).or_default().in_hand = in_hand;
    }
    for (name, oldest) in now.measured(names::CONSUMER_OLDEST_AGE_SECONDS, label::CONSUMER) {
        consumers.entry(name).or_default().oldest_seconds = oldest;
    }
    for (sign, scrape) in [(1.0, now), (-1.0, before)] {
        for sample in scrape.pages.iter().flat_map(|(_, page)| samples(page)) {
            if sample.name == names::MESSAGES_SETTLED_TOTAL {
                let consumer = consumers.entry(sample.label(label::CONSUMER).to_owned()).or_default();
                consumer.settled += sign * sample.value / seconds;
                if [settlement::NAK, settlement::SCHEDULED].contains(&sample.label(label::OUTCOME)) {
                    consumer.again += sign * sample.value / seconds;
                }
            }
        }
    }
    consumers
}

/// One screen.
pub fn render(figures: &Figures, width: u16) -> String {
    let list = |of: &BTreeMap<String, f64>, digits: usize| match of.is_empty() {
        true => "none".to_owned(),
        false => of.iter().map(|(name, value)| format!("{name} {value:.digits$}")).collect::<Vec<_>>().join(" · "),
    };
    let silent = if figures.silent.is_empty() {
        "all answer".to_owned()
    } else {
        format!("SILENT: {}", figures.silent.join(", "))
    };
    let rows = [
        ["roles".to_owned(), silent],
        ["requests a second".to_owned(), list(&figures.requests, 1)],
        ["jobs".to_owned(), list(&figures.jobs, 0)],
        ["published a second".to_owned(), list(&figures.published, 1)],
        ["retries a second".to_owned(), format!("{:.1}", figures.retries)],
        ["dead letters".to_owned(), format!("{:.0}", figures.dead_letters)],
        ["lag of views, seconds".to_owned(), list(&figures.lag, 1)],
        [
            "presence".to_owned(),
            format!(
                "rooms {:.0} · connections {:.0} · signs of life a second {:.1}",
                figures.rooms, figures.connections, figures.heartbeats
            ),
        ],
    ];
    let head = ["consumer", "settled/s", "again/s", "pending", "in hand", "oldest s"].map(str::to_owned);
    let consumers = figures.consumers.iter().map(|(name, it)| {
        let (settled, again) = (format!("{:.1}", it.settled), format!("{:.1}", it.again));
        let (pending, in_hand) = (format!("{:.0}", it.pending), format!("{:.0}", it.in_hand));
        [name.clone(), settled, again, pending, in_hand, format!("{:.0}", it.oldest_seconds)]
    });
    let consumers = terminal::columns(std::iter::once(head).chain(consumers), width);
    format!("{}\n\n{consumers}", terminal::columns(rows, width))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn scrape(at: Instant, gateway: &str, projector: &str) -> Scrape {
        let pages = [(Role::Gateway, gateway), (Role::Projector, projector)];
        Scrape { at, pages: pages.map(|(role, page)| (role, page.to_owned())).into() }
    }

    #[test]
    fn counters_become_rates_and_gauges_stay_what_they_are() {
        let start = Instant::now();
        let before = scrape(
            start,
            "api_requests_total{method=\"GET\",route=\"/\",status_code=\"200\"} 10\n\
             messages_settled_total{consumer=\"planner\",outcome=\"ack\"} 4\n",
            "jobs{status=\"queued\"} 9\n",
        );
        let now = scrape(
            start + Duration::from_secs(2),
            "api_requests_total{method=\"GET\",route=\"/\",status_code=\"200\"} 20\n\
             api_requests_total{method=\"GET\",route=\"/\",status_code=\"404\"} 3\n\
             api_requests_total{method=\"GET\",route=\"/\",status_code=\"429\"} 2\n\
             jobs{status=\"queued\"} 4\n\
             messages_settled_total{consumer=\"planner\",outcome=\"ack\"} 8\n\
             messages_settled_total{consumer=\"planner\",outcome=\"nak\"} 2\n\
             presence_rooms_active 7\n",
            "jobs{status=\"queued\"} 5\nconsumer_pending{consumer=\"planner\"} 6\n\
             projection_lag_seconds{projection=\"plan\"} 0.5\ndead_letters{consumer=\"planner\"} 1\n\
             presence_rooms_active 7\n",
        );
        let figures = between(&before, &now);
        let of = |pairs: &[(&str, f64)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        assert_eq!(figures.requests, of(&[("2xx", 5.0), ("429", 1.0), ("4xx", 1.5)]));
        assert_eq!(figures.jobs, of(&[("queued", 5.0)]), "several roles measure the same");
        let planner = Consumer { settled: 3.0, again: 1.0, pending: 6.0, ..Consumer::default() };
        assert_eq!(figures.consumers["planner"], planner);
        assert_eq!((figures.dead_letters, figures.rooms), (1.0, 7.0));
        assert_eq!(figures.silent, ["onboarding", "planner", "presence"]);
        for width in [80, 100, 140] {
            let screen = render(&figures, width);
            assert!(screen.contains("SILENT: onboarding") && screen.contains("plan 0.5"), "{screen}");
            assert!(screen.lines().all(|line| line.chars().count() <= usize::from(width)), "{width}:\n{screen}");
        }
    }
}
