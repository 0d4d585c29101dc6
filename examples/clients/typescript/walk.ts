/**
 * An athlete's first day with openapi-fetch and the types that openapi-typescript has made of api/openapi.json.
 *
 *     ALLY_URL=http://127.0.0.1:4000 ALLY_TOKEN=$(ally token --sub kim) node built/walk.js
 *
 * The athlete must be a new one: the walk begins before the answers. It meets each status that an app has to know, reads
 * each answer as the type that the document promises, and ends by asking so often that it is refused.
 */

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Problem = components["schemas"]["Problem"];
type Answers = components["schemas"]["OnboardingAnswers"];

const ANSWERS: Answers = {
  purpose: "general_fitness",
  proficiency: "beginner",
  season: "offseason",
  availabilityDays: ["monday", "thursday"],
  weeklyGoalDays: 2,
  equipment: ["bands"],
  recoveryHabits: ["good_sleep"],
};
/** More requests at once than any deployment allows by default. */
const MANY = 2_000;

function variable(name: string): string {
  const value = process.env[name];
  assert(value, `${name} is not set`);
  return value;
}

function clientOf(token: string) {
  return createClient<paths>({ baseUrl: variable("ALLY_URL"), headers: { Authorization: `Bearer ${token}` } });
}

/** The body of an answer that went well. */
function expect<T>(answer: { data?: T; error?: Problem; response: Response }, status: number): T {
  assert.equal(answer.response.status, status, JSON.stringify(answer.error));
  assert(answer.data !== undefined);
  return answer.data;
}

/** The answer is a problem of a kind, which names these fields and no others. */
function refused(answer: { error?: Problem; response: Response }, status: number, kind: string, fields: string[]) {
  const { error: problem, response } = answer;
  assert.equal(response.status, status, JSON.stringify(problem));
  assert(problem, "a refusal has a body");
  assert.equal(problem.type, `/problems/${kind}`);
  assert.equal(problem.status, status);
  assert.deepEqual(
    problem.errors.map((error) => error.field),
    fields,
  );
  console.log(`${status} ${kind}: ${problem.detail}`);
}

const client = clientOf(variable("ALLY_TOKEN"));
const answer = (changed: Answers = {}) => client.POST("/api/v1/onboarding", { body: { ...ANSWERS, ...changed } });
const profile = (of = client) => of.GET("/api/v1/profile");
const readJob = (id: string) => client.GET("/api/v1/jobs/{id}", { params: { path: { id }, query: { wait: 10 } } });

refused(await profile(clientOf("nonsense")), 401, "unauthorized", []);
refused(await client.POST("/api/v1/plans/generate", { body: {} }), 409, "no-profile", []);
refused(await answer({ weeklyGoalDays: 9 }), 400, "validation", ["weeklyGoalDays"]);
refused(await answer({ weeklyGoalDays: 5 }), 422, "contradiction", ["weeklyGoalDays"]);

const accepted = expect(await answer(), 202);
assert(accepted.jobId, "a complete onboarding is answered with its job");
console.log(`202 accepted: job ${accepted.jobId} is ${accepted.status}`);
console.log(`200 profile: ${expect(await profile(), 200).status}`);

// Each of these waits for the end of the job, as long as a request may.
let job = expect(await readJob(accepted.jobId), 200);
while (job.status === "queued" || job.status === "running" || job.status === "retrying") {
  job = expect(await readJob(accepted.jobId), 200);
}
assert.equal(job.status, "completed");
console.log(`200 job: ${job.status}`);
assert(job.planId, "a job that is completed has a plan");
const { plan } = expect(await client.GET("/api/v1/plans/{id}", { params: { path: { id: job.planId } } }), 200);
console.log(`200 plan: ${plan.weeks.length} weeks, the first of ${plan.weeks[0]?.sessions.length} sessions`);

const cancel = { params: { path: { id: accepted.jobId } } };
refused(await client.POST("/api/v1/jobs/{id}/cancel", cancel), 409, "job-state", []);
refused(await readJob("00000000-0000-0000-0000-000000000000"), 404, "not-found", []);

for (let asked = 0; asked < MANY; asked += 1) {
  const last = await profile();
  if (last.response.status !== 200) {
    refused(last, 429, "rate-limited", []);
    assert(Number(last.response.headers.get("Retry-After")) >= 1);
    break;
  }
  assert(asked < MANY - 1, "nobody refused so many requests");
}
