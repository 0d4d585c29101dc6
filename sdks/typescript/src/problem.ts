/** Problems (RFC 9457): what every refusal is, with its kind as a word. */

import type { components } from "./generated.js";
import { PROBLEM_TYPES } from "./problem_types.js";

export { PROBLEM_TYPES };

export type Problem = components["schemas"]["Problem"];

const PREFIX = "/problems/";
/** A longer time is taken for a year. */
const LONGEST_SECONDS = 365 * 24 * 60 * 60;

/** A type of the document without its path: `validation`. */
export type KnownProblemKind = (typeof PROBLEM_TYPES)[number] extends `${typeof PREFIX}${infer Kind}` ? Kind : never;

/** A kind that this version knows, or a newer one. */
export type ProblemKind = KnownProblemKind | (string & {});

/** A refusal, thrown. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  /** What it is, by name; a client that does not know one goes by `status`. */
  readonly kind: ProblemKind;
  readonly status: number;
  /** Each field that is wrong; empty where none is at fault. */
  readonly errors: Problem["errors"];

  constructor(
    readonly problem: Problem,
    /** Seconds to wait before the next try, where the answer said so. */
    readonly retryAfterSeconds?: number,
  ) {
    super(`${problem.status} ${problem.type}: ${problem.detail}`);
    this.kind = problem.type.startsWith(PREFIX) ? problem.type.slice(PREFIX.length) : problem.type;
    this.status = problem.status;
    this.errors = problem.errors;
  }

  /** Of an answer whose body was not read yet. */
  static async of(response: Response): Promise<ProblemError> {
    const text = await response.text().catch(() => "");
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      body = text;
    }
    return ProblemError.ofBody(response, body);
  }

  /** Of an answer with its body, which something between may have written: then it is no problem document. */
  static ofBody(response: Response, body: unknown): ProblemError {
    const problem = isProblem(body) ? { ...body, errors: body.errors ?? [] } : ofStatus(response, body);
    return new ProblemError(problem, retryAfterSeconds(response));
  }
}

/** The body of an answer that went well; a refusal is thrown. */
export function unwrap<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (!answer.response.ok) throw ProblemError.ofBody(answer.response, answer.error);
  return answer.data as T;
}

/** What `Retry-After` says in seconds, whichever of its two forms it has; a year at most. */
export function retryAfterSeconds(response: Response): number | undefined {
  const value = response.headers.get("Retry-After");
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.min(LONGEST_SECONDS, Math.max(0, seconds));
}

function isProblem(body: unknown): body is Problem {
  const problem = body as Partial<Problem> | null;
  return typeof problem === "object" && typeof problem?.type === "string" && typeof problem.status === "number";
}

function ofStatus(response: Response, body: unknown): Problem {
  const text = typeof body === "string" ? body.trim().slice(0, 200) : "";
  const detail = text || `the answer has no problem document (${response.status})`;
  const title = response.statusText || "No problem document";
  return { type: "about:blank", title, status: response.status, detail, instance: response.url, errors: [] };
}
