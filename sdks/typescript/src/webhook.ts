/** Verifies what a webhook of Ally delivers, by the library of the Standard Webhooks specification. */

import { Webhook, WebhookVerificationError } from "standardwebhooks";

export { WebhookVerificationError };

type HeaderSource = Headers | Record<string, string | string[] | undefined>;

/**
 * The event of a delivery. `body` is the body as it came, before anybody parsed it; `secrets` are those of the endpoint
 * (`whsec_…`), two while one replaces the other. What is not signed by one of them, or is older than five minutes, is a
 * `WebhookVerificationError`: answer it with 400.
 */
export function verifyWebhook<T = unknown>(body: string, headers: HeaderSource, secrets: string | string[]): T {
  const signed = {
    "webhook-id": header(headers, "webhook-id"),
    "webhook-timestamp": header(headers, "webhook-timestamp"),
    "webhook-signature": header(headers, "webhook-signature"),
  };
  let failure: unknown = new WebhookVerificationError("no secret was given");
  for (const secret of [secrets].flat()) {
    try {
      return new Webhook(secret).verify(body, signed) as T;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function header(headers: HeaderSource, name: string): string {
  if (headers instanceof Headers) return headers.get(name) ?? "";
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return [found ?? ""].flat().join(" ");
}
