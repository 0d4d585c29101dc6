/** A wire between clients and a node that can be cut, and led to another node. */

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Wire {
  #server;
  #target;
  #ends = new Set();
  #isMute = false;

  static async to(t, node) {
    const wire = new Wire();
    wire.#target = node;
    wire.#server = createServer((near) => wire.#join(near));
    wire.#server.listen(0, "127.0.0.1");
    await once(wire.#server, "listening");
    t.after(() => {
      wire.cut();
      wire.#server.close();
    });
    return wire;
  }

  get http() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  get url() {
    return `${this.http.replace("http", "ws")}/ws/v1/presence`;
  }

  /** Connections that are open. */
  get open() {
    return this.#ends.size / 2;
  }

  /** Breaks every connection without a goodbye. */
  cut() {
    for (const end of this.#ends) end.destroy();
  }

  /** Nothing passes in either way, and nobody is told: a network that is gone. */
  mute() {
    this.#isMute = true;
    for (const end of this.#ends) end.pause();
  }

  unmute() {
    this.#isMute = false;
    for (const end of this.#ends) end.resume();
  }

  lead(node) {
    this.#target = node;
  }

  #join(near) {
    const { hostname, port } = new URL(this.#target.http);
    const far = connect(Number(port), hostname);
    for (const [one, other] of [[near, far], [far, near]]) {
      this.#ends.add(one);
      one.on("data", (data) => other.write(data));
      one.on("error", () => {});
      one.on("end", () => other.end());
      one.on("close", () => {
        this.#ends.delete(one);
        other.destroy();
      });
      if (this.#isMute) one.pause();
    }
  }
}
