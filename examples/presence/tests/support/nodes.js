/**
 * The real nodes of a test: `ALLY_PRESENCE_URLS` and, where a test may kill them, `ALLY_PRESENCE_PIDS`, each separated by commas;
 * `ALLY_JWT_SECRET` signs the tokens. `tests/it/presence/javascript.rs` starts them; connections count as gone after 4 s of
 * silence, the grace is 1.5 s.
 */

import { tokenOf } from "./token.js";

const list = (variable) => (process.env[variable] ?? "").split(",").filter(Boolean);

/** `{ http, url, pid }` of each node. */
export const nodes = list("ALLY_PRESENCE_URLS").map((http, at) => ({
  http,
  url: `${http.replace("http", "ws")}/ws/v1/presence`,
  pid: Number(list("ALLY_PRESENCE_PIDS")[at]),
}));

/** Why a test is skipped; false where there are nodes. */
export const skip = nodes.length === 0 && "ALLY_PRESENCE_URLS is not set: run it by `make test`, which starts nodes";

/** A person's token. */
export function tokenFor(sub, seconds = 3_600) {
  const iat = Math.floor(Date.now() / 1_000);
  return tokenOf(process.env.ALLY_JWT_SECRET, { sub, iat, exp: iat + seconds });
}

/** A room that no other test is in. */
export function newRoom() {
  return `room-${crypto.randomUUID()}`;
}
