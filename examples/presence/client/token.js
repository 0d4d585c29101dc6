/** Where tokens come from, and when the next one is due. Nothing is verified here: that is the server's. */

import { PresenceError, errorOf } from "./errors.js";

/** A token is replaced when a tenth of its life is left, but not later than this before its end, nor earlier. */
const MIN_MARGIN_MS = 2_000;
const MAX_MARGIN_MS = 120_000;
/** Timers of browsers hold 31 bits. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export class Tokens {
  constructor(source) {
    this.source = source;
  }

  /** Whether another one can be asked for. */
  get renewable() {
    return typeof this.source === "function";
  }

  /** The token to say hello with; nothing where the server trusts its clients. */
  async get() {
    if (!this.renewable) return this.source;
    try {
      const token = await this.source();
      if (typeof token === "string" && token !== "") return token;
    } catch (error) {
      throw errorOf(error, "no_token");
    }
    throw new PresenceError("no_token", "the function `token` gave no text");
  }
}

/** How long until a token is to be replaced, in milliseconds; nothing where it does not say when it ends. */
export function renewalDelay(token, now = Date.now()) {
  const { exp, iat } = claimsOf(token);
  if (typeof exp !== "number") return undefined;
  // By the issuer's clock a token lives from `iat` to `exp`; where this machine's clock is wrong, that is all that is known.
  const life = typeof iat === "number" ? (exp - iat) * 1_000 : Infinity;
  const left = Math.min(exp * 1_000 - now, life);
  const remaining = left > 0 ? left : life;
  if (!Number.isFinite(remaining)) return undefined;
  const margin = Math.min(Math.max(remaining / 10, MIN_MARGIN_MS), MAX_MARGIN_MS);
  return Math.min(Math.max(remaining - margin, remaining / 2), MAX_DELAY_MS);
}

function claimsOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(atob(payload));
    return claims !== null && typeof claims === "object" ? claims : {};
  } catch {
    // A token of another kind is as good; it is replaced when the server says so.
    return {};
  }
}
