/** What comes is kept until somebody asks for it; whoever asks first waits, but not for ever. */

const DEADLINE_MS = 30_000;

export class Queue {
  #items = [];
  #waiting = [];

  push(item) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(item);
    else this.#items.push(item);
  }

  /** What has come and was not asked for. */
  get rest() {
    return this.#items;
  }

  next(what = "the next one", deadlineMs = DEADLINE_MS) {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift());
    return new Promise((resolve, reject) => {
      const give = (item) => {
        clearTimeout(timer);
        resolve(item);
      };
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== give);
        reject(new Error(`${what} did not come within ${deadlineMs} ms`));
      }, deadlineMs).unref();
      this.#waiting.push(give);
    });
  }

  /** The next one of a kind; others are passed over. */
  async until(what, isIt) {
    for (;;) {
      const item = await this.next(what);
      if (isIt(item)) return item;
    }
  }
}
