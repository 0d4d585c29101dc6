/**
 * Who is in a room, kept by folding what the server sends: pages of a snapshot, events, deltas.
 * Pure: a frame in, what it changed out.
 */

export class Room {
  /** Members by `connId`, in the order in which they became known. */
  members = new Map();
  /** Whether `members` holds everybody. Of a big room it may hold a part, and of no room where only counts are told. */
  complete = false;

  #audience;
  #position;
  #total = 0;
  #users;
  /** Pages of a snapshot are still to come, so that no position is known from which the rest would follow. */
  #paging = false;
  /** Changes were not told one by one, or everything began afresh. */
  #gap = false;
  /** Frames before the answer to the entry are another membership's. */
  #entered = false;

  constructor(audience) {
    this.#audience = audience;
  }

  /** The place of the feed to come back to; nothing where what is known does not add up to it. */
  get position() {
    return this.#paging ? undefined : this.#position;
  }

  get count() {
    return this.complete ? this.members.size : this.#total;
  }

  /** How many users there are; nothing while that was not told. */
  get users() {
    return this.complete ? new Set([...this.members.values()].map(({ userId }) => userId)).size : this.#users;
  }

  /** Takes the answer to a join, a resume or an observe: the frames behind it are this membership's. */
  enter(answer) {
    this.#entered = true;
    this.#total = answer.members;
    this.#position = answer.position;
    // What stands behind it is either all that was missed or everybody.
    this.#paging = !answer.recovered;
  }

  /** Frames count no more until the next entry; what is known stays. */
  interrupt() {
    this.#entered = false;
  }

  /** The rest of the snapshot does not come by itself: the room is a big one. */
  settle() {
    this.#paging = false;
  }

  /** Whether a snapshot is still under way. */
  get paging() {
    return this.#paging;
  }

  /** Begins to take everybody in by pages; the feed goes on meanwhile. */
  beginLoading() {
    this.#gap = false;
  }

  /** A page of members. The last one makes what is known complete, if the feed told every change since the first. */
  load(page) {
    this.#total = page.total;
    for (const member of page.members) {
      // What the feed has told is newer, or follows.
      if (!this.members.has(member.connId)) this.members.set(member.connId, memberOf(member));
    }
    if (!page.more) this.complete = !this.#gap;
  }

  /** Folds a frame: `{ cause, changes }`, or nothing where it changes nothing. */
  fold(frame) {
    if (!this.#entered) return undefined;
    switch (frame.type) {
      case "snapshot":
        return this.#snapshot(frame);
      case "event":
        return this.#change("event", frame, [frame]);
      case "delta":
        this.#total = frame.members;
        this.#users = frame.users;
        // Too many to tell: who is known may be somebody else by now.
        if (!frame.complete) this.complete = !(this.#gap = true);
        return this.#change("delta", frame, frame.changes);
      default:
        // Frames of a newer server are no concern of this client.
        return undefined;
    }
  }

  #snapshot(frame) {
    if (frame.first) this.members.clear();
    this.#gap = true;
    this.#total = frame.total;
    this.#position = frame.position;
    this.#paging = this.#audience === "full" && frame.more;
    if (this.#audience === "full") {
      for (const member of frame.members) this.members.set(member.connId, memberOf(member));
      this.complete = !frame.more;
    }
    return { cause: "snapshot", changes: [] };
  }

  #change(cause, frame, events) {
    this.#position = frame.position;
    const changes = this.#audience === "full" ? events.map((event) => this.#apply(event)).filter(Boolean) : [];
    return { cause, changes };
  }

  #apply(event) {
    const before = this.members.get(event.connId);
    const change = { reason: event.reason, first: event.first, last: event.last, at: new Date(event.ts) };
    if (event.event === "leave") {
      this.members.delete(event.connId);
      // A delta tells the last of a member's changes: one who came and went since was never here.
      if (!before && this.complete) return undefined;
      return { type: "leave", member: before ?? memberOf(event), ...change };
    }
    const member = memberOf({ door: before?.door, ...event });
    this.members.set(event.connId, member);
    // For the same reason one who came and changed since is told as changed.
    const type = event.event === "update" && (before || !this.complete) ? "update" : "join";
    return { type, member, before, ...change };
  }
}

function memberOf({ connId, userId, epoch, state, door }) {
  return Object.freeze({ connId, userId, epoch, state: state ?? {}, door });
}
