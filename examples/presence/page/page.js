// @ts-check
/**
 * A live room, in as many windows as you like. `#room=lobby&name=Amy&token=…` behind the address comes in at once; a token in
 * the fragment is sent to no server but in the client's hello. What is drawn is in `view.js`.
 */

import { connect } from "../client/ally-presence.js";
import { addToLog, element, nameOf, showMembers, showStatus } from "./view.js";

const REASONS = {
  left: "said goodbye",
  expired: "was not heard of any more",
  cut: "lost the connection",
  kicked: "was removed",
  drained: "was on a server that ended",
  replaced: "came back as another connection",
};

/** By which `serve.js` finds this page's connection to cut it. */
const page = crypto.randomUUID();
const wanted = new URLSearchParams(location.hash.slice(1));
const entry = /** @type {HTMLFormElement} */ (element("entry"));

/** @type {import("../client/ally-presence.js").Presence | undefined} */
let presence;

/** Where the server is: behind this page's own address unless the fragment names another. */
function address() {
  const url = new URL(wanted.get("url") ?? "/ws/v1/presence", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.hash = "";
  url.searchParams.set("page", page);
  return url;
}

/** @param {{ room: string, name: string, token: string }} who */
async function comeIn({ room, name, token }) {
  const client = connect({ url: address(), token });
  presence = client;
  listen(client);
  try {
    await client.join(room, { state: { name } });
    showRoom(room, name);
  } catch (error) {
    client.close();
    showEntry(error instanceof Error ? error.message : String(error));
  }
}

/** @param {import("../client/ally-presence.js").Presence} client */
function listen(client) {
  client.on("change", () => {
    const { complete, counts, members, self } = client;
    if (client.room) showMembers(members, self?.connId, { complete, total: counts.members });
  });
  client.on("join", ({ member, at }) => addToLog(`${nameOf(member)} came`, "join", at));
  client.on("leave", ({ member, reason, at }) => addToLog(`${nameOf(member)} ${REASONS[reason]}`, "leave", at));
  client.on("update", ({ member, before, at }) => {
    if (before && nameOf(before) !== nameOf(member)) {
      addToLog(`${nameOf(before)} is now ${nameOf(member)}`, "note", at);
    } else if (before && before.state.away !== member.state.away) {
      addToLog(`${nameOf(member)} is ${member.state.away ? "away" : "back"}`, "note", at);
    }
  });
  client.on("enter", ({ recovered, rejoined }) => {
    if (recovered) addToLog("You are back, and nobody noticed");
    else addToLog(rejoined ? "You are back, as somebody new" : "You came in", "join");
  });
  client.on("status", ({ status, retryInMs = 0, error, reason }) => {
    if (status === "waiting") {
      addToLog(`Not connected (${reason}${error ? `: ${error.message}` : ""}); trying again`, "leave");
    }
    const text = status === "waiting" ? `connecting again in ${(retryInMs / 1_000).toFixed(1)} s` : status;
    showStatus(status, text);
  });
  client.on("end", ({ message }) => showEntry(message));
}

/** @param {string} room @param {string} name */
function showRoom(room, name) {
  document.title = `${room} · a live room`;
  element("title").textContent = room;
  element("new-name").setAttribute("value", name);
  /** @type {HTMLInputElement} */ (element("new-name")).value = name;
  entry.hidden = true;
  for (const id of ["people", "events", "controls"]) element(id).hidden = false;
}

/** @param {string} refusal Why, in a sentence; empty at the beginning. */
function showEntry(refusal) {
  document.title = element("title").textContent = "A live room";
  entry.hidden = false;
  for (const id of ["people", "events", "controls"]) element(id).hidden = true;
  element("refusal").textContent = refusal;
  for (const field of ["room", "name", "token"]) {
    const input = entry.elements.namedItem(field);
    const value = wanted.get(field);
    if (value && (input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)) input.value = value;
  }
}

/** @param {HTMLFormElement} form @param {string} field */
function valueOf(form, field) {
  return String(new FormData(form).get(field) ?? "").trim();
}

entry.addEventListener("submit", (event) => {
  event.preventDefault();
  const who = { room: valueOf(entry, "room"), name: valueOf(entry, "name"), token: valueOf(entry, "token") };
  for (const [field, value] of Object.entries(who)) wanted.set(field, value);
  void comeIn(who);
});

element("rename").addEventListener("submit", (event) => {
  event.preventDefault();
  void tell({ name: valueOf(/** @type {HTMLFormElement} */ (event.currentTarget), "name") });
});

element("away").addEventListener("click", () => {
  const button = element("away");
  const away = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(away));
  void tell({ away });
});

element("leave").addEventListener("click", () => {
  presence?.close();
  showEntry("");
});

element("load").addEventListener("click", () => presence?.load().catch((error) => addToLog(error.message, "leave")));

// Only the page's own server can break a connection without a goodbye.
element("cut").addEventListener("click", () => void fetch(`/cut?page=${page}`, { method: "POST" }));

/** @param {Record<string, unknown>} keys */
async function tell(keys) {
  try {
    await presence?.patch(keys);
  } catch (error) {
    addToLog(error instanceof Error ? error.message : String(error), "leave");
  }
}

const [room, name, token] = ["room", "name", "token"].map((field) => wanted.get(field));
if (room && name && token) void comeIn({ room, name, token });
else showEntry("");
