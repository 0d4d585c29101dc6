//! The domain's tests from outside: the plan engine over the whole space of answers, and the golden events.

mod engine;
mod golden;
