/** Tries again what was refused for now, or never arrived, within limits. */

import { ProblemError, retryAfterSeconds } from "./problem.js";

/** How often and how long a request is tried. */
export interface RetryLimits {
  /** Requests altogether, the first included. */
  attempts: number;
  /** Milliseconds for all of them with the waits between. A longer wait is not begun: the refusal is handed on. */
  totalMs: number;
  /** Milliseconds for one of them. The server answers a long poll within 30 seconds. */
  attemptMs: number;
}

export const DEFAULT_LIMITS: RetryLimits = { attempts: 5, totalMs: 60_000, attemptMs: 45_000 };

/** The first wait where the server names none; it doubles. */
const FIRST_WAIT_MS = 250;
const LONGEST_OWN_WAIT_MS = 10_000;
/** A longer one, about 25 days, ends at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
const KEY = "Idempotency-Key";
const OPERATOR = "/api/v1/operator/";
/** The commands of operators that take a key; the others have an effect each time. */
const KEYED_OF_OPERATORS = /^webhooks(\/[^/]+\/(secret|ping))?$/;

/** Errors that kept a request from an answer; not those of the caller's own functions. */
const failures = new WeakSet<object>();

export type Fetch = (request: Request) => Promise<Response>;

/** A `fetch` with tries. Every command gets a key, so that a second try is the same command. */
export function retryingFetch(fetch: Fetch, limits: RetryLimits, authorization: () => Promise<string>): Fetch {
  return async (given) => {
    const request = withKey(given);
    const end = Date.now() + limits.totalMs;
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt >= limits.attempts;
      const again = request.clone();
      // Outside the try: what a caller's own function throws is no failure of the network.
      again.headers.set("Authorization", await authorization());
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(Math.min(LONGEST_TIMER_MS, limits.attemptMs))]);
      let response: Response | undefined;
      try {
        response = await whole(await fetch(new Request(again, { signal })));
        if (isLast || !(await isForNow(request, response))) return response;
      } catch (error) {
        if (request.signal.aborted || isLast || !isRepeatable(request)) throw marked(error);
      }
      const wait = waitMs(attempt, response && retryAfterSeconds(response));
      if (Date.now() + wait > end) {
        if (response) return response;
        throw marked(new Error(`${request.method} ${request.url} got no answer within ${limits.totalMs} ms`));
      }
      await pause(wait, request.signal);
    }
  };
}

/** Whether no answer came: the next try may get one. */
export function isTransportFailure(error: unknown): boolean {
  return error instanceof Object && failures.has(error);
}

function marked(error: unknown): unknown {
  if (error instanceof Object) failures.add(error);
  return error;
}

/** Whether a refusal may be another one later, where the same request can be sent any number of times. */
export function isRefusalForNow(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** As long as the server says and a little longer, so that clients do not come back all at once; else more each time. */
export function waitMs(attempt: number, afterSeconds?: number): number {
  if (afterSeconds !== undefined) return afterSeconds * 1_000 + Math.random() * Math.max(250, afterSeconds * 100);
  const most = Math.min(LONGEST_OWN_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  return most / 2 + (Math.random() * most) / 2;
}

/** A wait that ends early, by an error, where the signal is given. */
export function pause(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, Math.min(LONGEST_TIMER_MS, ms));
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** An answer with its body, so that one that is cut off anywhere is asked for again. */
async function whole(answer: Response): Promise<Response> {
  const { status, statusText, headers } = answer;
  const body = await answer.arrayBuffer();
  // After `Connection: close` the platform takes a connection that broke for the end of the body.
  if (/\bjson\b/.test(headers.get("Content-Type") ?? "") && body.byteLength > 0) JSON.parse(new TextDecoder().decode(body));
  // These may have no body, not even an empty one.
  return new Response([204, 205, 304].includes(status) ? null : body, { status, statusText, headers });
}

function withKey(request: Request): Request {
  if (request.method !== "POST" || !takesKey(new URL(request.url).pathname) || request.headers.has(KEY)) return request;
  const keyed = new Request(request);
  keyed.headers.set(KEY, randomKey());
  return keyed;
}

/** Pages that came over plain HTTP have no `crypto.randomUUID`. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Athletes' commands all take a key, or do the same when they come twice. */
function takesKey(path: string): boolean {
  const at = path.indexOf(OPERATOR);
  return at < 0 || KEYED_OF_OPERATORS.test(path.slice(at + OPERATOR.length));
}

/**
 * 429 and `overloaded` refuse a request before anything is done. After the others it may have been carried out, also after
 * another 503: a proxy answers so when the server goes away while it works.
 */
async function isForNow(request: Request, response: Response): Promise<boolean> {
  if (response.status === 429) return true;
  if (![500, 502, 503, 504].includes(response.status)) return false;
  return isRepeatable(request) || (response.status === 503 && (await ProblemError.of(response.clone())).kind === "overloaded");
}

function isRepeatable(request: Request): boolean {
  return ["GET", "HEAD"].includes(request.method) || request.headers.has(KEY);
}
