/** Connections that end: what the client comes back from, how, and what it gives up on. */

import assert from "node:assert/strict";
import test from "node:test";

import { clientOf, waitFor, statesOf } from "../support/client.js";
import { FakeServer, eventOf, memberOf } from "../support/fake_server.js";

test("a cut is followed by a resume that tells what was missed", async (t) => {
  const server = await FakeServer.start(t);
  const { presence, happened, until } = clientOf(t, server.url);
  let peer = await server.admit(presence, [memberOf("c2", { n: 1 })]);
  peer.send(eventOf("update", "c2", "p2", { state: { n: 2 } }));
  await until("update");
  peer.cut();
  peer = await server.greet();
  const resume = await peer.expect("resume");
  assert.deepEqual([resume.resume, resume.position, resume.audience], ["c1.secret", "p2", "full"]);
  const missed = eventOf("update", "c2", "p3", { state: { n: 3 } });
  peer.takeBack(resume, [missed], { members: 2, position: "p3" });
  const entered = await until("enter");
  assert.deepEqual([entered.recovered, entered.rejoined], [true, false]);
  await until("update");
  assert.deepEqual(statesOf(presence), { c1: {}, c2: { n: 3 } });
  assert.deepEqual(happened.rest.filter(({ event }) => event === "join" || event === "leave"), []);
});

test("a resume that orders a fresh start replaces what was known", async (t) => {
  const server = await FakeServer.start(t);
  const { presence, until } = clientOf(t, server.url);
  let peer = await server.admit(presence, [memberOf("c2"), memberOf("c3")]);
  await until("enter");
  peer.cut();
  peer = await server.greet();
  peer.takeIn(await peer.expect("resume"), [memberOf("c4", { n: 4 })], { position: "q9" });
  const entered = await until("enter");
  assert.equal(entered.recovered, false);
  await waitFor(presence, () => presence.members.size === 2);
  assert.deepEqual(statesOf(presence), { c1: {}, c4: { n: 4 } });
});

test("what is unresumable is joined again with the last state", async (t) => {
  const server = await FakeServer.start(t);
  const { presence, until } = clientOf(t, server.url);
  let peer = await server.admit(presence);
  await until("enter");
  const patched = presence.patch({ mood: "calm" });
  peer.ack(await peer.expect("heartbeat"), { changed: true, epoch: 7 });
  assert.deepEqual(await patched, { changed: true });
  peer.cut();
  peer = await server.greet();
  peer.refuse(await peer.expect("resume"), "unresumable");
  const join = await peer.expect("join");
  assert.deepEqual(join.state, { at: "first", mood: "calm" });
  peer.takeIn(join, [], { connId: "c9" });
  const entered = await until("enter");
  assert.deepEqual([entered.recovered, entered.rejoined, presence.self.connId], [false, true, "c9"]);
});

test("ends that pass are waited out as long as the server says", async (t) => {
  const server = await FakeServer.start(t);
  const { presence, until } = clientOf(t, server.url, { reconnect: { baseMs: 20, maxMs: 50 } });
  let peer = await server.admit(presence);
  for (const [reason, reconnectAfterMs] of [["draining", 150], ["slow_consumer", 100], ["too_old"], ["expired"], ["cut"]]) {
    peer.end(reason, reconnectAfterMs && { reconnectAfterMs });
    const waiting = await until("status", ({ status }) => status === "waiting");
    assert.equal(waiting.reason, reason);
    if (reconnectAfterMs) assert.equal(waiting.retryInMs, reconnectAfterMs);
    peer = await server.greet();
    peer.takeBack(await peer.expect("resume"));
    await until("enter");
  }
});

test("ends that stay close the client and say why", async (t) => {
  const server = await FakeServer.start(t);
  for (const reason of ["kicked", "left", "resumed_elsewhere", "replaced", "flood", "unauthorized", "message_too_large"]) {
    const { presence, until } = clientOf(t, server.url);
    const peer = await server.admit(presence);
    peer.end(reason);
    const end = await until("end");
    assert.equal(end.reason, reason);
    assert(end.message.length > 20, end.message);
    assert.deepEqual([presence.status, presence.error.code, presence.members.size], ["closed", reason, 0]);
    await assert.rejects(presence.join("lobby"), { code: reason });
  }
});

test("the reason of a close counts where the last frame is lost", async (t) => {
  const server = await FakeServer.start(t);
  const { presence, until } = clientOf(t, server.url);
  const peer = await server.admit(presence);
  peer.close(1008, "kicked");
  assert.equal((await until("end")).reason, "kicked");
});

test("a membership that its node has forgotten is taken up again over another connection", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const first = await server.admit(presence);
  const patched = presence.patch({ n: 1 });
  first.refuse(await first.expect("heartbeat"), "gone");
  const second = await server.greet();
  second.takeBack(await second.expect("resume"));
  const again = await second.expect("heartbeat");
  assert.deepEqual(again.patchState, { n: 1 });
  second.ack(again, { changed: true, epoch: 7 });
  assert.deepEqual(await patched, { changed: true });
  assert.equal(await first.closed, 1000, "the older socket is closed once it is fenced");
});

test("a connection that is dead without a word is replaced before it is closed", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const first = await server.admit(presence, [], { ttlMs: 100 });
  // The question of the watch: nobody answers it.
  await first.expect("heartbeat");
  const second = await server.greet();
  const resume = await second.expect("resume");
  let isClosed = false;
  first.closed.then(() => (isClosed = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isClosed, false, "a goodbye on its way would end the membership");
  second.takeBack(resume);
  assert.equal(await first.closed, 1000);
});

test("a cut between the pages of a snapshot is no place to go on from", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const joining = presence.join("lobby");
  let peer = await server.greet();
  const join = await peer.expect("join");
  const self = { connId: "c1", userId: "u", epoch: 7 };
  const told = { room: "lobby", self, members: 3, position: "p1", resume: "c1.secret", ttlMs: 60_000, recovered: false };
  peer.ack(join, told);
  const page = { type: "snapshot", room: "lobby", position: "p1", total: 3, first: true, members: [memberOf("c1")], more: true };
  peer.send(page);
  await peer.expect("members");
  peer.cut();
  peer = await server.greet();
  const resume = await peer.expect("resume");
  assert.equal(resume.position, undefined);
  peer.takeIn(resume, [memberOf("c2"), memberOf("c3")]);
  await joining;
  assert.equal(presence.members.size, 3);
});

test("an observer goes on from the position that it knows", async (t) => {
  const server = await FakeServer.start(t);
  const { presence, until } = clientOf(t, server.url);
  const observing = presence.observe("lobby");
  let peer = await server.greet();
  const told = { self: undefined, resume: undefined };
  peer.takeIn(await peer.expect("observe"), [memberOf("c2")], told);
  await observing;
  await until("enter");
  peer.send(eventOf("update", "c2", "p5", { state: { n: 5 } }));
  await until("update");
  peer.cut();
  peer = await server.greet();
  const observe = await peer.expect("observe");
  assert.equal(observe.position, "p5");
  peer.ack(observe, { room: "lobby", members: 2, position: "p6", ttlMs: 60_000, recovered: true });
  peer.send(eventOf("leave", "c2", "p6", { reason: "left", last: true }));
  assert.equal((await until("leave")).member.connId, "c2");
  assert.deepEqual(Object.keys(statesOf(presence)), ["c1"]);
});

test("a server that is not there is tried again and again", async (t) => {
  const { presence, until } = clientOf(t, "ws://127.0.0.1:1/ws/v1/presence", { requestTimeoutMs: 400 });
  await assert.rejects(presence.join("lobby"), { code: "disconnected" });
  const waiting = await until("status", ({ status }) => status === "waiting");
  assert.equal(waiting.error.code, "disconnected");
});
