/**
 * A real browser: Chromium from `CHROMIUM`, started by the test itself. Playwright's own start switches off what slows hidden
 * tabs down, and has every tab believe that it is looked at; here it only steers.
 */

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

import { serve } from "../../page/serve.js";
import { nodes, tokenFor } from "./nodes.js";

/** Why a test is skipped; false where there is a browser. */
export const skip = !(process.env.CHROMIUM && nodes.length) && "CHROMIUM or ALLY_PRESENCE_URLS is not set";

/** What people's browsers do to tabs that are hidden for five minutes is done after two seconds. */
const ARGUMENTS = [
  "--headless=new",
  "--remote-debugging-port=0",
  "--no-first-run",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/2",
  "about:blank",
];

/** A browser and the example page, both ended behind the test. */
export async function startBrowser(t) {
  const profile = await mkdtemp(join(tmpdir(), "presence-browser-"));
  const child = spawn(process.env.CHROMIUM, [`--user-data-dir=${profile}`, ...ARGUMENTS], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const browser = await chromium.connectOverCDP(await addressOf(child), { noDefaults: true });
  const server = await serve({ port: 0, presence: nodes[0].http });
  t.after(async () => {
    await browser.close();
    child.kill("SIGKILL");
    await ended;
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const address = `http://127.0.0.1:${server.address().port}/page/`;
  return { context: browser.contexts()[0], address };
}

async function addressOf(child) {
  const lines = [];
  for await (const line of createInterface({ input: child.stderr })) {
    const [, address] = line.match(/DevTools listening on (ws:\S+)/) ?? [];
    // What it writes later is read and dropped, or it would wait for a reader.
    if (address) return child.stderr.resume() && address;
    lines.push(line);
  }
  throw new Error(`${process.env.CHROMIUM} did not start:\n${lines.join("\n")}`);
}

/** A tab in which somebody is in a room. */
export async function openRoom({ context, address }, room, name) {
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(`${name}'s page: ${error.stack}`));
  await page.goto(`${address}#${new URLSearchParams({ room, name, token: tokenFor(name.toLowerCase()) })}`);
  await page.locator("#people").waitFor();
  const log = () => page.locator("#log li span").allTextContents();
  return {
    page,
    log,
    members: () => page.locator("#members .who").allTextContents(),
    status: () => page.locator("#status").textContent(),
    /** Looks at the tab and presses a button: in a hidden one nothing is drawn, so there is nothing to press. */
    press: async (button) => {
      await page.bringToFront();
      await page.click(button);
    },
    rename: async (name) => {
      await page.bringToFront();
      await page.fill("#new-name", name);
      await page.click("#rename button");
    },
    /** Waits until the log has a line. */
    sees: (line) => page.locator("#log li span", { hasText: line }).first().waitFor(),
  };
}
