/** The client against real nodes: cuts, nodes that die, memberships that are over, tokens that end. */

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { clientOf, waitFor } from "../support/client.js";
import { newRoom, nodes, skip, tokenFor } from "../support/nodes.js";
import { Wire } from "../support/wire.js";

test("ten cuts in a row are no event to others, and nothing is missed", { skip }, async (t) => {
  const room = newRoom();
  const wire = await Wire.to(t, nodes[0]);
  const amy = clientOf(t, nodes[0].url, { token: tokenFor("amy") });
  const bob = clientOf(t, wire.url, { token: () => tokenFor("bob") });
  await amy.presence.join(room);
  await bob.presence.join(room);
  await bob.until("enter");
  const { connId } = bob.presence.self;
  for (let n = 0; n < 10; n += 1) {
    wire.lead(nodes[n % nodes.length]);
    wire.cut();
    // With and without something to miss.
    if (n % 2 === 0) await amy.presence.patch({ n });
    const entered = await bob.until("enter");
    assert.deepEqual([entered.recovered, entered.rejoined], [true, false]);
    if (n % 2 === 0) {
      await waitFor(bob.presence, () => bob.presence.members.get(amy.presence.self.connId)?.state.n === n);
    }
    assert.equal(bob.presence.self.connId, connId, "the same member");
    assert.equal(bob.presence.members.size, 2);
  }
  // Longer than the grace of any of the cuts.
  await pause(2_500);
  assert.deepEqual(amy.happened.rest.filter(({ event }) => event === "leave"), []);
});

test("a network that is gone without a word is noticed, and the late goodbye of its socket ends nothing", { skip }, async (t) => {
  const room = newRoom();
  const [dead, alive] = [await Wire.to(t, nodes[0]), await Wire.to(t, nodes.at(-1))];
  let url = dead.url;
  const amy = clientOf(t, nodes[0].url, { token: tokenFor("amy") });
  // A name whose address changes: the next connection takes another way.
  const bob = clientOf(t, { toString: () => dead.url }, {
    token: tokenFor("bob"),
    requestTimeoutMs: 1_000,
    WebSocket: class extends (globalThis.WebSocket ?? (await import("undici")).WebSocket) {
      constructor() {
        super(url);
      }
    },
  });
  await amy.presence.join(room);
  await bob.presence.join(room);
  await bob.until("enter");
  const { connId } = bob.presence.self;
  dead.mute();
  url = alive.url;
  await assert.rejects(bob.presence.patch({ n: 1 }), { code: "timeout" });
  const entered = await bob.until("enter");
  assert.deepEqual([entered.recovered, entered.rejoined], [true, false]);
  await amy.until("update", ({ member }) => member.connId === connId && member.state.n === 1);
  // The goodbye of the older socket reaches its node now.
  dead.unmute();
  await pause(2_500);
  assert.deepEqual(amy.happened.rest.filter(({ event }) => event === "leave"), []);
  assert.equal(amy.presence.members.size, 2);
});

test("whoever stays away longer than the grace is a new member with the last state", { skip }, async (t) => {
  const room = newRoom();
  const wire = await Wire.to(t, nodes[0]);
  const amy = clientOf(t, nodes[0].url, { token: tokenFor("amy") });
  const bob = clientOf(t, wire.url, { token: tokenFor("bob") });
  await amy.presence.join(room);
  await bob.presence.join(room, { state: { a: 1 } });
  await bob.until("enter");
  await bob.presence.patch({ b: 2 });
  wire.lead({ http: "http://127.0.0.1:1" });
  wire.cut();
  const left = await amy.until("leave");
  assert.equal(left.reason, "cut");
  wire.lead(nodes[0]);
  const entered = await bob.until("enter");
  assert.deepEqual([entered.recovered, entered.rejoined], [false, true]);
  const back = await amy.until("join", ({ member }) => member.connId !== left.member.connId);
  assert.deepEqual(back.member.state, { a: 1, b: 2 });
  await waitFor(bob.presence, () => bob.presence.members.size === 2);
});

test("a token is renewed while it counts, and a connection outlives the first one", { skip }, async (t) => {
  const room = newRoom();
  let asked = 0;
  const token = () => {
    asked += 1;
    return tokenFor("amy", 5);
  };
  const { presence, happened } = clientOf(t, nodes[0].url, { token });
  await presence.join(room);
  await pause(9_000);
  assert(asked >= 3, `${asked} tokens`);
  assert.deepEqual(happened.rest.filter(({ status }) => status === "waiting"), []);
  assert.deepEqual(await presence.patch({ n: 1 }), { changed: true });
});

test("a token that ends closes the client that has no other one", { skip }, async (t) => {
  const { presence, until } = clientOf(t, nodes[0].url, { token: tokenFor("amy", 2) });
  await presence.join(newRoom());
  assert.equal((await until("status", ({ status }) => status === "waiting")).reason, "too_old");
  assert.equal((await until("end")).reason, "unauthorized");
});

test("a copy of a client takes the membership, and the first one does not fight for it", { skip }, async (t) => {
  const room = newRoom();
  const wire = await Wire.to(t, nodes[0]);
  const first = clientOf(t, nodes[0].url, { token: tokenFor("amy") });
  await first.presence.join(room);
  const socket = new (globalThis.WebSocket ?? (await import("undici")).WebSocket)(wire.url);
  t.after(() => socket.close());
  let resume;
  // What a copied tab knows: read off the wire of a client of its own.
  const copied = clientOf(t, wire.url, {
    token: tokenFor("bob"),
    WebSocket: class extends socket.constructor {
      constructor(url) {
        super(url);
        this.addEventListener("message", ({ data }) => (resume = JSON.parse(data).resume ?? resume));
      }
    },
  });
  await copied.presence.join(room);
  const say = (message) => socket.send(JSON.stringify(message));
  say({ type: "hello", token: tokenFor("bob") });
  say({ type: "resume", resume });
  assert.equal((await copied.until("end")).reason, "resumed_elsewhere");
  assert.equal(copied.presence.status, "closed");
});
