/** The example page in a real browser: people see each other, and who is cut off for a moment was never gone. */

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { openRoom, skip, startBrowser } from "../support/browser.js";
import { newRoom } from "../support/nodes.js";

test("two windows see each other come, change and go", { skip }, async (t) => {
  const browser = await startBrowser(t);
  const room = newRoom();
  const amy = await openRoom(browser, room, "Amy");
  const bob = await openRoom(browser, room, "Bob");
  await amy.sees("Bob came");
  assert.deepEqual(await bob.members(), ["Amyamy", "Bobbob"]);
  await bob.rename("<b>Robert</b>");
  await amy.sees("Bob is now <b>Robert</b>");
  await bob.press("#away");
  await amy.sees("<b>Robert</b> is away");
  assert.equal(await amy.page.locator("#members .away .chip").textContent(), "away");
  await bob.page.close();
  await amy.sees("<b>Robert</b> said goodbye");
  assert.deepEqual(await amy.members(), ["Amyamy"]);
});

test("a cut is no event to others, and nothing is missed", { skip }, async (t) => {
  const browser = await startBrowser(t);
  const room = newRoom();
  const amy = await openRoom(browser, room, "Amy");
  const bob = await openRoom(browser, room, "Bob");
  await amy.sees("Bob came");
  await bob.press("#cut");
  await bob.sees("You are back, and nobody noticed");
  await bob.page.context().setOffline(true);
  await pause(1_000);
  await bob.page.context().setOffline(false);
  await amy.press("#away");
  await bob.sees("Amy is away");
  await bob.rename("Bobby");
  await amy.sees("Bob is now Bobby");
  assert.deepEqual((await amy.log()).filter((line) => /goodbye|lost|heard|came/.test(line)), ["You came in", "Bob came"]);
});

test("leaving is a goodbye, and one may come in again", { skip }, async (t) => {
  const browser = await startBrowser(t);
  const room = newRoom();
  const amy = await openRoom(browser, room, "Amy");
  const bob = await openRoom(browser, room, "Bob");
  await bob.press("#leave");
  await amy.sees("Bob said goodbye");
  await bob.press("#entry button");
  await bob.page.locator("#people").waitFor();
  assert.deepEqual(await bob.members(), ["Amyamy", "Bobbob"]);
  await bob.press("#leave");
  await bob.page.bringToFront();
  await bob.page.fill("#entry textarea", "no.such.token");
  await bob.press("#entry button");
  await bob.page.locator("#refusal", { hasText: "valid token" }).waitFor();
});
