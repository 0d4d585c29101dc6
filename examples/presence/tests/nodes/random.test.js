/**
 * Members who come, go, change and are cut in any order, over nodes that change: in the end everybody knows the same, and it is
 * what everybody says of themselves. `ALLY_PRESENCE_SEED` repeats the order of a run.
 */

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { clientOf, waitFor, statesOf } from "../support/client.js";
import { newRoom, nodes, skip, tokenFor } from "../support/nodes.js";
import { Wire } from "../support/wire.js";

const CLIENTS = 8;
const STEPS = 150;

test("whatever happens in whatever order, everybody knows the same in the end", { skip }, async (t) => {
  const seed = Number(process.env.ALLY_PRESENCE_SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`ALLY_PRESENCE_SEED=${seed}`);
  const below = dice(seed);
  const room = newRoom();
  const all = [];
  for (let n = 0; n < CLIENTS; n += 1) {
    const wire = await Wire.to(t, nodes[n % nodes.length]);
    const client = clientOf(t, wire.url, { token: tokenFor(`u${n}`), requestTimeoutMs: 30_000 });
    await client.presence.join(room, { state: { n } });
    all.push({ ...client, wire, n });
  }
  for (let step = 0; step < STEPS; step += 1) {
    await strike(all[below(CLIENTS)], room, step, below);
    await pause(below(30));
  }
  // Whoever left comes back, and says a last word; then nothing is under way any more.
  await Promise.all(all.map(({ presence }) => presence.room ?? presence.join(room, { state: {} })));
  await Promise.all(all.map(({ presence, n }) => presence.patch({ last: n })));
  await pause(2_500);
  await Promise.all(all.map(({ presence, n }) => presence.patch({ last: `${n}` })));
  const told = Object.fromEntries(all.map(({ presence }) => [presence.self.connId, presence.self.state]));
  for (const { presence } of all) {
    const same = () => JSON.stringify(sorted(statesOf(presence))) === JSON.stringify(sorted(told));
    await Promise.race([waitFor(presence, same), pause(15_000)]);
    assert.deepEqual(sorted(statesOf(presence)), sorted(told));
    assert.deepEqual([presence.complete, presence.counts], [true, { members: CLIENTS, users: CLIENTS }]);
  }
});

async function strike({ presence, wire }, room, step, below) {
  switch (below(6)) {
    case 0:
      wire.lead(nodes[below(nodes.length)]);
      return wire.cut();
    case 1:
      return wire.cut();
    case 2:
      // Goodbyes between two connections are taken for what they are: the member has its grace.
      if (presence.room) return presence.leave().catch(() => {});
      return void presence.join(room, { state: { step } }).catch(() => {});
    default:
      if (presence.room) void presence.patch({ step, [`k${below(3)}`]: step }).catch(() => {});
  }
}

function sorted(states) {
  const keys = (state) => Object.fromEntries(Object.entries(state).sort(([a], [b]) => a.localeCompare(b)));
  return Object.fromEntries(Object.entries(states).sort().map(([conn, state]) => [conn, keys(state)]));
}

/** Numbers below a bound, the same for the same seed (mulberry32). */
function dice(seed) {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
