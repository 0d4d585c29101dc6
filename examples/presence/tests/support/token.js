/** Tokens of tests: HS256, as `ally token` makes them, but with any claims. */

import { createHmac } from "node:crypto";

export function tokenOf(secret, claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
