/** Clients of tests: they come back fast, listen to everything, and are closed behind the test. */

import { WebSocket as UndiciWebSocket } from "undici";

import { connect } from "../../client/ally-presence.js";
import { Queue } from "./queue.js";

const EVENTS = ["join", "update", "leave", "enter", "status", "end"];

/** A client and what happens to it: `happened` holds `{ event, ...detail }`. */
export function clientOf(t, url, options = {}) {
  const presence = connect({
    url,
    token: "a token",
    // What Node.js has from 22 on.
    WebSocket: globalThis.WebSocket ?? UndiciWebSocket,
    reconnect: { baseMs: 20, maxMs: 200 },
    ...options,
  });
  const happened = new Queue();
  for (const event of EVENTS) presence.on(event, (detail) => happened.push({ event, ...detail }));
  t.after(() => presence.close());
  const until = (event, isIt = () => true) =>
    happened.until(event, (what) => what.event === event && isIt(what));
  return { presence, happened, until };
}

/** Waits until what the client knows is so. */
export function waitFor(presence, isSo) {
  if (isSo()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = presence.on("change", () => {
      if (!isSo()) return;
      stop();
      resolve();
    });
  });
}

/** Who is there, by connection and state. */
export function statesOf(presence) {
  return Object.fromEntries([...presence.members.values()].map(({ connId, state }) => [connId, state]));
}
