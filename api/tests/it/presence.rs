//! Presence over HTTP: a node on a log in memory behind the real rooms and layers.

mod access;
mod asyncapi;
mod channels;
mod doubles;
mod feed;
mod members;
mod node;
mod statuses;
mod two_doors;
