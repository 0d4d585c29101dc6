/** Verifies what a webhook of Ally delivers, by the library of the Standard Webhooks specification. */

import { Webhook, WebhookVerificationError } from "standardwebhooks";

export { WebhookVerificationError };

const PREFIX = "whsec_";

type HeaderSource = Headers | Record<string, string | string[] | undefined>;

/**
 * The event of a delivery. `body` is the body as it came, as text or bytes, before anybody parsed it; `secrets` are those of
 * the endpoint (`whsec_…`), two while one replaces the other; an empty one is skipped. What is not signed by one of them, or is
 * older than five minutes, is a `WebhookVerificationError`: answer it with 400.
 */
export function verifyWebhook<T = unknown>(body: string | Uint8Array, headers: HeaderSource, secrets: string | string[]): T {
  const signed = {
    "webhook-id": header(headers, "webhook-id"),
    "webhook-timestamp": header(headers, "webhook-timestamp"),
    "webhook-signature": header(headers, "webhook-signature"),
  };
  const text = textOf(body);
  let failure = new WebhookVerificationError("no secret was given");
  for (const secret of [secrets].flat().filter(hasKey)) {
    try {
      return new Webhook(secret).verify(text, signed) as T;
    } catch (error) {
      // The library takes a secret and a signature apart without a look at what they are.
      failure = error instanceof WebhookVerificationError ? error : malformed(error);
    }
  }
  throw failure;
}

/** A variable that nobody set has no key: with an empty one anybody could sign. */
function hasKey(secret: string): boolean {
  return secret !== "" && secret !== PREFIX;
}

/** The library signs text, or bytes as Node has them and browsers do not. */
function textOf(body: string | Uint8Array): string {
  if (typeof body === "string") return body;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch (error) {
    throw malformed(error);
  }
}

function malformed(error: unknown): WebhookVerificationError {
  return new WebhookVerificationError(`the delivery is malformed: ${error instanceof Error ? error.message : String(error)}`);
}

function header(headers: HeaderSource, name: string): string {
  if (headers instanceof Headers) return headers.get(name) ?? "";
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return [found ?? ""].flat().join(" ");
}
