/** What the client keeps of a room, by every kind of frame. */

import assert from "node:assert/strict";
import test from "node:test";

import { clientOf, statesOf } from "../support/client.js";
import { FakeServer, eventOf, memberOf } from "../support/fake_server.js";

const page = (members, more) => ({ type: "snapshot", room: "lobby", position: "p1", total: 4, ...more, members });

/** A client whose join was answered, before the frames behind the answer. */
async function welcome(t, told = {}) {
  const server = await FakeServer.start(t);
  const client = clientOf(t, server.url);
  const joining = client.presence.join("lobby");
  const peer = await server.greet();
  const self = { connId: "c1", userId: "u", epoch: 7 };
  const answer = { room: "lobby", self, members: 4, position: "p1", resume: "c1.s", ttlMs: 60_000, recovered: false };
  peer.ack(await peer.expect("join"), { ...answer, ...told });
  return { ...client, peer, joining };
}

test("the pages of a snapshot make one whole", async (t) => {
  const { presence, peer, joining } = await welcome(t);
  peer.send(page([memberOf("c1"), memberOf("c2")], { first: true, more: true }));
  peer.send(page([memberOf("c3"), memberOf("c4")], { first: false, more: false }));
  await joining;
  assert.deepEqual([presence.members.size, presence.complete], [4, true]);
  peer.ack(await peer.expect("members"), { position: "p1", total: 4, members: [], more: false });
});

test("of a big room the first page comes, deltas follow, and the rest is loaded where it is wanted", async (t) => {
  const { presence, peer, joining, until } = await welcome(t);
  peer.send(page([memberOf("c1"), memberOf("c2")], { first: true, more: true }));
  const question = await peer.expect("members");
  assert.deepEqual([question.after, question.limit], ["c2", 1]);
  peer.ack(question, { position: "p1", total: 4, members: [memberOf("c3")], more: true });
  await joining;
  assert.deepEqual([presence.members.size, presence.complete, presence.counts.members], [2, false, 4]);

  const changes = [
    eventOf("update", "c3", "p2", { state: { n: 3 } }),
    eventOf("join", "c5", "p3", { state: {}, first: true }),
    eventOf("leave", "c2", "p4", { reason: "left", last: true }),
  ];
  peer.send({ type: "delta", room: "lobby", from: "p1", position: "p4", members: 4, users: 3, complete: true, changes });
  assert.equal((await until("leave")).member.connId, "c2");
  assert.deepEqual(statesOf(presence), { c1: {}, c3: { n: 3 }, c5: {} });
  assert.deepEqual(presence.counts, { members: 4, users: 3 });

  const loading = presence.load();
  peer.ack(await peer.expect("members"), { position: "p4", total: 4, members: [memberOf("c1"), memberOf("c3")], more: true });
  const next = await peer.expect("members");
  assert.equal(next.after, "c3");
  peer.ack(next, { position: "p4", total: 4, members: [memberOf("c4"), memberOf("c5")], more: false });
  await loading;
  assert.deepEqual([presence.members.size, presence.complete], [4, true]);
  assert.deepEqual(presence.members.get("c3").state, { n: 3 }, "what the feed told stays");
});

test("a delta that does not tell all leaves the counts, until a snapshot comes", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const peer = await server.admit(presence, [memberOf("c2")]);
  const changed = () => new Promise((resolve) => presence.on("change", resolve));
  let change = changed();
  peer.send({ type: "delta", room: "lobby", from: "p1", position: "p2", members: 900, users: 800, complete: false, changes: [] });
  assert.equal((await change).cause, "delta");
  assert.deepEqual([presence.complete, presence.counts], [false, { members: 900, users: 800 }]);
  change = changed();
  peer.send({ ...page([memberOf("c1"), memberOf("c7")], { first: true, more: false }), total: 2, position: "p9" });
  assert.equal((await change).cause, "snapshot");
  assert.deepEqual([presence.complete, presence.counts.members], [true, 2]);
  assert.deepEqual(Object.keys(statesOf(presence)), ["c1", "c7"]);
});

test("of those who came and went between two deltas nobody is told", async (t) => {
  const server = await FakeServer.start(t);
  const { presence, happened, until } = clientOf(t, server.url);
  const peer = await server.admit(presence);
  const changes = [
    eventOf("leave", "c2", "p2", { reason: "left", last: true }),
    eventOf("update", "c3", "p3", { state: { n: 3 } }),
  ];
  peer.send({ type: "delta", room: "lobby", from: "p1", position: "p3", members: 2, users: 2, complete: true, changes });
  assert.equal((await until("join")).member.connId, "c3", "who came and changed has come");
  assert.deepEqual(happened.rest, []);
  assert.deepEqual(statesOf(presence), { c1: {}, c3: { n: 3 } });
});

test("frames and fields of a newer server are passed over", async (t) => {
  const server = await FakeServer.start(t);
  const { presence, until } = clientOf(t, server.url);
  const peer = await server.admit(presence);
  peer.send({ type: "weather", room: "lobby", sun: true });
  peer.send({ ...eventOf("join", "c2", "p2", { state: {}, first: true }), colour: "red" });
  assert.equal((await until("join")).member.connId, "c2");
});

test("a listener that throws keeps nobody from what comes", async (t) => {
  const server = await FakeServer.start(t);
  const { presence, until } = clientOf(t, server.url);
  const thrown = new Promise((resolve) => (globalThis.reportError = resolve));
  t.after(() => delete globalThis.reportError);
  presence.on("join", () => {
    throw new Error("a fault of the page");
  });
  const peer = await server.admit(presence);
  peer.send(eventOf("join", "c2", "p2", { state: {}, first: true }));
  peer.send(eventOf("join", "c3", "p3", { state: {}, first: true }));
  await until("join", ({ member }) => member.connId === "c3");
  assert.equal((await thrown).message, "a fault of the page");
});
