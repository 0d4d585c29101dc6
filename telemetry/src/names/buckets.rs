//! Upper bounds of histogram buckets, in seconds unless said otherwise, each list dense around the objective it serves.

/// Answers to people: the objective is p95 under 2 s, most answers take milliseconds.
pub const API: &[f64] = &[0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0];
/// One statement or transaction: the objective is p95 under 1 s, most take under a millisecond.
pub const DATABASE: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
/// A plan generated: the objective is p95 under 30 s; the built-in engine takes milliseconds, a model takes seconds.
pub const PLAN: &[f64] =
    &[0.005, 0.02, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0, 120.0, 300.0];
/// A job from its request to its end: milliseconds with free workers, minutes with retries and in a queue.
pub const JOB: &[f64] =
    &[0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 1800.0, 3600.0];
/// A webhook sent: an endpoint has fifteen seconds.
pub const WEBHOOK: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 20.0];
/// A model's answer: the objective is p95 under 10 s.
pub const LLM: &[f64] = &[0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0];
/// An append to the log: a plain publish takes under a millisecond, a shared batch about five.
pub const APPEND: &[f64] =
    &[0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];
/// Events in one append: 1 alone, at most 1,000 by the server's limit.
pub const BATCH_SIZE: &[f64] = &[1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
/// Work on one delivered message, from a quick fold to a model's long answer.
pub const PROCESS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];
/// Waiting for a worker, from idle to a long queue.
pub const WAIT: &[f64] =
    &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0];
/// Presence: 99 % of heartbeats under 50 ms, so the bounds are close to each other there.
pub const PRESENCE: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.075, 0.1, 0.25, 0.5, 1.0];
/// How late the runtime polls a task that is due: healthy is under a millisecond.
pub const SCHEDULING: &[f64] = &[0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0];
