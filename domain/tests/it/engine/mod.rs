//! The plan engine, judged by its own validator and by hand.

mod athletes;
mod catalogue;
mod crunch;
mod examples;
mod fuzz;
mod mutation;
mod properties;
mod refusals;
mod samples;
mod week_days;
