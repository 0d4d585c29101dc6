/**
 * Keeps one connection to the server: opens it, says hello, keeps its token fresh, notices that it is dead, and opens the next
 * one. What the client is in a room is not known here: `enter` sees to that on each connection.
 */

import { Connection } from "./connection.js";
import { PresenceError, errorOf, finalEnd } from "./errors.js";
import { Backoff, after } from "./timer.js";
import { Tokens, renewalDelay } from "./token.js";

/** Dead sockets that are kept until another one has taken their place. */
const MAX_ABANDONED = 8;

export class Link {
  /** `connecting`, `connected`, `waiting` or `closed`. */
  status = "connecting";
  /** The connection that said hello. */
  connection;
  /** Why there is none, as far as the last attempt told. */
  failure;
  timeoutMs;

  #options;
  #tokens;
  #backoff;
  #on;
  #abandoned = [];
  #wake = () => {};
  #cancelWatch = () => {};
  #cancelRenewal = () => {};
  #probe = () => {};
  #closing = new AbortController();

  /**
   * `on.enter(connection)` is awaited on each new connection, `on.frame(frame)` gets what it is sent, `on.drop()` is told of its
   * end, `on.status(detail)` of each change, and `on.end(error)` that there will be no other one.
   */
  constructor({ url, WebSocket, token, timeoutMs, reconnect }, on) {
    this.#options = { url, WebSocket };
    this.#tokens = new Tokens(token);
    this.#backoff = new Backoff(reconnect);
    this.#on = on;
    this.timeoutMs = timeoutMs;
    this.#followThePage();
    this.#run();
  }

  /** The server took the client in: sockets that seemed dead are fenced now, and what is silent for a time to live is asked. */
  confirm(ttlMs, probe) {
    for (const connection of this.#abandoned.splice(0)) connection.hangUp();
    this.#watch(ttlMs, probe);
  }

  /** The client is nowhere, so nobody is asked for a sign of life. */
  unwatch() {
    this.#cancelWatch();
    this.#probe = () => {};
  }

  /** Takes the connection for dead. Its socket stays open until the next one has resumed it: a late goodbye would count. */
  replace(connection) {
    connection.abandon();
    this.#abandoned.push(connection);
    if (this.#abandoned.length > MAX_ABANDONED) this.#abandoned.shift().hangUp();
  }

  close(error) {
    this.#setStatus("closed", error && { reason: error.code, error });
    this.#drop();
    for (const connection of this.#abandoned.splice(0)) connection.hangUp();
    this.#closing.abort();
    this.#wake();
  }

  #isClosed() {
    return this.status === "closed";
  }

  #setStatus(status, detail) {
    this.status = status;
    this.#on.status({ status, ...detail });
  }

  async #run() {
    // What the caller does with the client it is given comes first.
    await undefined;
    while (!this.#isClosed()) {
      const last = await this.#serve();
      if (this.#isClosed()) return;
      const final = finalEnd(last.reason);
      if (final || last.error?.passes === false) {
        this.#drop();
        const message = `${final}; the client does not come back by itself`;
        return this.#on.end(last.error ?? new PresenceError(last.reason, message));
      }
      const retryInMs = last.reconnectAfterMs ?? this.#backoff.next();
      this.#setStatus("waiting", { reason: last.reason, error: last.error, retryInMs });
      await this.#pause(retryInMs);
    }
  }

  /** One connection, from its opening to its end. */
  async #serve() {
    try {
      this.#setStatus("connecting");
      const connection = await this.#open();
      const begun = performance.now();
      await this.#on.enter(connection);
      if (!this.#isClosed()) this.#setStatus("connected");
      this.failure = undefined;
      const last = await connection.ended;
      this.#backoff.reset(performance.now() - begun);
      return last;
    } catch (thrown) {
      const error = (this.failure = errorOf(thrown, "disconnected"));
      return { reason: error.code, error };
    } finally {
      this.#drop();
      this.#on.drop();
    }
  }

  async #open() {
    const token = await this.#tokens.get();
    const { url, WebSocket } = this.#options;
    const connection = await Connection.open(WebSocket, url, this.timeoutMs, (frame) => this.#on.frame(frame));
    try {
      if (token !== undefined) await this.#sayHello(connection, token);
      if (this.#isClosed()) throw new PresenceError("closed", "close() was called");
    } catch (error) {
      connection.close();
      throw error;
    }
    this.connection = connection;
    return connection;
  }

  async #sayHello(connection, token) {
    const hello = (token) => connection.request({ type: "hello", token }, this.timeoutMs);
    try {
      await hello(token);
    } catch (error) {
      // A token that was kept may be over; a new one counts, or none does.
      if (error.code !== "unauthorized" || !this.#tokens.renewable) throw error;
      token = await this.#tokens.get();
      await hello(token);
    }
    this.#renewLater(connection, token);
  }

  /** A newer token keeps the connection open for longer. Where none is had in time the server ends it, and the next begins. */
  #renewLater(connection, token) {
    const delay = this.#tokens.renewable ? renewalDelay(token) : undefined;
    if (delay === undefined) return;
    this.#cancelRenewal();
    this.#cancelRenewal = after(delay, async () => {
      try {
        const next = await this.#tokens.get();
        await connection.request({ type: "hello", token: next }, this.timeoutMs);
        if (connection === this.connection) this.#renewLater(connection, next);
      } catch (error) {
        this.#on.status({ status: this.status, reason: "token_not_renewed", error: errorOf(error, "no_token") });
      }
    });
  }

  /**
   * The server pings, which no page sees. So where nothing came for a time to live, something is asked; without an answer the
   * connection is dead, even if the browser has not noticed. Held back timers only make that later: nobody's life hangs on it.
   */
  #watch(ttlMs, probe) {
    const { connection } = this;
    this.#probe = async () => {
      try {
        await connection.request(probe, Math.min(this.timeoutMs, ttlMs));
      } catch (error) {
        if (error.code === "timeout" && connection === this.connection) this.replace(connection);
      }
    };
    const look = async () => {
      if (connection.silentForMs >= ttlMs) await this.#probe();
      if (connection === this.connection) this.#cancelWatch = after(ttlMs, look);
    };
    this.#cancelWatch();
    this.#cancelWatch = after(ttlMs, look);
  }

  #drop() {
    this.unwatch();
    this.#cancelRenewal();
    this.connection?.close();
    this.connection = undefined;
  }

  #pause(ms) {
    return new Promise((resolve) => {
      const cancel = after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** A machine that has its network again, and a tab that is looked at again, do not wait for a timer. */
  #followThePage() {
    const { signal } = this.#closing;
    const look = () => {
      this.#wake();
      this.#probe();
    };
    globalThis.addEventListener?.("online", look, { signal });
    globalThis.document?.addEventListener("visibilitychange", () => document.hidden || look(), { signal });
  }
}
