//! The plan engine, judged by its own validator and by hand.

mod athletes;
mod examples;
mod fuzz;
