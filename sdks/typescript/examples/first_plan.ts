/**
 * An athlete's first plan: answers, the job as it goes on, the plan, and the calendar.
 *
 *     ALLY_URL=http://127.0.0.1:4000 ALLY_TOKEN=$(ally token --sub kim) node built/examples/first_plan.js
 */

import { Ally, unwrap, type Schemas } from "../src/index.js";

const ANSWERS: Schemas["OnboardingAnswers"] = {
  purpose: "general_fitness",
  proficiency: "beginner",
  season: "offseason",
  availabilityDays: ["monday", "thursday"],
  weeklyGoalDays: 2,
  equipment: ["bands"],
  recoveryHabits: ["good_sleep"],
  screening: {
    heartOrBloodPressure: false,
    chestPain: false,
    dizzinessOrFainting: false,
    otherCondition: false,
    medication: false,
    boneOrJoint: false,
    supervisedOnly: false,
  },
};

const { ALLY_URL: url, ALLY_TOKEN: token } = process.env;
if (!url || !token) throw new Error("set ALLY_URL and ALLY_TOKEN");
const ally = new Ally({ url, token });

// The answers are safe once this returns. They promise a job, which makes the first plan.
const { jobId } = unwrap(await ally.api.POST("/api/v1/onboarding", { body: ANSWERS }));
if (!jobId) throw new Error("the answers are not complete");
for await (const { news } of ally.followJob(jobId)) {
  if (news.type === "snapshot") console.log(`snapshot: ${news.jobs.map((job) => job.status).join()}`);
  else if (news.type !== "resync") console.log(`${news.type}: ${news.job.message}`);
}

// Another one, whenever the athlete likes.
const wish = { body: { weeks: 4 }, params: { header: { "Idempotency-Key": "spring-2027" } } };
const asked = unwrap(await ally.api.POST("/api/v1/plans/generate", wish));
const job = await ally.waitForJob(asked.jobId);
console.log(`job ${job.status}: ${job.message}`);

// Theirs is the one that was made last.
const { plan } = unwrap(await ally.api.GET("/api/v1/plans/current"));
console.log(`plan: ${plan.weeks.length} weeks, the first of ${plan.weeks[0]?.sessions.length} sessions`);
const calendar = unwrap(await ally.api.GET("/api/v1/plans/current.ics", { parseAs: "text" }));
console.log(`calendar: ${calendar.split("BEGIN:VEVENT").length - 1} sessions`);
