//! Whole-system tests, and the rules of the tree. They drive the real binary against real servers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "a trace is worth seeing when its test is run by hand")]

mod adapted;
mod archive;
mod arrows;
mod clients;
mod command_line;
mod compose;
mod dashboards;
mod demo;
mod documentation;
mod drill;
mod env_example;
mod events;
mod faults;
mod full_store;
mod hang;
mod health;
mod house;
mod killed_planner;
mod killer;
mod links;
mod metrics;
mod model;
mod one_key;
mod operator;
mod presence;
mod prometheus;
mod quiet_logs;
mod readme;
mod scheduled;
mod sdks;
mod series;
mod servers;
mod streams;
mod system;
mod trace;
mod webhooks;
