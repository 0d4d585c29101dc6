//! The plan engine, judged by its own validator and by hand.

mod fuzz;
