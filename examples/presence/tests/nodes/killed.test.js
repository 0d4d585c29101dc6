/** The client against a node that is killed. It stands last and alone: the node does not come back. */

import assert from "node:assert/strict";
import test from "node:test";

import { clientOf } from "../support/client.js";
import { newRoom, nodes, skip, tokenFor } from "../support/nodes.js";
import { Wire } from "../support/wire.js";

const pids = nodes.filter(({ pid }) => pid > 0).length;

test("the members of a killed node go on at another one, and nobody notices", { skip: skip || pids < 2 }, async (t) => {
  const room = newRoom();
  const wire = await Wire.to(t, nodes[1]);
  const amy = clientOf(t, nodes[0].url, { token: tokenFor("amy") });
  await amy.presence.join(room);
  const others = Array.from({ length: 10 }, (_, n) => clientOf(t, wire.url, { token: tokenFor(`u${n}`) }));
  await Promise.all(others.map(({ presence }) => presence.join(room, { state: { n: 0 } })));
  const conns = others.map(({ presence }) => presence.self.connId);
  await Promise.all(others.map(({ until }) => until("enter")));
  process.kill(nodes[1].pid, "SIGKILL");
  wire.lead(nodes[0]);
  const entered = await Promise.all(others.map(({ until }) => until("enter")));
  assert(entered.every(({ recovered, rejoined }) => recovered && !rejoined), JSON.stringify(entered));
  assert.deepEqual(others.map(({ presence }) => presence.self.connId), conns);
  await Promise.all(others.map(({ presence }) => presence.patch({ n: 1 })));
  for (let seen = 0; seen < others.length; seen += 1) await amy.until("update");
  assert.deepEqual(amy.happened.rest.filter(({ event }) => event === "leave"), []);
  assert.equal(amy.presence.members.size, 11);
});
