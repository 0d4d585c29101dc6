/** Who listens to what happens: `on(event, listener)` gives the function that ends it. */

export class Listeners {
  #listeners = new Map();

  on(event, listener) {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Tells everybody. A listener that throws is its own page's fault: the others and the feed go on. */
  emit(event, detail) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        reportError(error);
      }
    }
  }
}

/** Browsers show it like any other fault of a page; elsewhere the next task throws it. */
function reportError(error) {
  if (typeof globalThis.reportError === "function") return globalThis.reportError(error);
  setTimeout(() => {
    throw error;
  });
}
