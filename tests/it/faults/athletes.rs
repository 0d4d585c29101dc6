//! The load: athletes who ask for plans, one after the other, at a steady pace, and who ask again when nobody answers.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::now;
use super::stage::Stage;
use crate::system::{Client, DEADLINE, answers};

const ATHLETES: usize = 12;
/// The pace of one athlete: 24 jobs a second in all.
const PACE: Duration = Duration::from_millis(500);
/// Every so many jobs an athlete changes their answers: the job comes through the process manager of onboarding.
const ANSWERS_EVERY: usize = 4;
/// Every so many jobs an athlete asks again although there was an answer: it must be the same job.
const AGAIN_EVERY: usize = 7;
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);

/// Athletes at work.
pub struct Athletes {
    begun: OffsetDateTime,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<Diary>>,
}

/// What an athlete remembers.
#[derive(Default)]
struct Diary {
    accepted: Vec<String>,
    repeated: usize,
}

/// What all of them did.
pub struct Load {
    /// The jobs that a 202 named; each must come to its end.
    pub accepted: Vec<String>,
    /// Requests that were sent again because nobody answered, or not with a 202.
    pub repeated: usize,
    pub begun: OffsetDateTime,
    pub ended: OffsetDateTime,
}

impl Athletes {
    pub async fn start(stage: &Stage) -> Self {
        let (stop, begun) = (CancellationToken::new(), now());
        let tasks = (0..ATHLETES)
            .map(|n| {
                let athlete = Athlete {
                    token: stage.roles.system.token(&format!("athlete-{n}")),
                    gateway: stage.roles.gateway(),
                    http: crate::system::http().timeout(ANSWER_TIMEOUT).build().unwrap(),
                    diary: Diary::default(),
                };
                tokio::spawn(athlete.live(stop.clone()))
            })
            .collect();
        Self { begun, stop, tasks }
    }

    /// Lets each finish the request that they are at.
    pub async fn stop(self) -> Load {
        let ended = now();
        self.stop.cancel();
        let mut load = Load { accepted: Vec::new(), repeated: 0, begun: self.begun, ended };
        for task in self.tasks {
            let diary = task.await.unwrap();
            load.accepted.extend(diary.accepted);
            load.repeated += diary.repeated;
        }
        load
    }
}

struct Athlete {
    token: String,
    gateway: watch::Receiver<String>,
    http: reqwest::Client,
    diary: Diary,
}

impl Athlete {
    async fn live(mut self, stop: CancellationToken) -> Diary {
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for n in 0.. {
            if stop.run_until_cancelled(pace.tick()).await.is_none() {
                break;
            }
            let job = self.ask(n).await;
            if n % AGAIN_EVERY == AGAIN_EVERY - 1 {
                assert_eq!(self.ask(n).await, job, "the same request is the same job");
            }
            self.diary.accepted.push(job);
        }
        self.diary
    }

    /// The job that a request was accepted as, however often it had to be sent.
    async fn ask(&mut self, n: usize) -> String {
        let begun = Instant::now();
        loop {
            match self.ask_once(n).await {
                Ok(job) => return job,
                Err(why) => assert!(begun.elapsed() < DEADLINE, "nobody takes the request: {why}"),
            }
            self.diary.repeated += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn ask_once(&self, n: usize) -> Result<String, String> {
        let url = self.gateway.borrow().clone();
        let client = Client::through(self.http.clone(), url, self.token.clone());
        let request = if n.is_multiple_of(ANSWERS_EVERY) {
            let mut changed = answers();
            changed["minutesPerSession"] = json!(45 + 15 * (n / ANSWERS_EVERY % 3));
            client.request(Method::POST, "/api/v1/onboarding").json(&changed)
        } else {
            let request = client.request(Method::POST, "/api/v1/plans/generate");
            request.header("Idempotency-Key", format!("key-{n}")).json(&json!({"weeks": 1}))
        };
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = answer.text().await.map_err(|error| error.to_string())?;
        match status {
            StatusCode::ACCEPTED => {
                let body: Value = serde_json::from_str(&body).unwrap();
                Ok(body["jobId"].as_str().unwrap().to_owned())
            }
            // What may be answered while a server is away: later, or once more.
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT => {
                Err(format!("{status}: {body}"))
            }
            other => panic!("a request that is right was answered with {other}: {body}"),
        }
    }
}
