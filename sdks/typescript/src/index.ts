/** The client of Ally: the types of its OpenAPI document, and a thin layer for what a document cannot say. */

export { Ally, type AllyOptions, type Token } from "./client.js";
export { type FollowOptions, type JobNewsItem } from "./follow.js";
export { JobNotEnded, type WaitOptions } from "./jobs.js";
export { PROBLEM_TYPES, ProblemError, unwrap, type ProblemKind } from "./problem.js";
export { type RetryLimits } from "./retry.js";
export { verifyWebhook, WebhookVerificationError } from "./webhook.js";
export type { components, operations, paths } from "./generated.js";

import type { components } from "./generated.js";

/** The named types of the document, for example `Schemas["PlanDocument"]`. */
export type Schemas = components["schemas"];
