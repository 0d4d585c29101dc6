import assert from "node:assert/strict";
import { test } from "node:test";
import { EventParser } from "../src/sse.js";

const TEXT = "\uFEFFretry: 1500\r\nid: 1\r\nevent: job\r\ndata: {\"ä\":\"🏋\"}\r\n\r\n: a comment\n\nevent: end\rdata: one\rdata: two\r\r";
const EVENTS = [
  { event: "job", data: '{"ä":"🏋"}', id: "1" },
  { event: "end", data: "one\ntwo", id: "1" },
];

test("events are the same wherever their bytes are cut", () => {
  const bytes = new TextEncoder().encode(TEXT);
  for (let first = 0; first <= bytes.length; first += 1) {
    for (let second = first; second <= bytes.length; second += 1) {
      const parser = new EventParser();
      const parts = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
      assert.deepEqual(parts.flatMap((part) => parser.push(part)), EVENTS, `cut at ${first} and ${second}`);
      assert.equal(parser.reconnectMs, 1_500);
    }
  }
});

test("an event that is not whole is none", () => {
  const parser = new EventParser();
  assert.deepEqual(parser.push(new TextEncoder().encode("id: 2\nevent: job\ndata: {}\n")), []);
});

test("an event without end is refused", () => {
  const parser = new EventParser();
  const piece = new TextEncoder().encode("data: " + "x".repeat(1_024 * 1_024) + "\n");
  assert.throws(() => {
    for (let count = 0; count < 10; count += 1) parser.push(piece);
  }, /longer than/);
  const [other, lines] = [new EventParser(), new TextEncoder().encode("event\n".repeat(64 * 1_024))];
  assert.throws(() => {
    for (let count = 0; count < 200; count += 1) other.push(lines);
  }, /longer than/);
});
