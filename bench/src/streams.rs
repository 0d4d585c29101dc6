//! `ally-bench streams`: server-sent events of jobs. Thousands of streams are opened for athletes of whom nothing is heard, and a few
//! for athletes whose jobs are made; what an idle stream costs, and how late an event reaches its stream.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep, timeout};

use crate::load::{Api, Latency, Recorder};
use crate::machine;
use crate::progress::Bar;
use crate::stack::{Stack, Subject, Versions, raise_open_files};
use crate::terminal;

/// Athletes whose jobs are made.
const BUSY: usize = 16;
/// Athletes of whom nothing is heard; they share the idle streams.
const IDLE: usize = 64;
/// How long a stream may take to begin.
const BEGINS_WITHIN: Duration = Duration::from_secs(30);
/// How long memory may take to come to rest.
const REST: Duration = Duration::from_secs(3);
/// How long the last events may take.
const LAST_EVENTS: Duration = Duration::from_secs(5);
/// Streams that are opened at once.
const AT_ONCE: usize = 32;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Idle streams.
    #[arg(long, default_value_t = 5_000)]
    streams: usize,
    /// Jobs a second of the busy athletes.
    #[arg(long, default_value_t = 20.0)]
    rate: f64,
    /// How long, in seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// The product; `ally` beside this program.
    #[arg(long, value_name = "FILE")]
    ally: Option<PathBuf>,
    /// The folder for servers and their data while it runs.
    #[arg(long, value_name = "FOLDER", default_value = ".local/bench")]
    local: PathBuf,
}

/// What the last line says, as JSON.
#[derive(Debug, Serialize)]
struct Outcome {
    machine: machine::Machine,
    versions: Versions,
    streams: usize,
    bytes_a_stream: f64,
    idle_cpu_percent: f64,
    jobs: u64,
    events: u64,
    /// From the event's moment to its being read, in milliseconds.
    delay: Latency,
}

pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    raise_open_files();
    let ally = match &args.ally {
        Some(ally) => ally.clone(),
        None => std::env::current_exe()?.with_file_name("ally"),
    };
    let set = [
        ("EVENT_STREAMS_MAX", (args.streams + 1_000).to_string()),
        ("EVENT_STREAMS_PER_ATHLETE", "0".to_owned()),
        ("EVENT_STREAMS_PER_CLIENT", "0".to_owned()),
    ];
    let set: Vec<_> = set.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let subject = Subject::new(&ally, &args.local, BUSY + IDLE, &set).await?;
    let stack = Stack::start(&subject).await?;
    let measured = measure(args, &subject, &stack).await;
    stack.stop().await?;
    show(&measured?)?;
    Ok(ExitCode::SUCCESS)
}

async fn measure(args: &Args, subject: &Subject, stack: &Stack) -> anyhow::Result<Outcome> {
    let tokens = std::fs::read_to_string(&subject.tokens)?;
    let tokens: Vec<&str> = tokens.lines().collect();
    let (busy, idle) = tokens.split_at(BUSY);
    let deadline = Instant::now() + Duration::from_secs(600);
    let api = Api::new(stack.gateway(), busy, deadline)?;
    for athlete in 0..BUSY {
        let first = api.onboard(athlete).await.context("an athlete was not onboarded")?;
        api.end(&first, Duration::from_millis(20)).await.context("an athlete got no first plan")?;
    }
    let seen = Rc::new(RefCell::new(Seen::new()?));
    for token in busy {
        watch(open(stack.gateway(), token).await?, Rc::clone(&seen));
    }
    sleep(REST).await;
    let before = stack.usage()?;
    let bar = Bar::new("streams", args.streams as u64);
    let mut kept = Vec::with_capacity(args.streams);
    while kept.len() < args.streams {
        let next = (kept.len()..args.streams).take(AT_ONCE);
        let gateway = stack.gateway();
        let opened: Vec<_> = next
            .map(|number| {
                let token = idle[number % idle.len()].to_owned();
                spawn_local(async move { open(gateway, &token).await })
            })
            .collect();
        for stream in opened {
            kept.push(stream.await??);
            bar.step();
        }
    }
    drop(bar);
    sleep(REST).await;
    let opened = stack.usage()?;
    sleep(Duration::from_secs(5)).await;
    let rested = stack.usage()?;
    let of = |usage: &crate::usage::ByProgram| usage.get("ally").copied().unwrap_or_default();
    let bytes = of(&opened).memory_bytes as f64 - of(&before).memory_bytes as f64;
    let idle_cpu = (of(&rested).cpu_seconds - of(&opened).cpu_seconds) / 5.0;
    let jobs = (args.rate * args.seconds) as u64;
    let begun = Instant::now();
    let bar = Bar::new("jobs", jobs);
    for number in 0..jobs {
        tokio::time::sleep_until(begun + Duration::from_secs_f64(number as f64 / args.rate)).await;
        api.submit(number).await.context("a job was not accepted")?;
        bar.step();
    }
    drop(bar);
    let all_completed = async {
        while seen.borrow().completed < jobs {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let _ = timeout(LAST_EVENTS, all_completed).await;
    let versions = stack.versions().await?;
    let seen = seen.borrow();
    anyhow::ensure!(seen.completed == jobs, "{} of {jobs} completions were told", seen.completed);
    Ok(Outcome {
        machine: machine::Machine::read(),
        versions,
        streams: args.streams,
        bytes_a_stream: bytes / args.streams as f64,
        idle_cpu_percent: idle_cpu * 100.0,
        jobs,
        events: seen.events,
        delay: seen.delays.latency(),
    })
}

/// What the busy athletes' streams told.
struct Seen {
    delays: Recorder,
    events: u64,
    completed: u64,
}

impl Seen {
    fn new() -> anyhow::Result<Self> {
        Ok(Self { delays: Recorder::new()?, events: 0, completed: 0 })
    }

    fn take(&mut self, data: &str) {
        let now = now();
        let Ok(event) = serde_json::from_str::<serde_json::Value>(data) else { return };
        let at = event["at"].as_str().and_then(|at| OffsetDateTime::parse(at, &Rfc3339).ok());
        let Some(at) = at else { return };
        self.events += 1;
        self.completed += u64::from(event["type"] == "job.completed");
        self.delays.record(Duration::try_from(now - at).unwrap_or_default());
    }
}

/// Opens a stream of all jobs of an athlete; it has begun when this returns.
async fn open(gateway: SocketAddr, token: &str) -> anyhow::Result<BufReader<TcpStream>> {
    let mut stream = BufReader::with_capacity(2_048, TcpStream::connect(gateway).await?);
    let head = format!("GET /api/v1/events HTTP/1.1\r\nHost: {gateway}\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.get_mut().write_all(head.as_bytes()).await?;
    let begins = async {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        anyhow::ensure!(line.starts_with("HTTP/1.1 200"), "a stream was answered with {line:?}");
        while !line.starts_with("data:") {
            line.clear();
            anyhow::ensure!(stream.read_line(&mut line).await? > 0, "a stream ended before it began");
        }
        anyhow::Ok(())
    };
    timeout(BEGINS_WITHIN, begins).await.context("a stream does not begin")??;
    Ok(stream)
}

#[allow(clippy::disallowed_methods, reason = "delays are told from the machine's clock")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Reads a stream for as long as it goes on.
fn watch(mut stream: BufReader<TcpStream>, seen: Rc<RefCell<Seen>>) {
    spawn_local(async move {
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
            if let Some(data) = line.strip_prefix(b"data: ") {
                seen.borrow_mut().take(&String::from_utf8_lossy(data));
            }
            line.clear();
        }
    });
}

fn show(outcome: &Outcome) -> anyhow::Result<()> {
    let mut table = terminal::table(["streams of job events", ""]);
    let delay = &outcome.delay;
    table
        .add_row(["idle streams".to_owned(), outcome.streams.to_string()])
        .add_row(["memory a stream".to_owned(), format!("{:.1} KiB", outcome.bytes_a_stream / 1_024.0)])
        .add_row([
            "processor time of all while idle".to_owned(),
            format!("{:.1} % of a core", outcome.idle_cpu_percent),
        ])
        .add_row(["jobs, events".to_owned(), format!("{}, {}", outcome.jobs, outcome.events)])
        .add_row([
            "an event is read, p50 / p99 / max".to_owned(),
            format!("{:.1} / {:.1} / {:.1} ms behind its moment", delay.p50, delay.p99, delay.max),
        ]);
    terminal::note(&table.to_string());
    terminal::line(&serde_json::to_string(outcome)?);
    Ok(())
}
