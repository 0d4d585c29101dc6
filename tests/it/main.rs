//! Whole-system tests, and the rules of the tree. They drive the real binary against real servers.

mod arrows;
mod env_example;
mod house;
mod servers;
