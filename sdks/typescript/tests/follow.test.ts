import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setImmediate, setTimeout } from "node:timers/promises";
import { Ally, ProblemError } from "../src/index.js";
import type { JobNewsItem } from "../src/index.js";
import { message, problem, serve, type Answer, type Answering } from "./double.js";

const STREAM = { "content-type": "text/event-stream" };
const JOBS = 8;

function event(number: number): string {
  return message("job", { type: "job.progressed", id: `log-${number}`, at: "2026-11-27T08:30:02Z", job: { progress: number } }, `log-${number}`);
}

/** A stream of all events behind the last id, cut after some bytes. */
function resumed(last: string | null, cut: Partial<Answer> & { bytes?: number }): Answer {
  const after = last === null ? 0 : Number(last.split("-")[1]);
  const events = Array.from({ length: JOBS - after }, (_, index) => event(after + index + 1)).join("");
  const body = `retry: 5\n${events}${message("end", { type: "end", reason: "job_ended" })}`;
  return { status: 200, headers: STREAM, body: body.slice(0, cut.bytes ?? body.length), ...cut };
}

async function clientOf(test: TestContext, answering: Answering) {
  const double = await serve(test, answering);
  return { double, ally: new Ally({ url: double.url, token: "token" }) };
}

async function all(items: AsyncIterable<JobNewsItem>): Promise<JobNewsItem[]> {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

test("each event is seen once and in order, wherever connections are cut and however bytes are split", async (context) => {
  for (const ends of ["clean", "reset"] as const) {
    const { ally, double } = await clientOf(context, (asked, count) => {
      // Each connection gets a little further than an event, by a length that no event has.
      return count < 14 ? resumed(asked.headers.get("last-event-id"), { bytes: 150 + count * 7, pieces: 1 + (count % 5), ends }) : resumed(asked.headers.get("last-event-id"), {});
    });
    const seen = await all(ally.followJob("a", { attempts: 50 }));
    assert.deepEqual(seen.map((item) => item.id), Array.from({ length: JOBS }, (_, index) => `log-${index + 1}`));
    assert.ok(double.asked.length > 3, `${double.asked.length} connections`);
    assert.equal(double.asked[0]?.headers.get("authorization"), "Bearer token");
  }
});

test("a refusal for now is waited out as long as the server says", async (context) => {
  const refusals = [problem(429, "rate-limited", { "retry-after": "1" }), problem(503, "overloaded", { "retry-after": "0" })];
  const { ally, double } = await clientOf(context, (asked, count) => refusals[count - 1] ?? resumed(asked.headers.get("last-event-id"), {}));
  const begun = Date.now();
  assert.equal((await all(ally.followJob("a"))).length, JOBS);
  assert.ok(Date.now() - begun >= 1_000, "Retry-After is obeyed");
  assert.equal(double.asked.length, 3);
});

test("a page of another origin may send what a stream is opened with", async (context) => {
  const requests: Request[] = [];
  const double = await serve(context, () => ({ status: 204 }));
  const open = (request: Request) => {
    requests.push(request);
    return fetch(request);
  };
  await all(new Ally({ url: double.url, token: "token", fetch: open }).followJob("a", { lastEventId: "log-8" }));
  assert.deepEqual(requests.map((request) => [...request.headers.keys()]), [["accept", "authorization", "last-event-id"]]);
  assert.equal(requests[0]?.cache, "no-store");
});

test("204 ends it, and so does an end without a time to come back", async (context) => {
  const { ally, double } = await clientOf(context, () => ({ status: 204 }));
  assert.deepEqual(await all(ally.followJob("a", { lastEventId: "log-8" })), []);
  assert.equal(double.asked[0]?.headers.get("last-event-id"), "log-8");
  assert.equal(double.asked.length, 1);
});

test("an end with a time is come back from with the last id", async (context) => {
  const end = message("end", { type: "end", reason: "draining", reconnectAfterMs: 1 });
  const { ally, double } = await clientOf(context, (asked, count) =>
    count === 1 ? { status: 200, headers: STREAM, body: event(1) + end } : resumed(asked.headers.get("last-event-id"), {}),
  );
  assert.equal((await all(ally.followJobs())).length, JOBS);
  assert.equal(double.asked[1]?.headers.get("last-event-id"), "log-1");
  assert.equal(double.asked[1]?.path, "/api/v1/events");
});

test("after a resync the last id is forgotten", async (context) => {
  const { ally, double } = await clientOf(context, (_, count) => {
    const resync = message("resync", { type: "resync", reason: "unknown_position" });
    return count === 1 ? { status: 200, headers: STREAM, body: `retry: 5\n${resync}`, ends: "reset" } : resumed(null, {});
  });
  const seen = await all(ally.followJob("a", { lastEventId: "other-9" }));
  assert.equal(seen[0]?.news.type, "resync");
  assert.equal(seen.length, JOBS + 1);
  assert.deepEqual(double.asked.map((asked) => asked.headers.get("last-event-id")), ["other-9", null]);
});

test("events of another kind are left out, and their ids count", async (context) => {
  const { ally, double } = await clientOf(context, (asked, count) =>
    count === 1
      ? { status: 200, headers: STREAM, body: `retry: 5\n${message("weather", { rain: true }, "log-3")}`, ends: "clean" }
      : resumed(asked.headers.get("last-event-id"), {}),
  );
  assert.equal((await all(ally.followJob("a"))).length, JOBS - 3);
  assert.equal(double.asked[1]?.headers.get("last-event-id"), "log-3");
});

test("a refusal for good is thrown at once", async (context) => {
  for (const [status, kind] of [[401, "unauthorized"], [404, "not-found"]] as const) {
    const { ally, double } = await clientOf(context, () => problem(status, kind));
    await assert.rejects(all(ally.followJob("a")), (error) => error instanceof ProblemError && error.kind === kind);
    assert.equal(double.asked.length, 1);
  }
});

test("a silent stream is left, and failures without end are thrown", async (context) => {
  const { ally, double } = await clientOf(context, () => ({ status: 200, headers: STREAM, body: "retry: 5\n\n", ends: "never" }));
  await assert.rejects(all(ally.followJob("a", { attempts: 3, silenceMs: 300 })), /silent for 300 ms/);
  assert.equal(double.asked.length, 3);
});

test("the time that a reader takes for an item is no silence of the server", async () => {
  const signals: AbortSignal[] = [];
  const open = async (request: Request) => {
    signals.push(request.signal);
    const parts = [event(1), event(2), message("end", { type: "end", reason: "job_ended" })];
    const pull = (controller: ReadableStreamDefaultController) => controller.enqueue(new TextEncoder().encode(parts.shift()));
    // One part for each read, so that the second is still to come while the reader has the first.
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { headers: STREAM });
  };
  const ally = new Ally({ url: "http://ally.example", token: "token", fetch: open });
  for await (const item of ally.followJob("a", { silenceMs: 20 })) {
    await setTimeout(60);
    assert.equal(signals[0]?.aborted, false, item.id);
  }
  assert.equal(signals.length, 1);
});

test("only a wait of its own has a limit", async (context) => {
  const answers = [
    () => new Response(null, { status: 503, headers: { "retry-after": "3600" } }),
    () => new Response("retry: 99999999\n\n", { headers: STREAM }),
    () => new Response(null, { status: 204 }),
  ];
  let asked = 0;
  const open = async () => answers[(asked += 1) - 1]!();
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const ended = all(new Ally({ url: "http://ally.example", token: "token", fetch: open }).followJob("a"));
  for (const [seconds, requests] of [[3_599, 1], [362, 2], [299, 2], [32, 3]] as const) {
    await setImmediate();
    await setImmediate();
    context.mock.timers.tick(seconds * 1_000);
    await setImmediate();
    await setImmediate();
    assert.equal(asked, requests, `after ${seconds} seconds more`);
  }
  assert.deepEqual(await ended, []);
});

test("a signal ends it", async (context) => {
  const { ally } = await clientOf(context, () => ({ status: 200, headers: STREAM, body: event(1), ends: "never" }));
  const leaving = new AbortController();
  await assert.rejects(async () => {
    for await (const item of ally.followJob("a", { signal: leaving.signal })) leaving.abort(new Error(`left at ${item.id}`));
  }, /left at log-1/);
});

test("a token is asked for anew with each connection", async (context) => {
  let count = 0;
  const double = await serve(context, (asked, asks) => (asks === 1 ? problem(503, "draining") : resumed(asked.headers.get("last-event-id"), {})));
  const ally = new Ally({ url: double.url, token: () => `token-${(count += 1)}` });
  await all(ally.followJob("a"));
  assert.deepEqual(double.asked.map((asked) => asked.headers.get("authorization")), ["Bearer token-1", "Bearer token-2"]);
});
