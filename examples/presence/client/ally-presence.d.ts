/** The types of `ally-presence.js`. What each frame and code means is in `docs/presence.md`. */

/** A JSON object of at most 4 KiB that a member says of itself. */
export type State = Record<string, unknown>;

/** What a client wants to be told: every change, how many are there, or nothing but its own end. */
export type Audience = "full" | "counts" | "none";

/** `waiting` is the pause before the next attempt; `closed` is for good. */
export type Status = "connecting" | "connected" | "waiting" | "closed";

export type LeaveReason = "left" | "expired" | "cut" | "kicked" | "drained" | "replaced";

/** A refusal of the server. */
export type RefusalCode =
  | "malformed"
  | "unknown_type"
  | "unauthorized"
  | "wrong_user"
  | "forbidden"
  | "not_joined"
  | "already_joined"
  | "room_full"
  | "stale_epoch"
  | "unknown_epoch"
  | "state_too_large"
  | "unresumable"
  | "rate_limited"
  | "too_many_connections"
  | "gone"
  | "busy"
  | "draining"
  | "unavailable";

/** What the client says by itself. */
export type OwnCode = "timeout" | "disconnected" | "closed" | "no_token" | "message_too_large";

/** An end behind which the client does not come back by itself. */
export type EndCode =
  | "left"
  | "kicked"
  | "replaced"
  | "resumed_elsewhere"
  | "flood"
  | "unauthorized"
  | "message_too_large"
  | "text_only"
  | "not_utf8"
  | "protocol";

export type ErrorCode = RefusalCode | OwnCode | EndCode;

export declare class PresenceError extends Error {
  constructor(code: ErrorCode, message: string, options?: ErrorOptions);
  readonly name: "PresenceError";
  readonly code: ErrorCode;
  /** Whether the same may succeed a moment later. */
  readonly passes: boolean;
}

/** Every refusal. */
export declare const REFUSALS: readonly RefusalCode[];

/** One connection in a room. */
export interface Member<S extends State = State> {
  readonly connId: string;
  readonly userId: string;
  readonly epoch: number;
  readonly state: S;
  /** By which way it came in, where that was told. */
  readonly door?: string;
}

/** Oneself as a member. */
export type Self<S extends State = State> = Pick<Member<S>, "connId" | "userId" | "epoch" | "state">;

export interface Joined<S extends State = State> {
  type: "join";
  member: Member<S>;
  /** The user has no other connection in the room. Absent where changes were told together. */
  first?: boolean;
  at: Date;
}

export interface Updated<S extends State = State> {
  type: "update";
  member: Member<S>;
  /** The member before the change, where it was known. */
  before?: Member<S>;
  at: Date;
}

export interface Left<S extends State = State> {
  type: "leave";
  member: Member<S>;
  reason: LeaveReason;
  /** The user has no other connection in the room any more. */
  last?: boolean;
  at: Date;
}

export type Change<S extends State = State> = Joined<S> | Updated<S> | Left<S>;

export interface Events<S extends State = State> {
  /** `members` or `counts` are others than before. After a snapshot, what was known before counts no more. */
  change: { cause: "snapshot" | "event" | "delta"; changes: readonly Change<S>[] };
  join: Joined<S>;
  update: Updated<S>;
  leave: Left<S>;
  /** The server took the client in. `recovered`: nothing was missed or it follows now. `rejoined`: as another member. */
  enter: { room: string; recovered: boolean; rejoined: boolean };
  /** `reason` and `error` say why it waits or is closed, or that the token could not be renewed. */
  status: { status: Status; reason?: string; error?: PresenceError; retryInMs?: number };
  /** The client gives up; `connect` makes another one. */
  end: { reason: ErrorCode; message: string; error: PresenceError };
}

/** What the client needs of a WebSocket: the standard's, of a browser, of Node.js from 22 on, of undici or of ws. */
export interface WebSocketLike {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: any, listener: (event: any) => void, options?: any): void;
}

export interface Options {
  /** `ws://` or `wss://`, with the path `/ws/v1/presence`. */
  url: string | URL;
  /** A token, or where to get one: a function is asked on each connection and before a token ends. */
  token?: string | (() => string | Promise<string>);
  /** Only for servers that let clients in without a token (`PRESENCE_TRUST_USER_IDS`). */
  userId?: string;
  /** Where there is no global one, or it is not to be used. */
  WebSocket?: new (url: string) => WebSocketLike;
  /** How long an answer may take, 15 s by default. The server needs 10 s at most. */
  requestTimeoutMs?: number;
  /** The pause before an attempt is anything up to a bound that doubles from `baseMs` (500) to `maxMs` (30,000). */
  reconnect?: { baseMs?: number; maxMs?: number; random?: () => number };
}

export interface Presence<S extends State = State> {
  readonly status: Status;
  /** Why it is closed, unless `close()` was called. */
  readonly error: PresenceError | undefined;
  readonly room: string | undefined;
  readonly self: Self<S> | undefined;
  /** Members by `connId`, oneself among them. */
  readonly members: ReadonlyMap<string, Member<S>>;
  /** Whether `members` holds everybody; of a big room it may be a part (`load()`). */
  readonly complete: boolean;
  readonly counts: { members: number; users: number | undefined };

  /** Becomes a member; resolves once it is known who is there. */
  join(room: string, options?: { state?: S; audience?: Audience; traceparent?: string }): Promise<void>;
  /** Follows a room without being in it. */
  observe(room: string, options?: { audience?: Audience }): Promise<void>;
  /** Lays keys over the own state. Patches that meet on their way become one. */
  patch(keys: Partial<S>): Promise<{ changed: boolean }>;
  /** Takes in the members of a big room that were not sent. */
  load(): Promise<void>;
  /** Leaves the room and stays connected. */
  leave(): Promise<void>;
  /** Leaves and ends everything. */
  close(): void;
  /** Listens; the function that it gives ends that. */
  on<E extends keyof Events<S>>(event: E, listener: (detail: Events<S>[E]) => void): () => void;
}

/** Connects, and stays connected until `close()`, or until coming back is in vain. */
export declare function connect<S extends State = State>(options: Options): Presence<S>;
