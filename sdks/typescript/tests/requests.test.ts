import assert from "node:assert/strict";
import { test } from "node:test";
import { Ally, JobNotEnded, PROBLEM_TYPES, ProblemError, unwrap } from "../src/index.js";
import { problem, serve, type Answer } from "./double.js";

const JSON_HEADERS = { "content-type": "application/json" };

function job(status: string, ended: boolean, tag: string): Answer {
  return { status: 200, headers: { ...JSON_HEADERS, etag: `"${tag}"` }, body: JSON.stringify({ jobId: "a", status, ended }) };
}

test("a command is sent again with the same key", async (context) => {
  const answers: Answer[] = [
    problem(503, "overloaded", { "retry-after": "0" }),
    { status: 202, headers: JSON_HEADERS, body: '{"jobId":', ends: "reset" },
    problem(504, "deadline-exceeded"),
    { status: 202, headers: JSON_HEADERS, body: '{"jobId":"a","status":"queued"}' },
  ];
  const double = await serve(context, (_, count) => answers[count - 1] ?? problem(500, "internal"));
  const ally = new Ally({ url: double.url, token: "token" });
  const accepted = unwrap(await ally.api.POST("/api/v1/plans/generate", { body: { weeks: 4 } }));
  assert.equal(accepted.jobId, "a");
  const keys = double.asked.map((asked) => asked.headers.get("idempotency-key"));
  assert.equal(keys.length, 4);
  assert.equal(new Set(keys).size, 1);
  assert.match(keys[0] ?? "", /^[0-9a-f]{32}$/);
});

test("a command has a key of its own on a page that came over plain HTTP", async (context) => {
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  context.after(() => Reflect.deleteProperty(crypto, "randomUUID"));
  const double = await serve(context, () => ({ status: 202, headers: JSON_HEADERS, body: "{}" }));
  const ally = new Ally({ url: double.url, token: "token" });
  for (let count = 0; count < 2; count += 1) await ally.api.POST("/api/v1/plans/generate", { body: {} });
  const keys = double.asked.map((asked) => asked.headers.get("idempotency-key"));
  assert.ok(keys[0] && keys[1] && keys[0] !== keys[1], String(keys));
});

test("a key of the caller's stays", async (context) => {
  const double = await serve(context, () => ({ status: 202, headers: JSON_HEADERS, body: "{}" }));
  const ally = new Ally({ url: double.url, token: "token" });
  await ally.api.POST("/api/v1/plans/generate", { body: {}, params: { header: { "Idempotency-Key": "spring" } } });
  assert.equal(double.asked[0]?.headers.get("idempotency-key"), "spring");
});

const ENDPOINT = { path: { id: "00000000-0000-0000-0000-000000000000" } };

test("a command without a key is not sent again when it may have been carried out", async (context) => {
  for (const [status, kind] of [[503, "draining"], [503, "unavailable"], [504, "deadline-exceeded"]] as const) {
    const double = await serve(context, () => problem(status, kind));
    // Behind a proxy that puts a path before those of the document.
    const ally = new Ally({ url: `${double.url}/ally`, token: "token" });
    const answer = await ally.api.POST("/api/v1/operator/dead-letters/{id}/redrive", { params: ENDPOINT, body: { note: "x" } });
    assert.equal(answer.response.status, status);
    assert.deepEqual(double.asked.map((asked) => asked.headers.get("idempotency-key")), [null]);
  }
});

test("a command without a key is sent again when nothing was done", async (context) => {
  const refusals = [problem(429, "rate-limited", { "retry-after": "0" }), problem(503, "overloaded", { "retry-after": "0" })];
  const double = await serve(context, (_, count) => refusals[count - 1] ?? { status: 200, headers: JSON_HEADERS, body: "{}" });
  const ally = new Ally({ url: double.url, token: "token" });
  const answer = await ally.api.POST("/api/v1/operator/dead-letters/{id}/redrive", { params: ENDPOINT, body: { note: "x" } });
  assert.equal(answer.response.status, 200);
  assert.equal(double.asked.length, 3);
});

test("commands of operators that take a key get one and are sent again with it", async (context) => {
  for (const send of [
    (ally: Ally) => ally.api.POST("/api/v1/operator/webhooks", { body: { app: "a", url: "https://app.example/", types: ["job.completed"] } }),
    (ally: Ally) => ally.api.POST("/api/v1/operator/webhooks/{id}/secret", { params: ENDPOINT }),
    (ally: Ally) => ally.api.POST("/api/v1/operator/webhooks/{id}/ping", { params: ENDPOINT }),
  ]) {
    const unavailable = problem(503, "unavailable", { "retry-after": "0" });
    const double = await serve(context, (_, count) => (count === 1 ? unavailable : { status: 202, headers: JSON_HEADERS, body: "{}" }));
    await send(new Ally({ url: double.url, token: "token" }));
    const [first, second] = double.asked.map((asked) => asked.headers.get("idempotency-key"));
    assert.ok(first, double.asked[0]?.path);
    assert.equal(second, first);
  }
});

test("a token is asked for anew with each request that is sent", async (context) => {
  const double = await serve(context, (_, count) => (count === 1 ? problem(503, "unavailable", { "retry-after": "0" }) : job("completed", true, "1")));
  let count = 0;
  const ally = new Ally({ url: double.url, token: async () => `token-${(count += 1)}` });
  await ally.api.GET("/api/v1/jobs/{id}", { params: { path: { id: "a" } } });
  assert.deepEqual(double.asked.map((asked) => asked.headers.get("authorization")), ["Bearer token-1", "Bearer token-2"]);
});

test("what a token's function throws is thrown at once", async (context) => {
  const double = await serve(context, () => problem(500, "internal"));
  let count = 0;
  const token = () => {
    count += 1;
    throw new Error("signed out");
  };
  await assert.rejects(new Ally({ url: double.url, token }).api.GET("/api/v1/profile"), /signed out/);
  assert.deepEqual([count, double.asked.length], [1, 0]);
});

test("tries have limits", async (context) => {
  const double = await serve(context, () => problem(429, "rate-limited", { "retry-after": "0" }));
  const often = new Ally({ url: double.url, token: "token", retry: { attempts: 3 } });
  assert.equal((await often.api.GET("/api/v1/profile")).response.status, 429);
  assert.equal(double.asked.length, 3);
  const late = await serve(context, () => problem(429, "rate-limited", { "retry-after": "3600" }));
  const short = new Ally({ url: late.url, token: "token", retry: { totalMs: 5_000 } });
  const { error, response } = await short.api.GET("/api/v1/profile");
  assert.equal(late.asked.length, 1, "a wait that is longer than the limit is not begun");
  assert.throws(() => unwrap({ error, response }), (thrown) => thrown instanceof ProblemError && thrown.retryAfterSeconds === 3_600);
});

test("a request that gets no answer in its time is sent again", async (context) => {
  const never: Answer = { status: 200, headers: JSON_HEADERS, body: "{", ends: "never" };
  const double = await serve(context, (_, count) => (count === 1 ? never : job("completed", true, "1")));
  const ally = new Ally({ url: double.url, token: "token", retry: { attempts: 2, attemptMs: 100 } });
  const answer = await ally.api.GET("/api/v1/jobs/{id}", { params: { path: { id: "a" } } });
  assert.equal(unwrap(answer).status, "completed");
  assert.equal(double.asked.length, 2);
});

test("a server that is not there is an error", async () => {
  const ally = new Ally({ url: "http://127.0.0.1:9", token: "token", retry: { attempts: 2 } });
  await assert.rejects(ally.api.GET("/api/v1/profile"));
});

test("a job is waited for with the state that is known", async (context) => {
  const answers: Answer[] = [job("queued", false, "1"), { status: 304 }, job("running", false, "2"), job("completed", true, "3")];
  const double = await serve(context, (_, count) => answers[count - 1] ?? problem(500, "internal"));
  const ally = new Ally({ url: double.url, token: "token" });
  const seen: string[] = [];
  const ended = await ally.waitForJob("a", { onChange: (job) => seen.push(job.status) });
  assert.equal(ended.status, "completed");
  assert.deepEqual(seen, ["queued", "running", "completed"]);
  assert.deepEqual(double.asked.map((asked) => asked.headers.get("if-none-match")), [null, '"1"', '"1"', '"2"']);
  assert.equal(double.asked[0]?.path, "/api/v1/jobs/a?wait=30");
});

test("a job is waited for through failures of the server until the time is over", async (context) => {
  const answers: Answer[] = [
    ...[408, 429, 500, 502, 503, 504].map((status) => problem(status, "made-up", { "retry-after": "0" })),
    { status: 200, headers: JSON_HEADERS, body: "{", ends: "reset" },
    job("completed", true, "1"),
  ];
  const double = await serve(context, (_, count) => answers[count - 1] ?? problem(404, "not-found"));
  const ally = new Ally({ url: double.url, token: "token", retry: { attempts: 1 } });
  assert.equal((await ally.waitForJob("a")).status, "completed");
  assert.equal(double.asked.length, answers.length);
});

test("a server that stays away is the cause of a job that has not ended, and no wait goes beyond the time", async (context) => {
  const double = await serve(context, () => problem(503, "draining", { "retry-after": "3600" }));
  for (const [url, isCause] of [
    [double.url, (cause: unknown) => cause instanceof ProblemError && cause.kind === "draining"],
    ["http://127.0.0.1:9", (cause: unknown) => cause instanceof Error],
  ] as const) {
    const ally = new Ally({ url, token: "token", retry: { attempts: 1 } });
    const begun = Date.now();
    await assert.rejects(ally.waitForJob("a", { timeoutMs: 300 }), (error) => error instanceof JobNotEnded && isCause(error.cause));
    assert.ok(Date.now() - begun < 5_000, url);
  }
});

test("a refusal for good, a token that cannot be had and a signal end the wait at once", async (context) => {
  const double = await serve(context, () => problem(404, "not-found"));
  await assert.rejects(new Ally({ url: double.url, token: "token" }).waitForJob("a"), ProblemError);
  const token = () => Promise.reject(new Error("signed out"));
  await assert.rejects(new Ally({ url: double.url, token }).waitForJob("a"), /signed out/);
  const away = new Ally({ url: "http://127.0.0.1:9", token: "token", retry: { attempts: 1 } });
  await assert.rejects(away.waitForJob("a", { signal: AbortSignal.timeout(100) }), { name: "TimeoutError" });
  assert.equal(double.asked.length, 1);
});

test("times without end are no error", async (context) => {
  const answers: Answer[] = [problem(429, "rate-limited", { "retry-after": "0" }), job("completed", true, "1")];
  const double = await serve(context, (_, count) => answers[count - 1] ?? problem(500, "internal"));
  const ally = new Ally({ url: double.url, token: "token", retry: { totalMs: Infinity, attemptMs: Infinity } });
  assert.equal((await ally.waitForJob("a", { timeoutMs: Infinity })).status, "completed");
});

test("a time to wait is a year at most", async (context) => {
  for (const value of ["9".repeat(400), String(2 ** 31), "Fri, 31 Dec 9999 23:59:59 GMT"]) {
    const double = await serve(context, () => problem(429, "rate-limited", { "retry-after": value }));
    const answer = await new Ally({ url: double.url, token: "token" }).api.GET("/api/v1/profile");
    assert.throws(() => unwrap(answer), (error) => error instanceof ProblemError && error.retryAfterSeconds === 365 * 24 * 60 * 60);
    assert.equal(double.asked.length, 1);
  }
});

test("a job that goes on is no failure of the job", async (context) => {
  const double = await serve(context, () => job("running", false, "1"));
  const ally = new Ally({ url: double.url, token: "token" });
  const waited = ally.waitForJob("a", { timeoutMs: 100 });
  await assert.rejects(waited, (error) => error instanceof JobNotEnded && error.job?.status === "running");
});

test("every kind of problem is typed, and a newer one survives", async (context) => {
  for (const type of [...PROBLEM_TYPES, "/problems/made-up"]) {
    const kind = type.slice("/problems/".length);
    const double = await serve(context, () => problem(422, kind));
    const ally = new Ally({ url: double.url, token: "token" });
    const answer = await ally.api.GET("/api/v1/profile");
    assert.throws(() => unwrap(answer), (error) => error instanceof ProblemError && error.kind === kind && error.status === 422);
  }
});

test("what something between answers is a problem too", async (context) => {
  const double = await serve(context, () => ({ status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad gateway</h1>" }));
  const ally = new Ally({ url: double.url, token: "token", retry: { attempts: 1 } });
  const answer = await ally.api.GET("/api/v1/profile");
  assert.throws(() => unwrap(answer), (error) => {
    return error instanceof ProblemError && error.kind === "about:blank" && error.status === 502 && /Bad gateway/.test(error.message);
  });
});
