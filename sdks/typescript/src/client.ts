/** The client: the operations of the document with tokens and tries, and what takes more than one request. */

import createClient, { type Client } from "openapi-fetch";
import { follow, type FollowOptions, type JobNewsItem } from "./follow.js";
import type { paths } from "./generated.js";
import { waitForJob, type Job, type WaitOptions } from "./jobs.js";
import { DEFAULT_LIMITS, retryingFetch, type Fetch, type RetryLimits } from "./retry.js";

/** A token, or what gives one: it is called for each request that is sent, repeats included, so that it can hand out a new one in time. */
export type Token = string | (() => string | Promise<string>);

export interface AllyOptions {
  /** Where Ally is, for example `http://127.0.0.1:4000`. */
  url: string;
  token: Token;
  retry?: Partial<RetryLimits>;
  /** In place of the platform's own. */
  fetch?: Fetch;
}

export class Ally {
  /** Every operation of the document. It throws nothing but what kept a request from an answer: see `unwrap`. */
  readonly api: Client<paths>;
  readonly #url: string;
  readonly #token: Token;
  readonly #fetch: Fetch;

  constructor(options: AllyOptions) {
    this.#url = options.url.replace(/\/+$/, "");
    this.#token = options.token;
    this.#fetch = options.fetch ?? ((request) => fetch(request));
    const retrying = retryingFetch(this.#fetch, { ...DEFAULT_LIMITS, ...options.retry }, () => this.#authorization());
    this.api = createClient<paths>({ baseUrl: this.#url, fetch: retrying });
  }

  /** The job once it has ended, however it has: look at `status`. */
  waitForJob(jobId: string, options?: WaitOptions): Promise<Job> {
    return waitForJob(this.api, jobId, options);
  }

  /** What happens to a job: a snapshot, then each event once and in order, until it ends. */
  followJob(jobId: string, options?: FollowOptions): AsyncGenerator<JobNewsItem, void, undefined> {
    return this.#follow(`/api/v1/jobs/${encodeURIComponent(jobId)}/events`, options);
  }

  /** What happens to all jobs of the athlete. It goes on until you leave it. */
  followJobs(options?: FollowOptions): AsyncGenerator<JobNewsItem, void, undefined> {
    return this.#follow("/api/v1/events", options);
  }

  #follow(path: string, options?: FollowOptions) {
    const open = async (headers: Record<string, string>, signal: AbortSignal) => {
      const authorization = await this.#authorization();
      // The header `Cache-Control` would need a preflight that allows it; this asks the same of the platform's own cache.
      return new Request(this.#url + path, { headers: { ...headers, Authorization: authorization }, cache: "no-store", signal });
    };
    return follow(open, this.#fetch, options);
  }

  async #authorization(): Promise<string> {
    return `Bearer ${typeof this.#token === "string" ? this.#token : await this.#token()}`;
  }
}
