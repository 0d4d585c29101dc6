/** Coming in, being there, and going. */

import assert from "node:assert/strict";
import test from "node:test";

import { PresenceError, connect } from "../../client/ally-presence.js";
import { clientOf, waitFor, statesOf } from "../support/client.js";
import { FakeServer, eventOf, memberOf } from "../support/fake_server.js";

test("a member sees who is there, who comes, changes and goes", async (t) => {
  const server = await FakeServer.start(t);
  const { presence, until } = clientOf(t, server.url);
  const joining = presence.join("lobby", { state: { name: "Amy" } });
  const peer = await server.greet();
  assert.equal(peer.token, "a token");
  const join = await peer.expect("join");
  assert.deepEqual([join.room, join.state, join.audience], ["lobby", { name: "Amy" }, "full"]);
  peer.takeIn(join, [memberOf("c2", { n: 1 })]);
  await joining;
  assert.deepEqual(statesOf(presence), { c1: {}, c2: { n: 1 } });
  assert.deepEqual(presence.self, { connId: "c1", userId: "u", epoch: 7, state: { name: "Amy" } });
  assert.deepEqual([presence.room, presence.complete, presence.counts], ["lobby", true, { members: 2, users: 2 }]);

  peer.send(eventOf("join", "c3", "p2", { state: { n: 3 }, first: true }));
  const joined = await until("join");
  assert.deepEqual([joined.member.connId, joined.first, joined.at.getTime()], ["c3", true, 1_764_000_000_000]);
  peer.send(eventOf("update", "c2", "p3", { state: { n: 2 } }));
  const updated = await until("update");
  assert.deepEqual([updated.before.state, updated.member.state], [{ n: 1 }, { n: 2 }]);
  peer.send(eventOf("leave", "c3", "p4", { reason: "cut", last: true }));
  const left = await until("leave");
  assert.deepEqual([left.member.state, left.reason, left.last], [{ n: 3 }, "cut", true]);
  assert.deepEqual(statesOf(presence), { c1: {}, c2: { n: 2 } });
});

test("a member leaves and may go elsewhere", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const joining = presence.join("lobby");
  const peer = await server.greet();
  peer.takeIn(await peer.expect("join"));
  await joining;
  await assert.rejects(presence.join("other"), { code: "already_joined" });
  const leaving = presence.leave();
  assert.equal(presence.room, undefined);
  peer.ack(await peer.expect("leave"), { members: 0 });
  await leaving;
  assert.equal(presence.members.size, 0);
  await assert.rejects(presence.leave(), { code: "not_joined" });
  await assert.rejects(presence.patch({}), { code: "not_joined" });
  const observing = presence.observe("other", { audience: "counts" });
  const observe = await peer.expect("observe");
  peer.ack(observe, { room: "other", members: 5, position: "p1", ttlMs: 60_000, recovered: true });
  await observing;
  peer.send({ type: "delta", room: "other", from: "p1", position: "p2", members: 6, users: 4, complete: false, changes: [] });
  await waitFor(presence, () => presence.counts.members === 6);
  assert.deepEqual([presence.counts, presence.complete, presence.self], [{ members: 6, users: 4 }, false, undefined]);
});

test("close is a goodbye, and ends what is under way", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const joining = presence.join("lobby");
  const peer = await server.greet();
  await peer.expect("join");
  presence.close();
  await assert.rejects(joining, { code: "closed" });
  assert.equal(await peer.closed, 1000);
  assert.equal(presence.status, "closed");
  await assert.rejects(presence.join("lobby"), { code: "closed" });
});

test("a refusal that stays is told, and the connection is as good as before", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const refused = presence.join("secret");
  const peer = await server.greet();
  peer.refuse(await peer.expect("join"), "forbidden");
  await assert.rejects(refused, (error) => {
    assert(error instanceof PresenceError);
    assert.deepEqual([error.code, error.message, error.passes], ["forbidden", "because of forbidden", false]);
    return true;
  });
  const joining = presence.join("lobby");
  peer.takeIn(await peer.expect("join"));
  await joining;
});

test("a refusal that passes is tried again on another connection", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const joining = presence.join("lobby");
  for (const code of ["unavailable", "busy", "draining", "too_many_connections"]) {
    const peer = await server.greet();
    peer.refuse(await peer.expect("join"), code);
  }
  const peer = await server.greet();
  peer.takeIn(await peer.expect("join"));
  await joining;
});

test("what is never answered is given up in time, with the last reason", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url, { requestTimeoutMs: 300 });
  const silent = presence.join("lobby");
  const peer = await server.greet();
  await peer.expect("join");
  await assert.rejects(silent, { code: "timeout" });
  assert.equal(await peer.closed, 1000, "a member that the server may still make leaves with its connection");
  const refused = presence.join("lobby");
  const refusing = (async () => {
    for (;;) {
      const peer = await server.greet();
      peer.refuse(await peer.expect("join"), "busy");
    }
  })();
  await assert.rejects(refused, { code: "busy" });
  refusing.catch(() => {});
});

test("a message that ends the connection is not sent", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const huge = presence.join("lobby", { state: { text: "ä".repeat(9_000) } });
  const peer = await server.greet();
  await assert.rejects(huge, { code: "message_too_large" });
  const joining = presence.join("lobby");
  peer.takeIn(await peer.expect("join"));
  await joining;
});

test("what can never work is told at once", () => {
  class WebSocket {}
  assert.throws(() => connect({ url: "http://127.0.0.1:4103/ws/v1/presence", WebSocket }), /ws:\/\//);
  assert.throws(() => connect({ url: "nowhere", WebSocket }), TypeError);
  assert.throws(() => connect({ url: "ws://127.0.0.1:4103/ws/v1/presence", WebSocket: null }), /undici/);
});
