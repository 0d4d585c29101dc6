//! The plan engine, judged by its own validator and by hand.

mod absence;
mod adapt;
mod athletes;
mod catalogue;
mod crunch;
mod examples;
mod fuzz;
mod lives;
mod mutation;
mod older;
mod phrases;
mod properties;
mod refusals;
mod samples;
mod week_days;
