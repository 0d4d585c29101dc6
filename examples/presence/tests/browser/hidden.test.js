/**
 * A tab that nobody looks at: its scripts get one timer a second, or a minute, and it is there all the same, because the
 * server's pings are answered by the browser. `ALLY_HIDDEN_SECONDS` says for how long, several times the time to live.
 */

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { openRoom, skip, startBrowser } from "../support/browser.js";
import { newRoom } from "../support/nodes.js";

const SECONDS = Number(process.env.ALLY_HIDDEN_SECONDS ?? 16);

test("a hidden tab is there, however long", { skip }, async (t) => {
  const browser = await startBrowser(t);
  const room = newRoom();
  const bob = await openRoom(browser, room, "Bob");
  await bob.page.evaluate(() => {
    globalThis.ticks = 0;
    setInterval(() => (globalThis.ticks += 1), 100);
  });
  const amy = await openRoom(browser, room, "Amy");
  await amy.page.bringToFront();
  const visibility = () => bob.page.evaluate(() => document.visibilityState);
  assert.equal(await visibility(), "hidden");
  const before = await bob.page.evaluate(() => globalThis.ticks);
  await pause(SECONDS * 1_000);
  assert.equal(await visibility(), "hidden");
  const ticks = (await bob.page.evaluate(() => globalThis.ticks)) - before;
  assert(ticks <= SECONDS + 2, `its timers were not held back: ${ticks} ticks in ${SECONDS} s instead of ${SECONDS * 10}`);
  t.diagnostic(`${ticks} ticks of a timer of 100 ms in ${SECONDS} s, and no leave`);
  assert.deepEqual(await amy.log(), ["You came in"]);
  assert.deepEqual(await bob.log(), ["You came in", "Amy came"]);
  await bob.rename("Bobby");
  await amy.sees("Bob is now Bobby");
});
