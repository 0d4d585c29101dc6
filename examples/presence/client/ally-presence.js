/**
 * A client of Ally's presence over plain WebSocket: join a room, see who is there, come back after a cut without anybody
 * noticing. The protocol is `docs/presence.md`; the types are in `ally-presence.d.ts`.
 *
 *     const presence = connect({ url: "wss://example.org/ws/v1/presence", token: () => fetchToken() });
 *     presence.on("change", () => render(presence.members));
 *     await presence.join("lobby", { state: { name: "Amy" } });
 *
 * Nothing is sent to stay alive: the server pings, and browsers answer even for tabs whose timers they hold back.
 * What is not here: connections (`link.js`), the fold of the feed (`room.js`), and several rooms: one client is in one.
 */

import { PresenceError, errorOf } from "./errors.js";
import { Link } from "./link.js";
import { Listeners } from "./listeners.js";
import { Patches, isOver } from "./patches.js";
import { Place } from "./place.js";
import { Backoff, after } from "./timer.js";

export { PresenceError, REFUSALS } from "./errors.js";

/** Connects, and stays connected until `close()`, or until coming back is in vain. */
export function connect(options) {
  return new Presence(options);
}

/** More than the 10 s in which the server answers whatever happens, so that its reason is known. */
const REQUEST_TIMEOUT_MS = 15_000;
const RECONNECT = Object.freeze({ baseMs: 500, maxMs: 30_000 });
const ASK_AGAIN = Object.freeze({ baseMs: 200, maxMs: 2_000 });
const NOBODY = new Map();

class Presence extends Listeners {
  #link;
  #userId;
  #error;
  /** What the client is, or is about to be; nothing while it is to be nowhere. */
  #place;
  #patches = new Patches();
  #cancelFlush = () => {};

  constructor({ url, token, userId, WebSocket = globalThis.WebSocket, requestTimeoutMs = REQUEST_TIMEOUT_MS, reconnect }) {
    super();
    if (typeof WebSocket !== "function") {
      throw new TypeError("there is no WebSocket here: pass one as the option `WebSocket`, for example undici's");
    }
    const { href, protocol } = new URL(String(url), globalThis.location?.href);
    if (!/^wss?:$/.test(protocol)) {
      throw new TypeError(`${href} is no address of a WebSocket: it begins with ws:// or wss://`);
    }
    this.#userId = userId;
    const options = { url: href, WebSocket, token, timeoutMs: requestTimeoutMs };
    this.#link = new Link(
      { ...options, reconnect: { ...RECONNECT, ...reconnect } },
      {
        enter: (connection) => this.#enter(connection),
        frame: (frame) => this.#receive(frame),
        drop: () => this.#place?.interrupt(),
        status: (detail) => this.emit("status", detail),
        end: (error) => this.#shut(error),
      },
    );
  }

  /** `connecting`, `connected`, `waiting` for the next attempt, or `closed` for good. */
  get status() {
    return this.#link.status;
  }

  /** Why it is closed, unless `close()` was called. */
  get error() {
    return this.#error;
  }

  get room() {
    return this.#place?.name;
  }

  /** What the server made of the client, with its state; nothing of an observer. */
  get self() {
    const place = this.#place;
    return place?.self && { ...place.self, state: { ...place.state } };
  }

  /** Members by `connId`. */
  get members() {
    return this.#place?.room.members ?? NOBODY;
  }

  /** Whether `members` holds everybody. */
  get complete() {
    return this.#place?.room.complete ?? false;
  }

  /** How many are there; `users` is absent where that was not told. */
  get counts() {
    const room = this.#place?.room;
    return { members: room?.count ?? 0, users: room?.users };
  }

  /** Becomes a member. Resolves once it is known who is there. What may pass is tried again until the time is over. */
  async join(room, options) {
    return this.#take(new Place("member", room, { ...options, userId: this.#userId }));
  }

  /** Follows a room without being in it. */
  async observe(room, { audience } = {}) {
    return this.#take(new Place("observer", room, { audience }));
  }

  /** Lays keys over the own state: at once, or as soon as the client is back. */
  async patch(keys) {
    if (this.#place?.kind !== "member") {
      throw new PresenceError("not_joined", "only members have a state: join a room first");
    }
    const result = this.#patches.add(keys, this.#link.timeoutMs);
    this.#flushPatches();
    return result;
  }

  /** Takes in those members of a big room that were not sent, page by page. */
  async load() {
    const place = this.#place;
    if (!place) throw new PresenceError("not_joined", "there is nobody to load: join or observe a room first");
    place.room.beginLoading();
    for (let behind, more = true; more; ) {
      const page = await this.#ask({ type: "members", after: behind }, (page) => place.room.load(page));
      ({ more } = page);
      behind = page.members.at(-1)?.connId;
      if (place !== this.#place) throw new PresenceError("closed", "the room was left while it was loaded");
      this.emit("change", { cause: "snapshot", changes: [] });
    }
  }

  /** Leaves the room and stays connected. Between two connections the membership ends when its grace is over. */
  async leave() {
    const { connection } = this.#link;
    const place = this.#forget(new PresenceError("closed", "leave() was called before this was done"));
    if (!place) throw new PresenceError("not_joined", "there is no room to leave");
    if (!connection || !place.asked) return;
    try {
      await connection.request({ type: "leave" }, this.#link.timeoutMs);
    } catch (error) {
      // Whether it was ended by this or by something else: it is over.
      if (!isOver(error)) throw error;
    }
  }

  /** Ends everything. The server takes it for a goodbye: the member has left at once. */
  close() {
    this.#shut(undefined);
  }

  #shut(error) {
    if (this.status === "closed") return;
    this.#error = error;
    this.#link.close(error);
    this.#forget(error ?? new PresenceError("closed", "close() was called"));
    if (error) this.emit("end", { reason: error.code, message: error.message, error });
  }

  /** Is nowhere from now on; what it was. */
  #forget(error) {
    const place = this.#place;
    if (!place) return undefined;
    this.#place = undefined;
    this.#link.unwatch();
    this.#cancelFlush();
    place.reject(error);
    this.#patches.reject(error);
    this.emit("change", { cause: "snapshot", changes: [] });
    return place;
  }

  #take(place) {
    if (this.status === "closed") throw this.#error ?? new PresenceError("closed", "close() was called");
    if (this.#place) {
      const { name } = this.#place;
      throw new PresenceError("already_joined", `this client is in room ${name}: leave it first, or connect another client`);
    }
    this.#place = place;
    const cancel = after(this.#link.timeoutMs, () => this.#tooLate(place));
    const { connection } = this.#link;
    if (connection) this.#enter(connection).catch(() => connection.close());
    return place.entered.finally(cancel);
  }

  /** Nobody knows whether the server still takes the client in, so the connection ends, and with it what it may become. */
  #tooLate(place) {
    if (this.#place !== place) return;
    const { asked, name } = place;
    const failure = place.failure ?? this.#link.failure;
    const why = failure ? `: ${failure.message}` : "";
    const message = `room ${name} was not entered within ${this.#link.timeoutMs} ms${why}`;
    this.#forget(new PresenceError(failure?.code ?? "timeout", message, { cause: failure }));
    if (asked) this.#link.connection?.close();
  }

  /** Enters over a connection. Throws where that is to be tried over another one, or ends the client. */
  async #enter(connection) {
    const place = this.#place;
    if (!place || place.asked) return;
    place.asked = true;
    try {
      await connection.request(place.entry(), this.#link.timeoutMs, (answer) => {
        if (place === this.#place) this.#accept(place, answer);
      });
    } catch (error) {
      if (place !== this.#place) return;
      place.asked = false;
      if (error.code === "unresumable" && place.forgetMembership()) return this.#enter(connection);
      place.failure = error;
      // Whoever never was in is told, and may go elsewhere over the same connection.
      if (!error.passes && !place.wasIn) return void this.#forget(error);
      // The server may still take it in; a goodbye would then end what it was.
      if (error.code === "timeout" && place.wasIn) this.#link.replace(connection);
      throw error;
    }
  }

  #accept(place, answer) {
    const entered = place.enter(answer);
    this.#link.confirm(place.ttlMs, place.probe());
    this.emit("enter", entered);
    if (!place.room.paging) place.isThere();
    this.#flushPatches();
  }

  #receive(frame) {
    const place = this.#place;
    const folded = place?.room.fold(frame);
    if (!folded) return;
    if (frame.type === "snapshot") this.#followSnapshot(frame, place);
    for (const change of folded.changes) this.emit(change.type, change);
    this.emit("change", folded);
  }

  /**
   * The other pages of a snapshot stand behind its first one, unless the room is big. The answer to a question comes behind them
   * all, and so tells that no page is missing.
   */
  #followSnapshot(frame, place) {
    const { connection } = this.#link;
    if (!place.room.paging) return place.isThere();
    if (!frame.first) return;
    const settle = () => {
      if (place !== this.#place || connection !== this.#link.connection) return;
      place.room.settle();
      place.isThere();
    };
    const question = { type: "members", after: frame.members.at(-1)?.connId, limit: 1 };
    connection.request(question, this.#link.timeoutMs, settle).catch(() => {});
  }

  /** Sends what is to be said of oneself, once the client is in. */
  async #flushPatches() {
    const { connection } = this.#link;
    const place = this.#place;
    if (!connection || !place?.isIn) return;
    this.#cancelFlush();
    try {
      const more = await this.#patches.send(async (patchState) => {
        const answer = await connection.request({ type: "heartbeat", patchState }, this.#link.timeoutMs);
        Object.assign(place.state, patchState);
        return answer;
      });
      if (more) this.#flushPatches();
    } catch (error) {
      if (place !== this.#place || connection !== this.#link.connection) return;
      if (isOver(error) || error.code === "timeout") return this.#link.replace(connection);
      const wait = new Backoff(ASK_AGAIN).next() + ASK_AGAIN.baseMs;
      this.#cancelFlush = after(wait, () => this.#flushPatches());
    }
  }

  /** Asks over whichever connection there is. What may pass is asked again until the time is over. */
  async #ask(message, accept) {
    const { timeoutMs } = this.#link;
    const until = performance.now() + timeoutMs;
    for (const backoff = new Backoff(ASK_AGAIN); ; ) {
      try {
        const { connection } = this.#link;
        if (!connection || !this.#place?.isIn) throw new PresenceError("disconnected", "there is no connection at the moment");
        return await connection.request(message, timeoutMs, accept);
      } catch (thrown) {
        const error = errorOf(thrown, "disconnected");
        const wait = backoff.next();
        if (!error.passes || performance.now() + wait > until) throw error;
        await new Promise((resolve) => after(wait, resolve));
      }
    }
  }
}
