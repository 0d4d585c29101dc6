//! How much is measured: what fits into a quarter of an hour, with `--quick` into two minutes.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::order::Over;
use crate::run::{beside, variable};
use crate::stack::open_files;

/// Files of a process that are no connections.
const OTHER_FILES: u64 = 400;
/// By Socket.IO each join is answered with everybody who is there: filling a larger room would measure that.
const LARGEST_BY_SOCKET_IO: u64 = 1_000;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A little of everything, to see that it works. Its figures are none.
    #[arg(long)]
    pub quick: bool,
    /// What is measured, several with commas; everything.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Step>,
    /// The kind of connection of the clients; a plain WebSocket.
    #[arg(long, value_enum)]
    over: Option<Over>,
    /// Another `ally`, which is measured before this build in each step.
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// Processes that put on the load; 2.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=64))]
    generators: Option<u8>,
    /// How long each rate lasts, in seconds; 8.
    #[arg(long)]
    seconds: Option<f64>,
    /// Heartbeats a second of the ramp, several with commas, rising.
    #[arg(long, value_delimiter = ',')]
    ramp: Option<Vec<f64>>,
    /// Joins of the step `floor`; 200000.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    joins: Option<u64>,
    /// A variable for the measured program, for example PRESENCE_BIG_ROOM_FROM=100. May be given again.
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    set: Vec<(String, String)>,
    /// The product; `ally` beside this program.
    #[arg(long, value_name = "FILE")]
    ally: Option<PathBuf>,
    /// The folder for servers and their data while it runs.
    #[arg(long, value_name = "FOLDER", default_value = ".local/bench")]
    local: PathBuf,
    /// The folder for `presence.json`, `presence.svg` and the tables in `presence.md`; docs/bench, and with --quick or --only
    /// the folder of --local.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// A part of the measurement, each on a stack of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Joins, heartbeats and memory at several numbers of connections.
    Heartbeat,
    /// Heartbeats a second, more and more, until they are slow.
    Ramp,
    /// One member's changes in rooms of several sizes.
    FanOut,
    /// Many at once: reconnects, joins, leaves.
    Storm,
    /// Many joins that end in leaves, cuts and expiries, and what is left of them.
    Floor,
}

impl Step {
    /// Those that a kind of connection has: by Socket.IO nobody resumes.
    pub const fn of(over: Over) -> &'static [Self] {
        match over {
            Over::Websocket => &[Self::Heartbeat, Self::Ramp, Self::FanOut, Self::Storm, Self::Floor],
            Over::SocketIo => &[Self::Heartbeat, Self::Ramp, Self::FanOut],
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Heartbeat => "heartbeat",
            Self::Ramp => "ramp",
            Self::FanOut => "fan_out",
            Self::Storm => "storm",
            Self::Floor => "floor",
        }
    }
}

/// What a report says about how it was measured. Paths are the caller's own and not in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub steps: Vec<Step>,
    #[serde(default)]
    pub over: Over,
    pub generators: usize,
    pub seconds: f64,
    /// Connections, and heartbeats a second on all of them together; 0 is idle.
    pub levels: Vec<(u64, f64)>,
    /// Connections a room has.
    pub per_room: u64,
    /// Joins a second where they are no storm.
    pub joins_per_second: f64,
    pub ramp_connections: u64,
    pub ramp: Vec<f64>,
    /// Sizes of a room, and patches of one member a second in it.
    pub fan_out: Vec<(u64, f64)>,
    /// Connections that reconnect at once.
    pub reconnects: u64,
    /// Members that come into one room at once.
    pub crowds: Vec<u64>,
    pub floor_joins: u64,
    pub floor_slice: u64,
    /// How long what is left is looked at once more after the last of `floor`: a node keeps what happened for two minutes.
    #[serde(default)]
    pub floor_rest: f64,
    pub set: Vec<(String, String)>,
    #[serde(skip)]
    pub ally: PathBuf,
    #[serde(skip)]
    pub base: Option<PathBuf>,
    #[serde(skip)]
    pub local: PathBuf,
    #[serde(skip)]
    pub out: PathBuf,
}

impl Settings {
    /// What the arguments say, and the rest.
    pub fn new(args: &Args) -> anyhow::Result<Self> {
        let (all, over) = (args.only.is_empty(), args.over.unwrap_or_default());
        let elsewhere = args.quick || !all;
        let settings = Self {
            steps: Step::of(over).iter().copied().filter(|step| all || args.only.contains(step)).collect(),
            over,
            generators: usize::from(args.generators.unwrap_or(2)),
            set: args.set.clone(),
            ally: beside(args.ally.as_ref(), "ally")?,
            base: args.base.clone(),
            local: args.local.clone(),
            out: args.out.clone().unwrap_or_else(|| if elsewhere { args.local.clone() } else { "docs/bench".into() }),
            per_room: 4,
            ..if args.quick { Self::quick() } else { Self::full() }
        };
        let settings = Self {
            seconds: args.seconds.unwrap_or(settings.seconds),
            ramp: args.ramp.clone().unwrap_or_else(|| settings.ramp.clone()),
            floor_joins: args.joins.unwrap_or(settings.floor_joins),
            ..settings
        };
        let settings = match settings.over {
            Over::Websocket => settings,
            Over::SocketIo => Self {
                fan_out: settings.fan_out.into_iter().filter(|(members, _)| *members <= LARGEST_BY_SOCKET_IO).collect(),
                ..settings
            },
        };
        anyhow::ensure!(settings.seconds > 0.0, "--seconds is more than 0");
        anyhow::ensure!(settings.ramp.is_sorted(), "--ramp must rise: it ends at the first rate that is too much");
        Ok(settings)
    }

    fn full() -> Self {
        // One process of the role holds them all.
        let most = open_files().saturating_sub(OTHER_FILES).min(20_000);
        Self {
            seconds: 8.0,
            levels: vec![(200, 1_000.0), (2_000, 10_000.0), (10_000, 10_000.0), (most, 0.0)],
            joins_per_second: 1_000.0,
            ramp_connections: 2_000,
            ramp: [5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 80].map(|thousands| f64::from(thousands) * 1e3).to_vec(),
            fan_out: vec![(10, 200.0), (100, 100.0), (300, 40.0), (1_000, 20.0), (5_000, 20.0), (10_000, 20.0)],
            reconnects: 10_000,
            crowds: vec![2_000, 10_000],
            floor_joins: 200_000,
            floor_slice: 2_000,
            floor_rest: 135.0,
            ..Self::default()
        }
    }

    fn quick() -> Self {
        Self {
            seconds: 2.0,
            levels: vec![(200, 1_000.0), (400, 0.0)],
            joins_per_second: 200.0,
            ramp_connections: 200,
            ramp: vec![1_000.0, 2_000.0],
            fan_out: vec![(10, 50.0), (100, 20.0)],
            reconnects: 200,
            crowds: vec![200],
            floor_joins: 600,
            floor_slice: 200,
            ..Self::default()
        }
    }
}
