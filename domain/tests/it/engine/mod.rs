//! The plan engine, judged by its own validator and by hand.

mod adapt;
mod athletes;
mod bouts;
mod catalogue;
mod crunch;
mod earlier;
mod examples;
mod fuzz;
mod lives;
mod mutation;
mod properties;
mod refusals;
mod samples;
mod strain;
mod week_days;
