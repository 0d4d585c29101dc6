//! Three servers that know each other only through wires that this test holds.

use std::path::Path;

use super::nats::{NatsNode, free_port};
use super::wire::{Passage, Wire};

pub const NODES: usize = 3;

/// The wires between the nodes, one for each direction of calling.
pub struct Wires(Vec<(usize, usize, Wire)>);

/// Starts three nodes and waits until each is healthy.
pub async fn start(folder: &Path) -> (Vec<NatsNode>, Wires) {
    let ports: Vec<u16> = (0..NODES).map(|_| free_port()).collect();
    let mut wires = Vec::new();
    for from in 0..NODES {
        for to in (0..NODES).filter(|to| *to != from) {
            wires.push((from, to, Wire::to(ports[to]).await));
        }
    }
    let wires = Wires(wires);
    let nodes: Vec<_> = (0..NODES)
        .map(|node| NatsNode::prepare(folder, &format!("n{node}"), &wires.routes_of(node, ports[node])))
        .collect();
    nodes.iter().for_each(|node| node.start());
    for node in &nodes {
        node.healthy().await;
    }
    (nodes, wires)
}

impl Wires {
    /// Nodes tell each other where others are, which would lead past the wires: what they tell is a port where nobody is.
    fn routes_of(&self, node: usize, port: u16) -> String {
        let routes = self.0.iter().filter(|(from, _, _)| *from == node);
        let routes: Vec<_> = routes.map(|(_, _, wire)| format!("nats://127.0.0.1:{}", wire.port)).collect();
        format!(
            "cluster {{ name: faults, listen: \"127.0.0.1:{port}\", advertise: \"127.0.0.1:1\", routes: [{}] }}\n",
            routes.join(", ")
        )
    }

    /// Sets every wire of a node, in both directions.
    pub fn around(&self, node: usize, passage: Passage) {
        for (_, _, wire) in self.0.iter().filter(|(from, to, _)| *from == node || *to == node) {
            wire.set(passage);
        }
    }

    /// Sets the wires between a node and the next one.
    pub fn behind(&self, node: usize, passage: Passage) {
        let next = (node + 1) % NODES;
        for (_, _, wire) in self.0.iter().filter(|(from, to, _)| [(node, next), (next, node)].contains(&(*from, *to))) {
            wire.set(passage);
        }
    }
}
