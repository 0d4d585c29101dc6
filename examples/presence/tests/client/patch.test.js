/** What a member says of itself, however often and over whichever connection. */

import assert from "node:assert/strict";
import test from "node:test";

import { clientOf } from "../support/client.js";
import { FakeServer } from "../support/fake_server.js";

test("patches that meet become one, and the last value of a key wins", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const peer = await server.admit(presence);
  const patches = Array.from({ length: 100 }, (_, n) => presence.patch({ n, [`k${n % 2}`]: n }));
  const first = await peer.expect("heartbeat");
  assert.deepEqual(first.patchState, { n: 0, k0: 0 });
  peer.ack(first, { changed: true, epoch: 7 });
  const rest = await peer.expect("heartbeat");
  assert.deepEqual(rest.patchState, { n: 99, k0: 98, k1: 99 });
  peer.ack(rest, { changed: true, epoch: 7 });
  assert.deepEqual(new Set((await Promise.all(patches)).map(({ changed }) => changed)), new Set([true]));
  assert.deepEqual(presence.self.state, { at: "first", n: 99, k0: 98, k1: 99 });
  assert.deepEqual(peer.rest, []);
});

test("a patch that a cut held up is sent behind the return", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  let peer = await server.admit(presence);
  const [first, second] = [presence.patch({ a: 1 }), presence.patch({ b: 2 })];
  await peer.expect("heartbeat");
  peer.cut();
  peer = await server.greet();
  peer.takeBack(await peer.expect("resume"));
  const heartbeat = await peer.expect("heartbeat");
  assert.deepEqual(heartbeat.patchState, { a: 1, b: 2 });
  peer.ack(heartbeat, { changed: true, epoch: 7 });
  await Promise.all([first, second]);
});

test("a refusal that passes is waited out, also one without an id", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const peer = await server.admit(presence);
  const patched = presence.patch({ a: 1 });
  await peer.expect("heartbeat");
  // A message that was not read has no id that could be said back.
  peer.send({ type: "ack", ok: false, error: { code: "rate_limited", message: "too many messages" } });
  peer.refuse(await peer.expect("heartbeat"), "unavailable");
  peer.ack(await peer.expect("heartbeat"), { changed: true, epoch: 7 });
  await patched;
});

test("a state that is too large is refused, and the next patch is not", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const peer = await server.admit(presence);
  const refused = presence.patch({ a: "x".repeat(5_000) });
  peer.refuse(await peer.expect("heartbeat"), "state_too_large");
  await assert.rejects(refused, { code: "state_too_large" });
  await assert.rejects(presence.patch({ a: "x".repeat(20_000) }), { code: "message_too_large" });
  const patched = presence.patch({ a: 1 });
  peer.ack(await peer.expect("heartbeat"), { changed: true, epoch: 7 });
  await patched;
  assert.deepEqual(presence.self.state, { at: "first", a: 1 });
});

test("a patch that nobody answers in time is told, and goes on its way", async (t) => {
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url, { requestTimeoutMs: 200 });
  const peer = await server.admit(presence);
  const late = presence.patch({ a: 1 });
  await peer.expect("heartbeat");
  await assert.rejects(late, { code: "timeout" });
  const next = await server.greet();
  next.takeBack(await next.expect("resume"));
  assert.deepEqual((await next.expect("heartbeat")).patchState, { a: 1 });
});

test("every refusal of the server is a typed error", async (t) => {
  const { REFUSALS, PresenceError } = await import("../../client/ally-presence.js");
  const server = await FakeServer.start(t);
  const { presence } = clientOf(t, server.url);
  const stay = REFUSALS.filter((code) => !new PresenceError(code, "").passes && code !== "unauthorized");
  assert(stay.length > 10, stay.join());
  const joining = presence.join("lobby");
  const peer = await server.greet();
  peer.refuse(await peer.expect("join"), "malformed");
  await assert.rejects(joining, { code: "malformed" });
  for (const code of stay) {
    const joining = presence.join("lobby");
    peer.refuse(await peer.expect("join"), code);
    await assert.rejects(joining, { name: "PresenceError", code });
  }
});
