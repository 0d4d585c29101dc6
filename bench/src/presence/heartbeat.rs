//! Joins, heartbeats and memory at several numbers of connections; then heartbeats at more and more a second.

use super::Bench;
use super::crew::{GENERATOR, Took};
use super::order::Order;
use super::report::Take;
use crate::stack::Costs;
use crate::terminal;

/// The programs whose processor time is told apart.
pub const PROGRAMS: [&str; 5] = ["presence", "nats-server", "postgres", "projector", GENERATOR];
/// Above this a rate is too much.
const SLOW_MS: f64 = 50.0;
/// How long nothing happens before memory is read.
const SETTLE_SECONDS: f64 = 3.0;

pub async fn measure(bench: &mut Bench<'_>, take: &mut Take<'_>) -> anyhow::Result<()> {
    let settings = bench.settings;
    bench.all(Order::Wait { seconds: SETTLE_SECONDS }).await?;
    let (heap, kernel) = (bench.stack.heap_bytes()?, Kernel::read());
    let mut open = 0;
    for (connections, rate) in &settings.levels {
        let name = format!("heartbeat/{connections}");
        terminal::note(&format!("heartbeat: up to {connections} connections"));
        let missing = connections.saturating_sub(open);
        let rooms = missing.div_ceil(settings.per_room);
        let joined = bench.open(&format!("r{connections}"), missing, rooms, settings.joins_per_second).await?;
        take.expect_answers(&format!("{name}, joins"), &joined.seen);
        take.add_latency(&format!("{name}/join_ms"), &joined.seen.join.latency()?);
        take.add_latency(&format!("{name}/connect_ms"), &joined.seen.connect.latency()?);
        open = joined.seen.open;
        let settled = bench.all(Order::Wait { seconds: SETTLE_SECONDS }).await?;
        let more = bench.stack.heap_bytes()?.saturating_sub(heap);
        take.add(&format!("{name}/bytes_per_connection"), "bytes", more as f64 / open.max(1) as f64);
        take_memory(take, &name, open, &kernel, &settled.costs);
        take_cpu(take, &format!("{name}/idle"), &settled);
        if *rate > 0.0 {
            let took = beat(bench, *rate).await?;
            take.expect_answers(&format!("{name}, heartbeats"), &took.seen);
            take_beats(take, &name, &took)?;
        }
    }
    Ok(())
}

/// Heartbeats at more and more a second, until one rate is too much.
pub async fn ramp(bench: &mut Bench<'_>, take: &mut Take<'_>) -> anyhow::Result<()> {
    let settings = bench.settings;
    let rooms = settings.ramp_connections.div_ceil(settings.per_room);
    let joined = bench.open("ramp", settings.ramp_connections, rooms, settings.joins_per_second).await?;
    take.expect_answers("ramp, joins", &joined.seen);
    let mut carried = 0.0;
    for rate in &settings.ramp {
        let mut took = beat(bench, *rate).await?;
        if !is_carried(&took)? {
            // Once more: the machine may have had a slow moment.
            took = beat(bench, *rate).await?;
        }
        let p99 = take_beats(take, &format!("ramp/{rate}"), &took)?;
        terminal::note(&format!("ramp: {rate} heartbeats/s, p99 {p99:.1} ms"));
        if !is_carried(&took)? {
            break;
        }
        take.expect_answers(&format!("ramp, {rate} heartbeats/s"), &took.seen);
        carried = *rate;
    }
    take.add("ramp/carried_per_second", "heartbeats/s", carried);
    Ok(())
}

fn is_carried(took: &Took) -> anyhow::Result<bool> {
    Ok(took.seen.unanswered == 0 && took.seen.beat.latency()?.p99 <= SLOW_MS)
}

async fn beat(bench: &mut Bench<'_>, rate: f64) -> anyhow::Result<Took> {
    let per_second = rate / bench.crew.len() as f64;
    bench.all(Order::Beat { per_second, seconds: bench.settings.seconds }).await
}

/// The figures of heartbeats; the answer is their p99.
fn take_beats(take: &mut Take<'_>, name: &str, took: &Took) -> anyhow::Result<f64> {
    let latency = took.seen.beat.latency()?;
    take.add_latency(&format!("{name}/beat_ms"), &latency);
    take.add_latency(&format!("{name}/late_ms"), &took.seen.late.latency()?);
    take.add(&format!("{name}/answered_per_second"), "heartbeats/s", latency.count as f64 / took.seconds);
    take.add(&format!("{name}/cpu_us"), "µs/heartbeat", took.cpu("presence") * 1e6 / latency.count.max(1) as f64);
    take_cpu(take, name, took);
    Ok(latency.p99)
}

/// Cores that each program keeps busy.
pub fn take_cpu(take: &mut Take<'_>, name: &str, took: &Took) {
    for program in PROGRAMS {
        take.add(&format!("{name}/cores/{program}"), "cores", took.cpu(program) / took.seconds);
    }
}

fn take_memory(take: &mut Take<'_>, name: &str, open: u64, kernel: &Kernel, costs: &Costs) {
    let each = |more: u64| more as f64 / open.max(1) as f64;
    for program in PROGRAMS {
        take.add(&format!("{name}/memory_bytes/{program}"), "bytes", memory_of(costs, program) as f64);
    }
    let now = Kernel::read();
    take.add(&format!("{name}/kernel/slab_per_connection"), "bytes", each(now.slab.saturating_sub(kernel.slab)));
    take.add(&format!("{name}/kernel/queued_per_connection"), "bytes", each(now.queued.saturating_sub(kernel.queued)));
}

pub fn memory_of(costs: &Costs, program: &str) -> u64 {
    costs.get(program).map_or(0, |usage| usage.memory_bytes)
}

/// What sockets hold in the kernel, of the whole machine: both ends of each connection.
struct Kernel {
    /// The kernel's own structures.
    slab: u64,
    /// Bytes under way in TCP.
    queued: u64,
}

impl Kernel {
    fn read() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let number_behind = |text: &str, word: &str| {
            let mut words = text.split_whitespace().skip_while(|known| *known != word);
            words.nth(1).and_then(|number| number.parse::<u64>().ok()).unwrap_or_default()
        };
        let sockets = read("/proc/net/sockstat");
        let tcp = sockets.lines().find(|line| line.starts_with("TCP:")).unwrap_or_default();
        let page = rustix::param::page_size() as u64;
        Self { slab: number_behind(&read("/proc/meminfo"), "Slab:") * 1_024, queued: number_behind(tcp, "mem") * page }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_kernel_says_what_it_holds() {
        assert!(Kernel::read().slab > 0);
    }
}
