/** Follows jobs by server-sent events: comes back after every cut, with the id of the last event that came whole. */

import type { components } from "./generated.js";
import { ProblemError, retryAfterSeconds } from "./problem.js";
import { isRefusalForNow, LONGEST_TIMER_MS, pause, waitMs, type Fetch } from "./retry.js";
import { EventParser, type ServerSentEvent } from "./sse.js";

type Schemas = components["schemas"];

/** Something that a stream says, with the id to come back with: put it beside what you keep. */
export interface JobNewsItem {
  id: string | undefined;
  news: Schemas["JobsSnapshot"] | Schemas["JobEvent"] | Schemas["JobsResync"];
}

export interface FollowOptions {
  /** The id of the last item that was taken; without one the stream begins with a snapshot. */
  lastEventId?: string;
  signal?: AbortSignal;
  /** How often in a row it may fail to bring an event before the last failure is thrown. */
  attempts?: number;
  /** A stream without a byte for as long is left; the server sends a comment every 15 seconds. */
  silenceMs?: number;
}

const RECONNECT_MS = 2_000;
/** Where the server names no time. */
const LONGEST_OWN_WAIT_MS = 5 * 60_000;
/** A connection that lasted as long was no failure, though nothing happened meanwhile: proxies end what is quiet. */
const LASTING_MS = 10_000;
const NEWS = ["snapshot", "job", "resync"];

/** Where a stream stands, over all of its connections. */
interface Place {
  lastEventId: string | undefined;
  reconnectMs: number;
  failures: number;
}

/** The items of a stream until it ends. `open` sends the request for it, as a new one each time. */
export async function* follow(
  open: (headers: Record<string, string>, signal: AbortSignal) => Promise<Request>,
  fetch: Fetch,
  options: FollowOptions = {},
): AsyncGenerator<JobNewsItem, void, undefined> {
  const { signal, attempts = 10, silenceMs = 45_000 } = options;
  const place: Place = { lastEventId: options.lastEventId, reconnectMs: RECONNECT_MS, failures: 0 };
  for (;;) {
    let failure: unknown;
    let wait: number | undefined;
    let opened: number | undefined;
    const connection = new Connection(silenceMs, signal);
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (place.lastEventId !== undefined) headers["Last-Event-ID"] = place.lastEventId;
      const response = await fetch(await open(headers, connection.signal));
      if (response.status === 204) return;
      if (response.status !== 200) {
        const refusal = await ProblemError.of(response);
        // A token is asked for anew with each connection: one that ended while the stream was open is not refused here.
        if (!isRefusalForNow(response.status)) throw new Final(refusal);
        wait = retryAfterSeconds(response);
        throw refusal;
      }
      opened = Date.now();
      for await (const event of connection.events(response, place)) {
        const message = event.event === "end" || NEWS.includes(event.event) ? JSON.parse(event.data) : undefined;
        if (message?.type === "end") {
          if (message.reconnectAfterMs === undefined) return;
          wait = message.reconnectAfterMs / 1_000;
          break;
        }
        place.failures = 0;
        // What came before is worth nothing any more; the snapshot behind it has an id of its own.
        place.lastEventId = message?.type === "resync" ? undefined : event.id;
        if (message) yield { id: place.lastEventId, news: message };
      }
    } catch (error) {
      if (error instanceof Final) throw error.refusal;
      if (signal?.aborted) throw signal.reason;
      failure = error;
    } finally {
      connection.close();
    }
    const lasted = opened !== undefined && Date.now() - opened >= LASTING_MS;
    place.failures = lasted ? 0 : place.failures + 1;
    if (place.failures >= attempts) {
      throw failure ?? new Error(`the stream ended ${attempts} times without an event`);
    }
    const own = Math.min(LONGEST_OWN_WAIT_MS, place.reconnectMs * Math.min(8, 2 ** Math.max(0, place.failures - 1)));
    await pause(waitMs(1, wait ?? own / 1_000), signal);
  }
}

/** One connection, which is left when it is silent for too long. */
class Connection {
  readonly #controller = new AbortController();
  readonly #silenceMs: number;
  readonly signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(silenceMs: number, signal?: AbortSignal) {
    this.#silenceMs = silenceMs;
    this.signal = signal ? AbortSignal.any([signal, this.#controller.signal]) : this.#controller.signal;
    this.#watch();
  }

  async *events(response: Response, place: Place): AsyncGenerator<ServerSentEvent> {
    const reader = response.body!.getReader();
    const parser = new EventParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#watch();
      const events = parser.push(value);
      place.reconnectMs = Math.min(LONGEST_OWN_WAIT_MS, parser.reconnectMs ?? place.reconnectMs);
      for (const event of events) {
        // The reader may take its time: only silence of the server counts.
        clearTimeout(this.#timer);
        // The parser is a new one each time: until an event names an id, that of the last connection counts.
        yield { ...event, id: event.id ?? place.lastEventId };
        this.#watch();
      }
    }
  }

  close() {
    clearTimeout(this.#timer);
    this.#controller.abort(new Error("the stream is closed"));
  }

  #watch() {
    clearTimeout(this.#timer);
    const silent = () => this.#controller.abort(new Error(`the stream was silent for ${this.#silenceMs} ms`));
    this.#timer = setTimeout(silent, Math.min(LONGEST_TIMER_MS, this.#silenceMs));
  }
}

/** A refusal that no later try changes. */
class Final extends Error {
  constructor(readonly refusal: ProblemError) {
    super(refusal.message);
  }
}
