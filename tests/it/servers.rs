//! The embedded servers, through `ally with-servers`: they answer, they keep data, and whatever ends Ally ends them.

mod start;
mod stop;
mod support;
