/** Waits for the end of a job by long polls, each of which sends the state that is known (`ETag`). */

import type { Client } from "openapi-fetch";
import type { components, paths } from "./generated.js";
import { unwrap } from "./problem.js";
import { pause } from "./retry.js";

export type Job = components["schemas"]["Job"];

export interface WaitOptions {
  /** Milliseconds altogether; ten minutes where nothing else is asked for. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Called with each new state, the last one included. */
  onChange?: (job: Job) => void;
}

/** The time is over and the job goes on. It can be waited for again. */
export class JobNotEnded extends Error {
  override readonly name = "JobNotEnded";

  constructor(
    readonly jobId: string,
    readonly timeoutMs: number,
    readonly job: Job | undefined,
  ) {
    super(`job ${jobId} is ${job?.status ?? "not known"} after ${timeoutMs} ms; wait for it again, or follow it`);
  }
}

/** The server waits no longer. */
const LONGEST_POLL_SECONDS = 30;
/** Between two polls that were answered at once, by something between that does not know how to wait. */
const SHORTEST_POLL_MS = 500;

export async function waitForJob(api: Client<paths>, jobId: string, options: WaitOptions = {}): Promise<Job> {
  const { timeoutMs = 600_000, signal, onChange } = options;
  const end = Date.now() + timeoutMs;
  let job: Job | undefined;
  let tag: string | null = null as string | null;
  for (;;) {
    const begun = Date.now();
    if (begun >= end) throw new JobNotEnded(jobId, timeoutMs, job);
    const wait = Math.min(LONGEST_POLL_SECONDS, Math.ceil((end - begun) / 1_000));
    const header: { "If-None-Match"?: string } = tag === null ? {} : { "If-None-Match": tag };
    const answer = await api.GET("/api/v1/jobs/{id}", {
      params: { path: { id: jobId }, query: { wait }, header },
      signal: signal ?? null,
    });
    if (answer.response.status === 304) {
      const left = SHORTEST_POLL_MS - (Date.now() - begun);
      if (left > 0) await pause(left, signal);
      continue;
    }
    const current: Job = unwrap(answer);
    tag = answer.response.headers.get("ETag");
    job = current;
    onChange?.(current);
    if (current.ended) return current;
  }
}
