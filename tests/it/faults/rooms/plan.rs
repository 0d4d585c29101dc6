//! What happens next, by the dice: the same seed asks for the same operations in the same order.

use std::time::Duration;

use super::super::dice::Dice;
use super::act::Op;
use super::come_back::Return;
use super::come_in::{Door, Join};
use super::member::{Connection, Member, Times};
use super::nodes::NODES;
use super::world::USERS;

/// The last one becomes big, and small again.
pub const ROOMS: [&str; 5] = ["attic", "cellar", "kitchen", "porch", "hall"];
pub const HALL: &str = ROOMS[4];
/// Members at which the big room is big.
pub const BIG_FROM: usize = 12;
pub const BIG_UNTIL: usize = BIG_FROM * 4 / 5;
/// Members that a run keeps about.
pub const MEMBERS: usize = 42;

/// Numbers that no two operations share.
#[derive(Default)]
pub struct Numbers(u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

pub fn join(dice: &mut Dice, numbers: &mut Numbers) -> Join {
    let room = if dice.one_in(3) { HALL } else { ROOMS[dice.below(ROOMS.len())] };
    let door = match dice.below(12) {
        0 | 1 => Door::Requests,
        2 | 3 => Door::SocketIo,
        _ => Door::Websocket,
    };
    Join { room, user: USERS[dice.below(USERS.len())], node: dice.below(NODES), number: numbers.next(), door }
}

/// What a member does.
pub fn op(dice: &mut Dice, numbers: &mut Numbers, member: &Member, times: &Times) -> Op {
    let node = dice.below(NODES);
    let chance = dice.below(100);
    match &member.connection {
        Connection::Web(line) if line.is_socket_io() => match chance {
            0..35 => Op::Patch { number: numbers.next(), node },
            35..42 => Op::Beat,
            42..55 => Op::Leave { node },
            55..65 => Op::Close,
            65..82 => Op::Cut,
            82..91 => Op::FallSilent,
            _ => Op::Kick { node },
        },
        Connection::Web(_) => match chance {
            0..25 => Op::Patch { number: numbers.next(), node },
            25..33 => Op::Beat,
            33..40 => Op::Leave { node },
            40..45 => Op::Close,
            45..52 => Op::Cut,
            52..76 => Op::Return(come_back(dice, times)),
            76..85 => Op::Move { node, after: dice.between(0, 200), numbers: None },
            85..92 => Op::FallSilent,
            _ => Op::Kick { node },
        },
        _ => match chance {
            0..50 => Op::Patch { number: numbers.next(), node },
            50..68 => Op::Leave { node },
            68..88 => Op::Stop,
            _ => Op::Kick { node },
        },
    }
}

/// A return that is in time, mostly at another node.
pub fn come_back(dice: &mut Dice, times: &Times) -> Return {
    let latest = times.grace.as_millis() as usize * 3 / 5;
    Return { after: dice.between(0, latest), node: dice.below(NODES), twice: dice.one_in(3) }
}

/// Whoever leaves a node that hangs. A node that goes on soon may take the patch, since it looks at a lease no more often than it is
/// renewed; one that hung for longer than a lease must not.
pub fn move_off(dice: &mut Dice, numbers: &mut Numbers, is_long: bool) -> Op {
    let numbers = (is_long && dice.one_in(2)).then(|| [numbers.next(), numbers.next()]);
    Op::Move { node: dice.below(NODES), after: dice.between(0, 900), numbers }
}

pub fn pause(dice: &mut Dice) -> Duration {
    dice.between(20, 350)
}
