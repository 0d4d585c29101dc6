//! What an operator does from the command line, against a whole Ally: every command of `docs/runbook.md`, and the wrong
//! ones.

pub mod bench;
mod dead_letters;
mod look_back;
pub mod model;
mod newer;
mod orphans;
mod queues;
mod views;
pub mod webhooks;
mod wrong_input;
