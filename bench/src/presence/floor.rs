//! Many joins that end in leaves, cuts and expiries: whether memory, leases, views and idle processor time come back to
//! where they were.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::Bench;
use super::heartbeat::{PROGRAMS, memory_of, take_cpu};
use super::order::{Order, Seen};
use super::report::Take;
use crate::progress::Bar;
use crate::terminal;

/// Leases and graces as short as they may be.
pub const ENVIRONMENT: &[(&str, &str)] =
    &[("PRESENCE_LEASE_SECONDS", "1"), ("PRESENCE_GRACE_MS", "500"), ("PRESENCE_REAP_EVERY_MS", "500")];

/// How long a halted connection is left alone, so that it expires: a lease, what its end may be late, and some cycles.
const HALTED_FOR: Duration = Duration::from_secs(3);
/// How long idle processor time is watched.
const IDLE_SECONDS: f64 = 10.0;
/// How long the last members may take to go, and the views to tell.
const GONE_WITHIN: Duration = Duration::from_secs(60);
const ASK_AGAIN: Duration = Duration::from_millis(500);

const VIEWS: &str = "SELECT COALESCE(SUM(members), 0)::bigint, COALESCE(SUM(joined), 0)::bigint, \
                     COALESCE(SUM(left_left), 0)::bigint, COALESCE(SUM(left_cut), 0)::bigint, \
                     COALESCE(SUM(left_expired), 0)::bigint, (SELECT COUNT(*) FROM presence_member) FROM presence_room";

pub async fn measure(bench: &mut Bench<'_>, take: &mut Take<'_>) -> anyhow::Result<()> {
    let settings = bench.settings;
    let (joins, slice) = (settings.floor_joins, settings.floor_slice.min(settings.floor_joins));
    let idle = bench.all(Order::Wait { seconds: IDLE_SECONDS.min(settings.seconds) }).await?;
    take_cpu(take, "floor/idle_before", &idle);
    take_point(bench, take, 0).await?;
    let slices = joins.div_ceil(slice);
    terminal::note(&format!("floor: {slices} times {slice} joins"));
    let bar = Bar::new("floor", slices);
    let (begun, third, mut halted_at) = (Instant::now(), slice / 3, Instant::now());
    let mut seen = Seen::default();
    for number in 1..=slices {
        let rooms = slice.div_ceil(settings.per_room);
        let joined = bench.open("floor", slice, rooms, 0.0).await?;
        seen.add(joined.seen);
        let left = bench.shared(third, |connections| Order::Leave { connections }).await?;
        seen.add(left.seen);
        bench.shared(third, |connections| Order::Cut { connections }).await?;
        // Those of the slice before have expired by then.
        sleep_until(halted_at + HALTED_FOR).await;
        bench.all(Order::Forget).await?;
        bench.all(Order::Halt { connections: slice }).await?;
        halted_at = Instant::now();
        if number.is_multiple_of((slices / 20).max(1)) {
            take_point(bench, take, number * slice).await?;
        }
        bar.step();
    }
    drop(bar);
    take.expect_answers("floor", &seen);
    take.add("floor/joins_per_second", "joins/s", (slices * slice) as f64 / begun.elapsed().as_secs_f64());
    sleep_until(halted_at + HALTED_FOR).await;
    bench.all(Order::Forget).await?;
    settle(bench, take, slices * slice, slices * third).await?;
    let idle = bench.all(Order::Wait { seconds: IDLE_SECONDS.min(settings.seconds) }).await?;
    take_cpu(take, "floor/idle_after", &idle);
    take_point(bench, take, slices * slice).await?;
    if settings.floor_rest > 0.0 {
        terminal::note("floor: until recent events are let go");
        sleep(Duration::from_secs_f64(settings.floor_rest)).await;
        take_point(bench, take, slices * slice).await?;
    }
    Ok(())
}

/// Waits until nobody is there and no lease is held, and compares how they went with how they were let go.
async fn settle(bench: &Bench<'_>, take: &mut Take<'_>, joins: u64, third: u64) -> anyhow::Result<()> {
    let (joins, third) = (i64::try_from(joins)?, i64::try_from(third)?);
    let deadline = Instant::now() + GONE_WITHIN;
    loop {
        let views = bench.stack.query::<6>(VIEWS).await?;
        // Beside the leases the bucket holds one message: which bucket it is.
        let leases = bench.stack.leases().await?.saturating_sub(1);
        let [members, joined, left, cut, expired, _] = views;
        if (members, joined, leases) == (0, joins, 0) {
            for (reason, count) in [("left", left), ("cut", cut), ("expired", expired)] {
                take.add(&format!("floor/{reason}"), "members", count as f64);
            }
            // On a busy machine a lease of a second ends before its grace is over, and one that was cut has expired.
            if left != third || left + cut + expired != joins || cut > third {
                let expected = format!("{third} left, {third} cut, {} expired", joins - 2 * third);
                take.add_fault(format!("floor: {left} left, {cut} were cut and {expired} expired, and not {expected}"));
            }
            return Ok(());
        }
        if Instant::now() > deadline {
            let within = GONE_WITHIN.as_secs();
            take.add_fault(format!(
                "floor: after {within} s {members} are members still, {leases} leases are held, {joined} of {joins} joins are told"
            ));
            return Ok(());
        }
        sleep(ASK_AGAIN).await;
    }
}

async fn take_point(bench: &Bench<'_>, take: &mut Take<'_>, joins: u64) -> anyhow::Result<()> {
    let costs = bench.stack.costs()?;
    let at = joins as f64;
    for program in PROGRAMS.iter().filter(|program| costs.contains_key(**program)) {
        take.add_point(&format!("floor/memory_bytes/{program}"), at, memory_of(&costs, program) as f64);
    }
    take.add_point("floor/leases", at, bench.stack.leases().await?.saturating_sub(1) as f64);
    let [members, _, _, _, _, rows] = bench.stack.query::<6>(VIEWS).await?;
    take.add_point("floor/members", at, members as f64);
    take.add_point("floor/rows", at, rows as f64);
    Ok(())
}
