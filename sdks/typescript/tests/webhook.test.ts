import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { verifyWebhook, WebhookVerificationError } from "../src/index.js";

const SECRET = `whsec_${Buffer.from("a secret of 24 bytes....").toString("base64")}`;
const OTHER = `whsec_${Buffer.from("another one, of 24 bytes").toString("base64")}`;
const BODY = '{"type":"job.completed","data":{"jobId":"ä"}}';

/** Signed here by the specification's text, not by its library. */
function signed(secret: string, body: string, agoSeconds = 0): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1_000) - agoSeconds);
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signature = createHmac("sha256", key).update(`msg_1.${timestamp}.${body}`).digest("base64");
  return { "Webhook-Id": "msg_1", "Webhook-Timestamp": timestamp, "Webhook-Signature": `v1a,x v1,${signature}` };
}

test("what is signed is taken, by either secret while they rotate", () => {
  assert.deepEqual(verifyWebhook(BODY, signed(SECRET, BODY), SECRET), JSON.parse(BODY));
  assert.deepEqual(verifyWebhook(BODY, signed(SECRET, BODY), ["", SECRET]), JSON.parse(BODY));
  assert.deepEqual(verifyWebhook(BODY, new Headers(signed(SECRET, BODY)), [OTHER, SECRET]), JSON.parse(BODY));
});

test("what is changed, old, from the future, signed by another or not at all is refused", () => {
  const headers = signed(SECRET, BODY);
  const refused: [string | Uint8Array, Record<string, string>, string | string[]][] = [
    [BODY.replace("completed", "failed"), headers, SECRET],
    [BODY, { ...headers, "Webhook-Id": "msg_2" }, SECRET],
    [BODY, signed(SECRET, BODY, 301), SECRET],
    [BODY, signed(SECRET, BODY, -301), SECRET],
    [BODY, headers, OTHER],
    [BODY, headers, []],
    [BODY, {}, SECRET],
    [BODY, { ...headers, "Webhook-Signature": "nonsense v1" }, SECRET],
    [BODY, headers, "no Base64"],
    [BODY, signed("", BODY), ""],
    [BODY, signed("", BODY), "whsec_"],
    [BODY, signed("", BODY), ["", SECRET]],
    [Buffer.from("ff", "hex"), headers, SECRET],
  ];
  for (const [body, given, secrets] of refused) {
    assert.throws(() => verifyWebhook(body, given, secrets), WebhookVerificationError);
  }
  assert.ok(verifyWebhook(BODY, signed(SECRET, BODY, 290), SECRET));
});

test("a body is taken as the bytes that came", () => {
  const bytes = new TextEncoder().encode(BODY);
  for (const body of [bytes, Buffer.from(bytes)]) {
    assert.deepEqual(verifyWebhook(body, signed(SECRET, BODY), SECRET), JSON.parse(BODY));
  }
});
