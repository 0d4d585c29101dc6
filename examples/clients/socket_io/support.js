// What every test of the suite works with: clients as an app has them, what came to them, and words with whoever runs the suite.

import { createHmac } from "node:crypto";
import { createInterface } from "node:readline";
import { io } from "socket.io-client";
import { documentOf } from "./document.js";

/** The nodes and the secret of their tokens, from whoever runs the suite. */
const { nodes: addresses, secret } = JSON.parse(process.env.ALLY_SUITE);
export const nodes = addresses;
const document = await documentOf(nodes[0]);

/** A token as an issuer makes it (HS256), with any claims. */
export function tokenOf(sub, seconds = 3_600, claims = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Date.now() / 1_000 + seconds;
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub, exp, ...claims })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
export const tokens = {
  amy: tokenOf("amy"),
  bob: tokenOf("bob"),
  carol: tokenOf("carol"),
  operator: tokenOf("olga", 3_600, { roles: ["operator"] }),
  guest: tokenOf("guest", 3_600, { rooms: [{ room: "open-*", access: "join" }] }),
};

export const TRANSPORTS = [["polling"], ["websocket"], ["polling", "websocket"]];
const DEADLINE_MS = 60_000;

let rooms = 0;
/** A room of a test's own. */
export const room = () => `room-${process.pid}-${++rooms}`;

/** Fails when something takes far too long. */
export function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited too long for ${what}`)), DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** What comes to a client, in its order. */
export class Inbox {
  #waiting = [];
  all = [];
  next = 0;

  push(item) {
    this.all.push(item);
    this.#waiting.splice(0).forEach((wake) => wake());
  }

  /** The next item that fits; those before it are passed over. */
  async until(what, fits) {
    for (;;) {
      while (this.next < this.all.length) {
        const item = this.all[this.next++];
        if (fits(item)) return item;
      }
      await soon(new Promise((wake) => this.#waiting.push(wake)), what);
    }
  }
}

const open = new Set();

/** A client; it is closed when the test ends. */
export function client({ user = "amy", node = 0, transports = ["websocket"], auth, ...options } = {}) {
  const socket = io(nodes[node], {
    transports,
    auth: auth ?? { token: tokens[user] },
    forceNew: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 200,
    ...options,
  });
  socket.events = new Inbox();
  socket.ends = new Inbox();
  socket.losses = new Inbox();
  socket.changes = new Inbox();
  socket.on("presence:event", (event) => socket.events.push(event));
  socket.on("presence:end", (end) => socket.ends.push(end));
  socket.on("metadata:event", (change) => socket.changes.push(change));
  socket.on("disconnect", (reason) => socket.losses.push(reason));
  socket.onAny((event, payload) => document.received(event, payload));
  socket.ask = async (event, ...payload) => {
    const answer = await soon(socket.emitWithAck(event, ...payload), `the answer to ${event}`);
    document.answered(event, payload[0], answer);
    return answer;
  };
  open.add(socket);
  return socket;
}

export const connected = (socket) =>
  socket.connected ? Promise.resolve() : soon(new Promise((done) => socket.once("connect", done)), "the connection");
export const upgraded = (socket) =>
  socket.io.engine.transport.name === "websocket"
    ? Promise.resolve()
    : soon(new Promise((done) => socket.io.engine.once("upgrade", done)), "the upgrade");

/** A member of a room. */
export async function member(options, roomId, state) {
  const socket = client(options);
  await connected(socket);
  if (options?.transports?.length === 2) await upgraded(socket);
  const user = options?.user ?? "amy";
  socket.joined = await socket.ask("presence:join", { roomId, userId: user, ...(state && { state }) });
  if (!socket.joined.ok) throw new Error(`no join: ${JSON.stringify(socket.joined)}`);
  return socket;
}

export function closeAll() {
  for (const socket of open) socket.close();
  open.clear();
}

/** A request to the HTTP way in. */
export async function http(user, method, path, body, node = 0) {
  const answer = await fetch(`${nodes[node]}/api/v1/presence${path}`, {
    method,
    headers: { authorization: `Bearer ${tokens[user]}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  return answer.json();
}

/** Who is in a room, as the HTTP way in says it. */
export const members = async (roomId, node = 0) => (await http("amy", "GET", `/rooms/${roomId}/members`, undefined, node)).members;

const lines = createInterface({ input: process.stdin });
const answers = new Inbox();
lines.on("line", (line) => answers.push(line));

/** Asks whoever runs the suite to do something, for example `kill 1`, and waits until it is done. */
export async function command(text) {
  process.stdout.write(`\n@${text}\n`);
  return answers.until(`"${text}" to be done`, () => true);
}
/** Nothing more is asked of whoever runs the suite. */
export const hangUp = () => lines.close();
