//! The plan engine, judged by its own validator and by hand.

mod adapt;
mod athletes;
mod catalogue;
mod crunch;
mod dates;
mod examples;
mod fuzz;
mod lives;
mod mutation;
mod properties;
mod refusals;
mod samples;
mod week_days;
