/** A server that says what a test has it say, so that every frame and code can be met. The real ones are in `../nodes/`. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { WebSocketServer } from "ws";

import { Queue } from "./queue.js";

export class FakeServer {
  #server;
  #peers = new Queue();

  /** A server that is stopped behind the test. */
  static async start(t) {
    const fake = new FakeServer();
    t.after(() => fake.#stop());
    fake.#server = new WebSocketServer({ host: "127.0.0.1", port: 0, path: "/ws/v1/presence" });
    fake.#server.on("connection", (socket) => fake.#peers.push(new Peer(socket)));
    await once(fake.#server, "listening");
    return fake;
  }

  get url() {
    return `ws://127.0.0.1:${this.#server.address().port}/ws/v1/presence`;
  }

  /** The next client that connects. */
  next() {
    return this.#peers.next("a connection");
  }

  /** The next client that connects, once it has said hello. */
  async greet() {
    const peer = await this.next();
    const hello = await peer.expect("hello");
    peer.ack(hello);
    peer.token = hello.token;
    return peer;
  }

  /** Has a client join, and takes it in. */
  async admit(presence, members, more) {
    const joining = presence.join("lobby", { state: { at: "first" } });
    const peer = await this.greet();
    peer.takeIn(await peer.expect("join"), members, more);
    await joining;
    return peer;
  }

  async #stop() {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** One connection, from the side of the server. */
class Peer {
  #socket;
  #messages = new Queue();

  constructor(socket) {
    this.#socket = socket;
    socket.on("message", (data) => this.#messages.push(JSON.parse(data)));
    this.closed = once(socket, "close").then(([code]) => code);
  }

  /** The next message, which must be of a type. */
  async expect(type) {
    const message = await this.#messages.next(type);
    assert.equal(message.type, type, JSON.stringify(message));
    return message;
  }

  /** What was sent and not looked at. */
  get rest() {
    return this.#messages.rest;
  }

  send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  ack(message, told = {}) {
    this.send({ type: "ack", id: message.id, ok: true, ...told });
  }

  refuse(message, code) {
    this.send({ type: "ack", id: message.id, ok: false, error: { code, message: `because of ${code}` } });
  }

  /** Takes a client in that asked for it, with everybody who is there. */
  takeIn(message, members = [], { connId = "c1", position = "p1", ...more } = {}) {
    const all = [memberOf(connId), ...members];
    const self = { connId, userId: "u", epoch: 7 };
    const told = { room: "lobby", self, members: all.length, position, resume: `${connId}.secret`, ttlMs: 60_000 };
    this.ack(message, { ...told, recovered: false, ...more });
    this.send({ type: "snapshot", room: "lobby", position, total: all.length, first: true, members: all, more: false });
  }

  /** Takes a client back, with what it has missed. */
  takeBack(message, missed = [], { connId = "c1", members = 1, position = "p2" } = {}) {
    const self = { connId, userId: "u", epoch: 7 };
    const told = { room: "lobby", self, members, position, resume: `${connId}.secret`, ttlMs: 60_000, recovered: true };
    this.ack(message, told);
    for (const event of missed) this.send(event);
  }

  end(reason, more = {}, code = 1008) {
    this.send({ type: "end", reason, ...more });
    this.#socket.close(code, reason);
  }

  close(code, reason) {
    this.#socket.close(code, reason);
  }

  /** Breaks the connection without a word. */
  cut() {
    this.#socket.terminate();
  }
}

export function memberOf(connId, state = {}) {
  return { connId, userId: `user-of-${connId}`, epoch: 7, door: "websocket", state };
}

/** An event of a room. */
export function eventOf(event, connId, position, more = {}) {
  const { userId, epoch } = memberOf(connId);
  return { type: "event", event, room: "lobby", connId, userId, epoch, ts: 1_764_000_000_000, position, ...more };
}
