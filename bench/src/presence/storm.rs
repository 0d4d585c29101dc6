//! Many at once: everybody's connection breaks and all come back; a crowd comes into one room and goes.

use super::Bench;
use super::heartbeat::take_cpu;
use super::order::Order;
use super::report::Take;
use crate::terminal;

const FALSELY_GONE: &str = "SELECT COALESCE(SUM(left_cut + left_expired), 0)::bigint FROM presence_room";

pub async fn measure(bench: &mut Bench<'_>, take: &mut Take<'_>) -> anyhow::Result<()> {
    let (connections, crowds) = (bench.settings.reconnects, bench.settings.crowds.clone());
    terminal::note(&format!("storm: {connections} connect, break and come back"));
    reconnect(bench, take, connections).await?;
    for members in crowds {
        terminal::note(&format!("storm: {members} come into one room and go"));
        let name = format!("storm/crowd/{members}");
        let came = bench.open(&format!("crowd-{members}"), members, 1, 0.0).await?;
        take.expect_answers(&format!("{name}, joins"), &came.seen);
        take.add(&format!("{name}/come_seconds"), "s", came.seen.seconds);
        take.add_latency(&format!("{name}/join_ms"), &came.seen.join.latency()?);
        take_cpu(take, &format!("{name}/come"), &came);
        take.add(&format!("{name}/come/heap_bytes"), "bytes", bench.stack.heap_bytes()? as f64);
        let went = bench.all(Order::Leave { connections: members }).await?;
        take.expect_answers(&format!("{name}, leaves"), &went.seen);
        take.add(&format!("{name}/go_seconds"), "s", went.seen.seconds);
        take.add_latency(&format!("{name}/leave_ms"), &went.seen.leave.latency()?);
        take_cpu(take, &format!("{name}/go"), &went);
    }
    Ok(())
}

async fn reconnect(bench: &mut Bench<'_>, take: &mut Take<'_>, connections: u64) -> anyhow::Result<()> {
    let settings = bench.settings;
    let name = format!("storm/reconnect/{connections}");
    let rooms = connections.div_ceil(settings.per_room);
    let joined = bench.open("storm", connections, rooms, settings.joins_per_second).await?;
    take.expect_answers(&format!("{name}, joins"), &joined.seen);
    let there = joined.seen.open;
    bench.all(Order::Cut { connections }).await?;
    let back = bench.all(Order::Resume).await?;
    take.expect_answers(&name, &back.seen);
    take.add(&format!("{name}/settled_seconds"), "s", back.seen.seconds);
    take.add_latency(&format!("{name}/connect_ms"), &back.seen.connect.latency()?);
    take.add_latency(&format!("{name}/resume_ms"), &back.seen.resume.latency()?);
    take.add(&format!("{name}/recovered"), "connections", back.seen.recovered as f64);
    take_cpu(take, &name, &back);
    take.add(&format!("{name}/heap_bytes"), "bytes", bench.stack.heap_bytes()? as f64);
    if back.seen.recovered != there {
        take.add_fault(format!("{name}: {there} were cut, {} were told exactly what they missed", back.seen.recovered));
    }
    let left = bench.all(Order::Leave { connections }).await?;
    take.expect_answers(&format!("{name}, leaves"), &left.seen);
    take.add(&format!("{name}/leave_seconds"), "s", left.seen.seconds);
    let [gone] = bench.stack.query(FALSELY_GONE).await?;
    if gone > 0 {
        take.add_fault(format!("{name}: {gone} members were let go who came back in time"));
    }
    Ok(())
}
