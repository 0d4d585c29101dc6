/**
 * One WebSocket to a node: messages with their answers, frames in order, and why it ended.
 * What a connection is in a room, and coming back as another one, is `ally-presence.js`.
 */

import { PresenceError } from "./errors.js";
import { after } from "./timer.js";

/** The largest message that the server takes. Larger ones end the connection, so they are not sent. */
const MAX_MESSAGE_BYTES = 16 * 1024;

export class Connection {
  /** Resolves once, with `{ reason, reconnectAfterMs? }`: what the server said last, or `disconnected`. */
  ended;

  #socket;
  #onFrame;
  #end;
  #last = { reason: "disconnected" };
  /** Requests without an answer. The server answers in the order of asking. */
  #pending = [];
  #ids = 0;
  #heardAt = performance.now();
  #over = false;
  #listening = new AbortController();

  /** Opens a connection; `onFrame` gets every frame that is no answer, as it comes. */
  static open(WebSocket, url, timeoutMs, onFrame) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      const refused = (code, message) => {
        cancel();
        opening.abort();
        socket.close();
        reject(new PresenceError(code, message));
      };
      const opening = new AbortController();
      const { signal } = opening;
      const cancel = after(timeoutMs, () => refused("timeout", `${url} did not answer within ${timeoutMs} ms`));
      const opened = () => {
        cancel();
        opening.abort();
        resolve(new Connection(socket, onFrame));
      };
      socket.addEventListener("open", opened, { signal });
      // A browser does not tell a page why; its console does.
      socket.addEventListener("error", () => refused("disconnected", `${url} cannot be reached`), { signal });
      socket.addEventListener("close", () => refused("disconnected", `${url} cannot be reached`), { signal });
    });
  }

  constructor(socket, onFrame) {
    this.#socket = socket;
    this.#onFrame = onFrame;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const { signal } = this.#listening;
    socket.addEventListener("message", (message) => this.#onMessage(message.data), { signal });
    socket.addEventListener("close", (close) => this.#onClose(close), { signal });
    // A close always follows.
    socket.addEventListener("error", () => {}, { signal });
  }

  /** For how long nothing has come, in milliseconds. */
  get silentForMs() {
    return performance.now() - this.#heardAt;
  }

  /**
   * Asks, and resolves with the answer. `accept` sees a good answer before the frames behind it are handled.
   * Rejects with the server's refusal, `timeout` or `disconnected`.
   */
  request(message, timeoutMs, accept = () => {}) {
    return new Promise((resolve, reject) => {
      const id = ++this.#ids;
      const text = JSON.stringify({ ...message, id });
      if (this.#over) {
        return reject(new PresenceError("disconnected", "there is no connection"));
      }
      if (new TextEncoder().encode(text).length > MAX_MESSAGE_BYTES) {
        return reject(new PresenceError("message_too_large", `a message has at most ${MAX_MESSAGE_BYTES} bytes`));
      }
      const request = { id, accept, resolve, reject, cancel: () => {} };
      // A late answer is passed over, but it must still be expected: answers are told apart by their order, too.
      request.cancel = after(timeoutMs, () =>
        reject(new PresenceError("timeout", `${message.type} was not answered within ${timeoutMs} ms`)),
      );
      this.#pending.push(request);
      this.#socket.send(text);
    });
  }

  /** Ends the connection in order, unless it is over: the server takes that for a goodbye, and the member has left. */
  close() {
    if (this.#over) return;
    this.#finish({ reason: "closed" });
    this.hangUp();
  }

  /**
   * Listens no more and leaves the socket as it is. A goodbye that a dead network delivers late would end the membership,
   * so the socket is only closed once another one has resumed it.
   */
  abandon() {
    this.#finish({ reason: "disconnected" });
  }

  /** Closes the socket of an abandoned connection. */
  hangUp() {
    this.#socket.close(1000);
  }

  #onMessage(data) {
    if (this.#over) return;
    this.#heardAt = performance.now();
    const frame = JSON.parse(data);
    if (frame.type === "ack") {
      this.#onAnswer(frame);
    } else if (frame.type === "end") {
      this.#last = { reason: frame.reason, reconnectAfterMs: frame.reconnectAfterMs };
    } else {
      this.#onFrame(frame, this);
    }
  }

  #onAnswer(answer) {
    // A message that was refused unread has no id in its answer.
    const at = answer.id === undefined ? 0 : this.#pending.findIndex(({ id }) => id === answer.id);
    const [request] = at < 0 ? [] : this.#pending.splice(at, 1);
    if (!request) return;
    request.cancel();
    if (answer.ok) {
      request.accept(answer);
      request.resolve(answer);
    } else {
      request.reject(new PresenceError(answer.error.code, answer.error.message));
    }
  }

  #onClose({ reason }) {
    // The last frame may be lost where the close is not; both say the same.
    const last = this.#last.reason === "disconnected" && reason ? { reason } : this.#last;
    this.#finish(last);
  }

  #finish(last) {
    if (this.#over) return;
    this.#over = true;
    this.#listening.abort();
    for (const { cancel, reject } of this.#pending.splice(0)) {
      cancel();
      reject(new PresenceError("disconnected", `the connection ended before the answer: ${last.reason}`));
    }
    this.#end(last);
  }
}
