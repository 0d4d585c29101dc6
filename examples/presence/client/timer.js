/**
 * Waiting in pages that browsers slow down or freeze, and how long to wait before the next attempt.
 * No heartbeat lives here: the server pings, and browsers answer pings without any script.
 */

/** A timer that comes later than this was held back, and what arrived meanwhile may not be handled yet. */
const LATE_MS = 1_000;

/**
 * Calls back after a time. Where the page was frozen past it, what waits to be handled comes first: an answer that arrived
 * in time is not taken for one that never came. The function that is returned calls it off.
 */
export function after(ms, callback) {
  const due = performance.now() + ms;
  let timer = setTimeout(fire, ms);
  function fire() {
    if (performance.now() - due > LATE_MS) {
      timer = setTimeout(callback, LATE_MS);
    } else {
      callback();
    }
  }
  return () => clearTimeout(timer);
}

/**
 * Times between attempts: anything up to a bound that doubles ("full jitter"), so that clients who lost the same server do
 * not come back in step.
 */
export class Backoff {
  #attempts = 0;

  constructor({ baseMs, maxMs, random = Math.random }) {
    this.baseMs = baseMs;
    this.maxMs = maxMs;
    this.random = random;
  }

  next() {
    const bound = Math.min(this.maxMs, this.baseMs * 2 ** this.#attempts);
    this.#attempts = Math.min(this.#attempts + 1, 30);
    return Math.round(this.random() * bound);
  }

  /** An attempt succeeded. One that lasted for a moment only still counts, so that a server that takes and drops is spared. */
  reset(lastedMs) {
    this.#attempts = lastedMs < SHORT_MS ? Math.min(this.#attempts, 2) : 0;
  }
}

const SHORT_MS = 5_000;
