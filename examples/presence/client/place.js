/** What a client is in one room, member or observer, across all the connections by which it is that. */

import { Room } from "./room.js";

export class Place {
  /** Resolves once it is known who is there, rejects when that will never be. */
  entered;
  /** What the server made of it: `{ connId, userId, epoch }`; nothing of an observer. */
  self;
  /** What it says of itself, as far as the server has taken it. */
  state;
  ttlMs;
  /** The present connection was asked to take it in. */
  asked = false;
  /** The present connection has taken it in. */
  isIn = false;
  /** It was in, on some connection. */
  wasIn = false;
  /** Why the last attempt did not succeed. */
  failure;

  #resume;

  constructor(kind, name, { audience = "full", state = {}, userId, traceparent } = {}) {
    Object.assign(this, { kind, name, audience, userId, traceparent });
    this.state = { ...state };
    this.room = new Room(audience);
    this.entered = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
  }

  /** The message by which it comes in, or comes back. */
  entry() {
    const { name: room, audience, state, userId, traceparent } = this;
    const { position } = this.room;
    if (this.kind === "observer") return { type: "observe", room, audience, position };
    if (this.#resume) return { type: "resume", resume: this.#resume, audience, position };
    return { type: "join", room, audience, state, userId, traceparent };
  }

  /** A cheap question: whoever gets an answer is connected. */
  probe() {
    return this.kind === "observer" ? { type: "members", limit: 1 } : { type: "heartbeat" };
  }

  /** The membership is over, so the next entry is a join; whether there was one. */
  forgetMembership() {
    const had = this.#resume !== undefined;
    this.#resume = undefined;
    return had;
  }

  /** Takes the answer to the entry; what it means to whoever uses the client. */
  enter(answer) {
    const before = this.self?.connId;
    const { self, resume, ttlMs, recovered } = answer;
    Object.assign(this, { self, ttlMs, isIn: true });
    this.#resume = resume;
    this.room.enter(answer);
    return { room: answer.room, recovered, rejoined: before !== undefined && before !== self?.connId };
  }

  isThere() {
    this.wasIn = true;
    this.failure = undefined;
    this.resolve();
  }

  /** Its connection is gone. */
  interrupt() {
    this.asked = this.isIn = false;
    this.room.interrupt();
  }
}
