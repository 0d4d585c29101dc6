/** Reads server-sent events out of bytes, as they are cut. What is not whole at the end of the bytes was never sent. */

export interface ServerSentEvent {
  event: string;
  data: string;
  /** The last id that the stream has named. */
  id: string | undefined;
}

/** More text than any event of this API has, in characters. */
const LONGEST_EVENT = 8 * 1_024 * 1_024;

export class EventParser {
  readonly #decoder = new TextDecoder();
  #line = "";
  #wasReturn = false;
  #event = "";
  #data: string[] = [];
  #size = 0;
  #id: string | undefined;
  /** What the server has set with `retry:`. */
  reconnectMs: number | undefined;

  /** The events that are whole with these bytes. */
  push(bytes: Uint8Array): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    const text = this.#decoder.decode(bytes, { stream: true });
    let begin = 0;
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at];
      if (character !== "\n" && character !== "\r") continue;
      // The second half of \r\n, also where bytes were cut between the two.
      const isSecondHalf = character === "\n" && this.#wasReturn && at === begin && this.#line === "";
      if (!isSecondHalf) {
        const event = this.#take(this.#line + text.slice(begin, at));
        if (event) events.push(event);
      }
      this.#line = "";
      this.#wasReturn = character === "\r";
      begin = at + 1;
    }
    if (begin < text.length) {
      this.#line += text.slice(begin);
      this.#wasReturn = false;
    }
    if (this.#size + this.#line.length > LONGEST_EVENT) {
      throw new Error(`an event is longer than ${LONGEST_EVENT} characters: the stream is not one of Ally`);
    }
    return events;
  }

  #take(line: string): ServerSentEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    // An empty line of data takes room too.
    this.#size += value.length + 1;
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.reconnectMs = Number(value);
    return undefined;
  }

  #dispatch(): ServerSentEvent | undefined {
    const [event, data] = [this.#event || "message", this.#data.join("\n")];
    const isEmpty = this.#data.length === 0;
    [this.#event, this.#data, this.#size] = ["", [], 0];
    return isEmpty ? undefined : { event, data, id: this.#id };
  }
}
