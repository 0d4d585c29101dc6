//! One member's changes in rooms of several sizes: what a delivery costs, and a message.

use super::Bench;
use super::heartbeat::{PROGRAMS, take_cpu};
use super::order::Order;
use super::report::Take;
use crate::terminal;

/// How long a room is watched while nothing is said in it.
const QUIET_SECONDS: f64 = 3.0;

pub async fn measure(bench: &mut Bench<'_>, take: &mut Take<'_>) -> anyhow::Result<()> {
    let settings = bench.settings;
    for (members, rate) in &settings.fan_out {
        let (name, room) = (format!("fan_out/{members}"), format!("fan-{members}"));
        terminal::note(&format!("fan-out: a room of {members}, {rate} changes a second"));
        let joined = bench.open(&room, *members, 1, settings.joins_per_second).await?;
        take.expect_answers(&format!("{name}, joins"), &joined.seen);
        let quiet = bench.all(Order::Wait { seconds: QUIET_SECONDS }).await?;
        let (per_second, seconds) = (*rate, settings.seconds);
        // The others only take what comes, a little longer than something is said.
        let took = bench.crew.each(&bench.stack, |number| {
            Some(match number {
                0 => Order::Patch { per_second, seconds },
                _ => Order::Wait { seconds: seconds + 0.5 },
            })
        });
        let took = took.await?;
        take.expect_answers(&name, &took.seen);
        let messages = took.seen.patch.count().max(1) as f64;
        let frames = took.seen.frames as f64;
        take.add_latency(&format!("{name}/patch_ms"), &took.seen.patch.latency()?);
        take.add_latency(&format!("{name}/delivery_ms"), &took.seen.delivery.latency()?);
        take.add(&format!("{name}/deliveries_per_second"), "frames/s", frames / seconds);
        take.add(&format!("{name}/frames_per_message"), "frames", frames / messages);
        take.add(&format!("{name}/bytes_per_message"), "bytes", took.seen.bytes as f64 / messages);
        let spent = |program: &str| {
            let idle = quiet.cpu(program) / quiet.seconds * took.seconds;
            (took.cpu(program) - idle).max(0.0)
        };
        for program in PROGRAMS {
            take.add(&format!("{name}/cpu_us_per_message/{program}"), "µs", spent(program) * 1e6 / messages);
        }
        // The ticks of the clock are coarse where little is to be done.
        if spent("presence") > 0.0 {
            take.add(&format!("{name}/deliveries_per_cpu_second"), "frames", frames / spent("presence"));
        }
        take_cpu(take, &name, &took);
        let left = bench.all(Order::Leave { connections: *members }).await?;
        take.expect_answers(&format!("{name}, leaves"), &left.seen);
    }
    Ok(())
}
