/** Waits for the end of a job by long polls, each of which sends the state that is known (`ETag`). */

import type { Client } from "openapi-fetch";
import type { components, paths } from "./generated.js";
import { ProblemError, unwrap } from "./problem.js";
import { isRefusalForNow, isTransportFailure, pause, waitMs } from "./retry.js";

export type Job = components["schemas"]["Job"];

export interface WaitOptions {
  /** Milliseconds altogether; ten minutes where nothing else is asked for. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Called with each new state, the last one included. */
  onChange?: (job: Job) => void;
}

/** The time is over and the job goes on. It can be waited for again. `cause` is why the last poll failed, where it did. */
export class JobNotEnded extends Error {
  override readonly name = "JobNotEnded";

  constructor(
    readonly jobId: string,
    readonly timeoutMs: number,
    readonly job: Job | undefined,
    cause?: unknown,
  ) {
    const status = job?.status ?? "not known";
    super(`job ${jobId} is ${status} after ${timeoutMs} ms; wait for it again, or follow it`, cause === undefined ? {} : { cause });
  }
}

/** The server waits no longer. */
const LONGEST_POLL_SECONDS = 30;
/** Between two polls that were answered at once, by something between that does not know how to wait. */
const SHORTEST_POLL_MS = 500;
/** After a poll that failed for now, where the server names no time. */
const FAILED_POLL_SECONDS = 2;

export async function waitForJob(api: Client<paths>, jobId: string, options: WaitOptions = {}): Promise<Job> {
  const { timeoutMs = 600_000, signal, onChange } = options;
  const end = Date.now() + timeoutMs;
  let job: Job | undefined;
  let failure: unknown;
  let tag: string | null = null as string | null;
  for (;;) {
    const begun = Date.now();
    if (begun >= end) throw new JobNotEnded(jobId, timeoutMs, job, failure);
    const wait = Math.min(LONGEST_POLL_SECONDS, Math.ceil((end - begun) / 1_000));
    const header: { "If-None-Match"?: string } = tag === null ? {} : { "If-None-Match": tag };
    let current: Job | undefined;
    try {
      const answer = await api.GET("/api/v1/jobs/{id}", {
        params: { path: { id: jobId }, query: { wait }, header },
        signal: signal ?? null,
      });
      current = answer.response.status === 304 ? undefined : unwrap(answer);
      if (current) tag = answer.response.headers.get("ETag");
      failure = undefined;
    } catch (error) {
      if (signal?.aborted || !isForNow(error)) throw error;
      failure = error;
      const after = (error instanceof ProblemError ? error.retryAfterSeconds : undefined) ?? FAILED_POLL_SECONDS;
      await pause(Math.max(0, Math.min(waitMs(1, after), end - Date.now())), signal);
      continue;
    }
    if (!current) {
      const left = SHORTEST_POLL_MS - (Date.now() - begun);
      if (left > 0) await pause(left, signal);
      continue;
    }
    job = current;
    onChange?.(current);
    if (current.ended) return current;
  }
}

/** A server that is away for a while says nothing about the job. */
function isForNow(error: unknown): boolean {
  return error instanceof ProblemError ? isRefusalForNow(error.status) : isTransportFailure(error);
}
