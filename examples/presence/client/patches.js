/** Changes of the own state on their way: one at a time, what is said meanwhile becomes one, and the last value of a key wins. */

import { PresenceError } from "./errors.js";
import { after } from "./timer.js";

export class Patches {
  #waiting;
  #isSending = false;

  /** Resolves with `{ changed }`, or rejects with why not; after a time with `timeout`, though it is still sent. */
  add(keys, timeoutMs) {
    this.#waiting ??= { keys: {}, waiters: [] };
    const { waiters } = this.#waiting;
    this.#waiting.keys = { ...this.#waiting.keys, ...keys };
    return new Promise((resolve, reject) => {
      const late = () => reject(new PresenceError("timeout", `the patch was not taken within ${timeoutMs} ms; it is sent later`));
      waiters.push({ resolve, reject, cancel: after(timeoutMs, late) });
    });
  }

  /**
   * Sends what waits, unless something is under way: then whoever sends that sees to it. Resolves with whether more waits.
   * What is refused for a while waits again, and the refusal is thrown.
   */
  async send(request) {
    if (this.#isSending || !this.#waiting) return false;
    const patch = this.#waiting;
    this.#waiting = undefined;
    this.#isSending = true;
    try {
      const { changed } = await request(patch.keys);
      settle(patch, ({ resolve }) => resolve({ changed }));
      return this.#waiting !== undefined;
    } catch (error) {
      if (error.passes || isOver(error)) {
        this.#putBack(patch);
        throw error;
      }
      settle(patch, ({ reject }) => reject(error));
      return this.#waiting !== undefined;
    } finally {
      this.#isSending = false;
    }
  }

  /** Nothing will be sent any more. */
  reject(error) {
    if (this.#waiting) settle(this.#waiting, ({ reject }) => reject(error));
    this.#waiting = undefined;
  }

  #putBack(patch) {
    const { keys, waiters } = this.#waiting ?? { keys: {}, waiters: [] };
    this.#waiting = { keys: { ...patch.keys, ...keys }, waiters: [...patch.waiters, ...waiters] };
  }
}

/** The connection is no member any more; the next one may be. */
export function isOver(error) {
  return error.code === "gone" || error.code === "not_joined";
}

function settle({ waiters }, how) {
  for (const waiter of waiters) {
    waiter.cancel();
    how(waiter);
  }
}
