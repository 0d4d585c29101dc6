//! The embedded servers, through `ally with-servers` and `ally up`: they answer, they keep data, and whatever
//! ends Ally ends them.

mod own_traces;
mod start;
mod stop;
mod support;
mod up;
