/** The client against real nodes: who is there, in rooms small and big. */

import assert from "node:assert/strict";
import test from "node:test";

import { clientOf, waitFor, statesOf } from "../support/client.js";
import { newRoom, nodes, skip, tokenFor } from "../support/nodes.js";

test("members on two nodes see each other come, change and go", { skip }, async (t) => {
  const room = newRoom();
  const amy = clientOf(t, nodes[0].url, { token: tokenFor("amy") });
  const bob = clientOf(t, nodes.at(-1).url, { token: tokenFor("bob") });
  await amy.presence.join(room, { state: { mood: "calm" } });
  await bob.presence.join(room);
  const joined = await amy.until("join");
  assert.deepEqual([joined.member.userId, joined.first, joined.member.state], ["bob", true, {}]);
  assert.deepEqual(Object.values(statesOf(bob.presence)), [{ mood: "calm" }, {}]);
  assert.deepEqual(await bob.presence.patch({ typing: true }), { changed: true });
  assert.deepEqual((await amy.until("update")).member.state, { typing: true });
  assert.deepEqual(await bob.presence.patch({ typing: true }), { changed: false });
  await bob.presence.leave();
  const left = await amy.until("leave");
  assert.deepEqual([left.reason, left.last, left.member.state], ["left", true, { typing: true }]);
  await bob.presence.join(room);
  await amy.until("join");
  bob.presence.close();
  assert.equal((await amy.until("leave")).reason, "left", "a goodbye has no grace");
  assert.equal(amy.presence.members.size, 1);
});

test("an observer sees, and counts are told to who wants only those", { skip }, async (t) => {
  const room = newRoom();
  const amy = clientOf(t, nodes[0].url, { token: tokenFor("amy") });
  const eye = clientOf(t, nodes[0].url, { token: tokenFor("eve") });
  const counting = clientOf(t, nodes[0].url, { token: tokenFor("cat") });
  await amy.presence.join(room);
  await eye.presence.observe(room);
  await counting.presence.observe(room, { audience: "counts" });
  const bob = clientOf(t, nodes[0].url, { token: tokenFor("bob") });
  await bob.presence.join(room);
  assert.equal((await eye.until("join")).member.userId, "bob");
  await waitFor(counting.presence, () => counting.presence.counts.users === 2);
  assert.deepEqual([counting.presence.members.size, counting.presence.counts.members], [0, 2]);
  assert.deepEqual([eye.presence.self, eye.presence.complete], [undefined, true]);
});

test("a room of several pages is whole once the join is done", { skip }, async (t) => {
  const room = newRoom();
  const state = { text: "x".repeat(3_900) };
  const members = Array.from({ length: 60 }, (_, n) => clientOf(t, nodes[0].url, { token: tokenFor(`u${n}`) }));
  await Promise.all(members.map(({ presence }) => presence.join(room, { state })));
  const late = clientOf(t, nodes[0].url, { token: tokenFor("late") });
  await late.presence.join(room);
  assert.deepEqual([late.presence.members.size, late.presence.complete], [61, true]);
});

test("refusals of a real node are typed", { skip }, async (t) => {
  const { presence } = clientOf(t, nodes[0].url, { token: tokenFor("amy") });
  const refused = (code, room, options) => assert.rejects(presence.join(room, options), { name: "PresenceError", code });
  await refused("malformed", "");
  await refused("malformed", "a\nb");
  await refused("state_too_large", newRoom(), { state: { a: "x".repeat(5_000) } });
  await refused("message_too_large", newRoom(), { state: { a: "x".repeat(17_000) } });
  const room = newRoom();
  await presence.join(room, { state: { n: 0 } });
  await assert.rejects(presence.patch({ a: "x".repeat(5_000) }), { code: "state_too_large" });
  assert.deepEqual(await presence.patch({ n: 1 }), { changed: true });
  const wrong = clientOf(t, nodes[0].url, { token: "no.such.token" });
  assert.equal((await wrong.until("end")).reason, "unauthorized");
});
