/** Where tokens come from, and what happens when they end. */

import assert from "node:assert/strict";
import test from "node:test";

import { renewalDelay } from "../../client/token.js";
import { clientOf } from "../support/client.js";
import { FakeServer } from "../support/fake_server.js";
import { tokenOf } from "../support/token.js";

test("a token is due before it ends, whatever this machine's clock says", () => {
  const now = 1_764_000_000_000;
  const due = (claims) => renewalDelay(tokenOf("a secret", claims), now);
  const at = now / 1_000;
  assert.equal(due({ iat: at, exp: at + 3_600 }), 3_480_000, "two minutes before");
  assert.equal(due({ iat: at, exp: at + 60 }), 54_000, "a tenth before");
  assert.equal(due({ iat: at, exp: at + 3 }), 1_500, "half of a short life");
  assert.equal(due({ iat: at - 600, exp: at + 600 }), 540_000, "what is left of it");
  assert.equal(due({ iat: at - 9_000, exp: at - 8_940 }), 54_000, "a clock that is ahead by hours");
  assert.equal(due({ iat: at + 9_000, exp: at + 9_060 }), 54_000, "a clock that is behind by hours");
  assert.equal(due({}), undefined);
  assert.equal(renewalDelay("an opaque token", now), undefined);
});

test("a newer token is said hello with before the older one ends", async (t) => {
  const server = await FakeServer.start(t);
  const tokens = ["first", "second", "third"];
  const now = Math.floor(Date.now() / 1_000);
  const asked = tokens.map((jti) => tokenOf("a secret", { jti, iat: now, exp: now + 1 }));
  const given = [...asked];
  const { presence } = clientOf(t, server.url, { token: async () => given.shift() ?? "opaque" });
  const peer = await server.admit(presence);
  for (const token of asked.slice(1)) {
    const hello = await peer.expect("hello");
    assert.equal(hello.token, token);
    peer.ack(hello);
  }
});

test("a token that is not accepted is asked for once more", async (t) => {
  const server = await FakeServer.start(t);
  let asked = 0;
  const { presence, until } = clientOf(t, server.url, { token: () => `token ${++asked}` });
  let peer = await server.next();
  peer.refuse(await peer.expect("hello"), "unauthorized");
  const hello = await peer.expect("hello");
  assert.equal(hello.token, "token 2");
  peer.refuse(hello, "unauthorized");
  assert.equal((await until("end")).reason, "unauthorized");
  assert.equal(presence.status, "closed");
});

test("a text as the token ends the client once it is not accepted", async (t) => {
  const server = await FakeServer.start(t);
  const { presence, until } = clientOf(t, server.url);
  const joining = presence.join("lobby");
  const peer = await server.next();
  peer.refuse(await peer.expect("hello"), "unauthorized");
  await assert.rejects(joining, { code: "unauthorized" });
  assert.equal((await until("end")).reason, "unauthorized");
});

test("a token that cannot be had is asked for again, unless that is told to be in vain", async (t) => {
  const server = await FakeServer.start(t);
  let asked = 0;
  const token = async () => {
    asked += 1;
    if (asked < 3) throw new Error("no network");
    return "at last";
  };
  const { presence, until } = clientOf(t, server.url, { token });
  assert.equal((await until("status", ({ status }) => status === "waiting")).error.code, "no_token");
  const peer = await server.admit(presence);
  assert.equal(peer.token, "at last");
});
