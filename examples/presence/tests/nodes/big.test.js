/** The client against real nodes whose rooms are big at five members, and which take ten messages a second from one client. */

import assert from "node:assert/strict";
import test from "node:test";

import { clientOf, waitFor } from "../support/client.js";
import { newRoom, nodes, skip, tokenFor } from "../support/nodes.js";

const BIG = 5;

async function joinAll(t, room, count) {
  const clients = Array.from({ length: count }, (_, n) => clientOf(t, nodes[0].url, { token: tokenFor(`u${n}`) }));
  for (const [n, { presence }] of clients.entries()) await presence.join(room, { state: { n } });
  return clients;
}

test("in a big room changes come together and add up, and once it is small each comes alone", { skip }, async (t) => {
  const room = newRoom();
  const [first, ...others] = await joinAll(t, room, BIG + 3);
  await waitFor(first.presence, () => first.presence.members.size === BIG + 3);
  assert.deepEqual(first.presence.counts, { members: BIG + 3, users: BIG + 3 });
  const last = others.at(-1).presence;
  await Promise.all([last.patch({ step: 1 }), last.patch({ step: 2 })]);
  const { connId } = last.self;
  await waitFor(first.presence, () => first.presence.members.get(connId)?.state.step === 2);
  for (const { presence } of others.slice(0, -1)) presence.close();
  await waitFor(first.presence, () => first.presence.members.size === 2);
  // What is told one by one has its own end: only a single event tells `last`.
  const alone = new Promise((resolve) => first.presence.on("change", ({ cause }) => cause === "event" && resolve(cause)));
  await waitFor(first.presence, () => first.presence.complete);
  await last.patch({ step: 3 });
  assert.equal(await alone, "event");
  assert.equal(first.presence.members.get(connId).state.step, 3);
});

test("a big room of several pages is loaded whole where it is wanted", { skip }, async (t) => {
  const room = newRoom();
  const state = { text: "x".repeat(3_900) };
  const clients = Array.from({ length: 50 }, (_, n) => clientOf(t, nodes[0].url, { token: tokenFor(`v${n}`) }));
  await Promise.all(clients.map(({ presence }) => presence.join(room, { state })));
  const { presence } = clientOf(t, nodes[0].url, { token: tokenFor("late") });
  await presence.join(room);
  assert.equal(presence.complete, false);
  assert(presence.members.size < 51, `${presence.members.size} members in the first page`);
  assert.equal(presence.counts.members, 51);
  await presence.load();
  assert.deepEqual([presence.members.size, presence.complete], [51, true]);
});

test("whoever says much is never refused: what meets becomes one", { skip }, async (t) => {
  const { presence } = clientOf(t, nodes[0].url, { token: tokenFor("amy") });
  await presence.join(newRoom());
  const patches = [];
  for (let n = 0; n < 2_000; n += 1) {
    patches.push(presence.patch({ n }));
    if (n % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(patches);
  assert.equal(presence.self.state.n, 1_999);
  await waitFor(presence, () => presence.members.get(presence.self.connId)?.state.n === 1_999);
});
