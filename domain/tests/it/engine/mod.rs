//! The plan engine, judged by its own validator and by hand.

mod absence;
mod adapt;
mod athletes;
mod bouts;
mod catalogue;
mod crunch;
mod dates;
mod earlier;
mod examples;
mod fuzz;
mod lives;
mod loads;
mod mutation;
mod phrases;
mod properties;
mod refusals;
mod samples;
mod strain;
mod today;
mod week_days;
