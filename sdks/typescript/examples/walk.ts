/**
 * An athlete's first day, with every refusal that an app has to know.
 *
 *     ALLY_URL=http://127.0.0.1:4000 ALLY_TOKEN=$(ally token --sub kim) node built/examples/walk.js
 *
 * The athlete must be a new one: the walk begins before the answers. It meets each status, reads each answer as the type that
 * the document promises, asks so often that it is refused, and goes on all the same.
 */

import assert from "node:assert/strict";
import { Ally, ProblemError, unwrap, type ProblemKind, type Schemas } from "../src/index.js";

const ANSWERS: Schemas["OnboardingAnswers"] = {
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

function clientOf(token: string, attempts = 1) {
  return new Ally({ url: variable("ALLY_URL"), token, retry: { attempts } });
}

/** An answer, as a client receives it. */
interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer that went well. */
function expect<T>(answer: Answered<T>, status: number): T {
  assert.equal(answer.response.status, status, JSON.stringify(answer.error));
  return unwrap(answer);
}

/** The answer is a problem of a kind, which names these fields and no others. */
function refused(answer: Answered<unknown>, status: number, kind: ProblemKind, fields: string[]) {
  assert.throws(
    () => unwrap(answer),
    (error) => {
      assert(error instanceof ProblemError);
      assert.equal(error.kind, kind);
      assert.equal(error.status, status);
      assert.deepEqual(
        error.errors.map((wrong) => wrong.field),
        fields,
      );
      console.log(`${status} ${kind}: ${error.problem.detail}`);
      return true;
    },
  );
}

const ally = clientOf(variable("ALLY_TOKEN"));
const client = ally.api;
const answer = (changed: Schemas["OnboardingAnswers"] = {}) => client.POST("/api/v1/onboarding", { body: { ...ANSWERS, ...changed } });
const profile = (of = client) => of.GET("/api/v1/profile");
const readJob = (id: string) => client.GET("/api/v1/jobs/{id}", { params: { path: { id } } });

refused(await profile(clientOf("nonsense").api), 401, "unauthorized", []);
refused(await client.POST("/api/v1/plans/generate", { body: {} }), 409, "no-profile", []);
refused(await answer({ weeklyGoalDays: 9 }), 400, "validation", ["weeklyGoalDays"]);
refused(await answer({ weeklyGoalDays: 5 }), 422, "contradiction", ["weeklyGoalDays"]);

const accepted = expect(await answer(), 202);
assert(accepted.jobId, "a complete onboarding is answered with its job");
console.log(`202 accepted: job ${accepted.jobId} is ${accepted.status}`);
console.log(`200 profile: ${expect(await profile(), 200).status}`);

const job = await ally.waitForJob(accepted.jobId);
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

// With tries the same client lives on: it comes back as late as `Retry-After` says.
const patient = clientOf(variable("ALLY_TOKEN"), 5);
console.log(`200 profile: ${expect(await profile(patient.api), 200).status}`);
