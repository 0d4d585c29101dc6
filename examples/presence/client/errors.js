/**
 * Why something did not happen, and whether the client goes on by itself afterwards.
 * What goes on is decided in `ally-presence.js`; the words here are those of `docs/presence.md`.
 */

/** What the server refuses a message with. */
export const REFUSALS = Object.freeze([
  "malformed",
  "unknown_type",
  "unauthorized",
  "wrong_user",
  "forbidden",
  "not_joined",
  "already_joined",
  "room_full",
  "stale_epoch",
  "unknown_epoch",
  "state_too_large",
  "unresumable",
  "rate_limited",
  "too_many_connections",
  "gone",
  "busy",
  "draining",
  "unavailable",
]);

/** What the client itself says: no answer in time, no connection, `close()` or `leave()` came first, no token to be had. */
export const OWN = Object.freeze(["timeout", "disconnected", "closed", "no_token", "message_too_large"]);

/** Refusals that pass: the same message may be taken a moment later, here or on another node. */
const PASSING = new Set([
  "rate_limited",
  "too_many_connections",
  "busy",
  "draining",
  "unavailable",
  "timeout",
  "disconnected",
  "no_token",
]);

/** Ends behind which a return would fail again, or would fight with whoever asked for the end. */
const FINAL_ENDS = new Map([
  ["left", "the membership was ended by a request of its own user"],
  ["kicked", "an operator removed this member"],
  ["replaced", "the membership is another connection's now"],
  ["resumed_elsewhere", "the membership goes on in another connection, for example in a copy of this tab"],
  ["flood", "more messages were sent than the server takes"],
  ["unauthorized", "the server did not accept the token"],
  ["message_too_large", "a message was larger than the server takes"],
  ["text_only", "a message was no text"],
  ["not_utf8", "a message was no UTF-8"],
  ["protocol", "the WebSocket protocol was broken"],
]);

/** A refusal or a failure. `code` is for programs, `message` for people. */
export class PresenceError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = "PresenceError";
    this.code = code;
  }

  /** Whether the same may succeed a moment later. */
  get passes() {
    return PASSING.has(this.code);
  }
}

/** Any thrown value as a `PresenceError`. */
export function errorOf(error, code) {
  if (error instanceof PresenceError) return error;
  return new PresenceError(code, error instanceof Error ? error.message : String(error), { cause: error });
}

/** Why nobody comes back after an end; nothing when the client is to come back. */
export function finalEnd(reason) {
  return FINAL_ENDS.get(reason);
}
