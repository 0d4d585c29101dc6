// @ts-check
/** Draws what it is given, with text only: a name that is written like a tag is a name. Where it comes from is `page.js`. */

/** @typedef {import("../client/ally-presence.js").Member} Member */

/** Lines of the log that are kept. */
const MAX_LINES = 200;
/** Members that are drawn: more than a person reads, and a page still scrolls. */
const MAX_DRAWN = 500;

/**
 * An element of the page.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return /** @type {T} */ (found);
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 */
function make(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** @param {Member} member */
export function nameOf({ state, userId }) {
  return typeof state.name === "string" && state.name.trim() !== "" ? state.name : userId;
}

/** @param {string} text */
function hueOf(text) {
  let hash = 0;
  for (const letter of text) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 360;
  return hash;
}

/** @param {string} name */
function initials(name) {
  const words = name.trim().split(/\s+/);
  return words.slice(0, 2).map((word) => [...word][0] ?? "").join("").toLocaleUpperCase();
}

/**
 * @param {Member} member
 * @param {boolean} isSelf
 */
function drawMember(member, isSelf) {
  const { connId, userId, state } = member;
  const name = nameOf(member);
  const hue = `--hue: ${hueOf(userId)}`;
  const avatar = make("span", { class: "avatar", "aria-hidden": "true" }, initials(name));
  avatar.style.cssText = hue;
  const chips = [];
  if (isSelf) chips.push(make("span", { class: "chip you" }, "you"));
  if (state.away === true) chips.push(make("span", { class: "chip" }, "away"));
  const who = make("span", { class: "who" }, name, make("small", {}, userId));
  const marks = make("span", { class: "buttons" }, ...chips);
  const drawn = make("li", { class: "member", "data-conn": connId }, avatar, who, marks);
  drawn.classList.toggle("away", state.away === true);
  return drawn;
}

/** What was drawn for a member, so that only what changed is drawn anew. @type {WeakMap<Member, HTMLElement>} */
const drawnMembers = new WeakMap();

/**
 * @param {ReadonlyMap<string, Member>} members
 * @param {string | undefined} self The own connection.
 * @param {{ complete: boolean, total: number }} count
 */
export function showMembers(members, self, { complete, total }) {
  const byName = [...members.values()].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const items = byName.slice(0, MAX_DRAWN).map((member) => {
    const drawn = drawnMembers.get(member) ?? drawMember(member, member.connId === self);
    drawnMembers.set(member, drawn);
    return drawn;
  });
  element("members").replaceChildren(...items);
  element("count").textContent = String(total);
  element("total").textContent = String(total);
  element("partial").hidden = complete;
}

/**
 * @param {string} text
 * @param {"join" | "leave" | "note"} kind
 * @param {Date} at
 */
export function addToLog(text, kind = "note", at = new Date()) {
  const log = element("log");
  const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  const time = make("time", { datetime: at.toISOString() }, at.toLocaleTimeString([], { hour12: false }));
  log.append(make("li", { class: kind }, time, make("span", {}, text)));
  while (log.childElementCount > MAX_LINES) log.firstElementChild?.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

/**
 * @param {string} status
 * @param {string} text
 */
export function showStatus(status, text) {
  const shown = element("status");
  shown.dataset.status = status;
  shown.textContent = text;
}
