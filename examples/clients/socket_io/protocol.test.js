// Every event and every error of the protocol, over each transport and after the upgrade.

import assert from "node:assert/strict";
import { after, afterEach, describe, test } from "node:test";
import WebSocket from "ws";
import { TRANSPORTS, client, closeAll, connected, hangUp, http, member, members, nodes, room, soon, tokens } from "./support.js";

afterEach(closeAll);
after(hangUp);

const of = (type, connId) => (event) => event.type === type && event.connId === connId;

for (const transports of TRANSPORTS) {
  describe(`over ${transports.join(" and then ")}`, () => {
    test("a join is answered with who is there, and the others get an event", async () => {
      const roomId = room();
      const amy = await member({ transports }, roomId, { mood: "calm" });
      const { snapshot, self } = amy.joined;
      assert.equal(typeof self.connId, "string");
      assert.ok(Number.isSafeInteger(self.epoch) && self.epoch > 0, `${self.epoch}`);
      assert.deepEqual(
        snapshot.map(({ lastSeenMs, ...rest }) => rest),
        [{ connId: self.connId, userId: "amy", state: { mood: "calm" }, epoch: self.epoch }],
      );
      assert.ok(Math.abs(snapshot[0].lastSeenMs - Date.now()) < 60_000);

      const bob = await member({ user: "bob", transports }, roomId);
      assert.deepEqual(bob.joined.snapshot.map((one) => one.userId).sort(), ["amy", "bob"]);
      const { ts, ...event } = await amy.events.until("the join", of("join", bob.joined.self.connId));
      const { connId, epoch } = bob.joined.self;
      assert.deepEqual(event, { type: "join", roomId, userId: "bob", connId, state: {}, epoch });
      assert.ok(Math.abs(ts - Date.now()) < 60_000);
    });

    test("a heartbeat says whether it changed anything, and a change is an event with the whole state", async () => {
      const roomId = room();
      const amy = await member({ transports }, roomId, { mood: "calm", page: 1 });
      const bob = await member({ user: "bob", transports }, roomId);
      const { connId, epoch } = amy.joined.self;
      assert.deepEqual(await amy.ask("presence:heartbeat"), { ok: true, changed: false, epoch });
      assert.deepEqual(await amy.ask("presence:heartbeat", { epoch }), { ok: true, changed: false, epoch });
      assert.deepEqual(await amy.ask("presence:heartbeat", { patchState: { page: 1 } }), { ok: true, changed: false, epoch });
      assert.deepEqual(await amy.ask("presence:heartbeat", { patchState: { page: 2 }, epoch }), { ok: true, changed: true, epoch });
      const { ts, ...event } = await bob.events.until("the update", of("update", connId));
      assert.deepEqual(event, { type: "update", roomId, userId: "amy", connId, state: { mood: "calm", page: 2 }, epoch });
      assert.equal(bob.events.all.length, 1, "an unchanged heartbeat is no event");
    });

    test("who leaves has left at once, and may join again", async () => {
      const [roomId, other] = [room(), room()];
      const amy = await member({ transports }, roomId);
      const bob = await member({ user: "bob", transports }, roomId);
      assert.deepEqual(await amy.ask("presence:leave"), { ok: true });
      const left = await bob.events.until("the leave", of("leave", amy.joined.self.connId));
      assert.deepEqual([left.reason, left.userId, left.roomId, left.state], ["left", "amy", roomId, null]);
      const again = await amy.ask("presence:join", { roomId: other, userId: "amy" });
      assert.ok(again.ok && again.self.connId !== amy.joined.self.connId, JSON.stringify(again));
    });

    test("a disconnect leaves", async () => {
      const roomId = room();
      const amy = await member({ transports }, roomId);
      const bob = await member({ user: "bob", transports }, roomId);
      amy.disconnect();
      const left = await bob.events.until("the leave", of("leave", amy.joined.self.connId));
      assert.equal(left.reason, "left");
      assert.deepEqual((await members(roomId)).map((one) => one.userId), ["bob"]);
    });

    test("every change comes once and in its order", async () => {
      const roomId = room();
      const amy = await member({ transports }, roomId);
      const bob = await member({ user: "bob", transports }, roomId);
      const patches = Array.from({ length: 100 }, (_, page) => amy.ask("presence:heartbeat", { patchState: { page } }));
      assert.ok((await Promise.all(patches)).every((answer) => answer.ok && answer.changed));
      await bob.events.until("the last", (event) => event.state.page === 99);
      assert.deepEqual(bob.events.all.map((event) => event.state.page), [...Array(100).keys()]);
    });

    test("every failure is answered, with a code", async () => {
      const big = { text: "x".repeat(5_000) };
      const amy = client({ transports });
      await connected(amy);
      const refused = async (code, event, ...payload) => {
        const answer = await amy.ask(event, ...payload);
        assert.equal(answer.ok, false, JSON.stringify(answer));
        assert.equal(answer.code, code, JSON.stringify(answer));
        assert.ok(answer.error.length > 20, answer.error);
      };
      await refused("not_joined", "presence:heartbeat", {});
      await refused("not_joined", "presence:leave");
      await refused("malformed", "presence:join");
      await refused("malformed", "presence:join", "lobby");
      await refused("malformed", "presence:join", [1, 2]);
      await refused("malformed", "presence:join", { roomId: 7, userId: "amy" });
      await refused("malformed", "presence:join", { roomId: "", userId: "amy" });
      await refused("malformed", "presence:join", { roomId: "r", userId: "amy", state: "calm" });
      await refused("malformed", "presence:join", { roomId: "r", userId: "amy", bytes: Buffer.from("abc") });
      await refused("state_too_large", "presence:join", { roomId: "r", userId: "amy", state: big });
      await refused("wrong_user", "presence:join", { roomId: "r", userId: "bob" });
      await refused("unknown_event", "presence:dance", {});
      await refused("unknown_event", "message");
      const roomId = room();
      const joined = await amy.ask("presence:join", { roomId, userId: "amy" });
      const { epoch } = joined.self;
      await refused("already_joined", "presence:join", { roomId: "other", userId: "amy" });
      await refused("malformed", "presence:heartbeat", { epoch: "9" });
      await refused("malformed", "presence:heartbeat", { patchState: [] });
      await refused("state_too_large", "presence:heartbeat", { patchState: big });
      await refused("unknown_epoch", "presence:heartbeat", { epoch: epoch + 1_000_000 });
      await refused("stale_epoch", "presence:heartbeat", { epoch: 1 });
      assert.deepEqual(await amy.ask("presence:heartbeat"), { ok: true, changed: false, epoch }, "as good as before");
    });

    test("the token opens rooms, and others stay shut", async () => {
      const guest = client({ user: "guest", transports });
      await connected(guest);
      const shut = await guest.ask("presence:join", { roomId: "secret", userId: "guest" });
      assert.equal(shut.code, "forbidden", JSON.stringify(shut));
      const open = await guest.ask("presence:join", { roomId: `open-${room()}`, userId: "guest" });
      assert.ok(open.ok, JSON.stringify(open));
      const mute = await guest.ask("presence:heartbeat", { patchState: { a: 1 } });
      assert.equal(mute.code, "forbidden", JSON.stringify(mute));
    });

    test("without a token that counts nobody connects", async () => {
      for (const auth of [{}, { token: "no.such.token" }, { token: 7 }]) {
        const stranger = client({ auth, transports, reconnection: false });
        const error = await soon(new Promise((done) => stranger.once("connect_error", done)), "the refusal");
        assert.match(error.message, auth.token === 7 ? /^malformed: / : /^unauthorized: /);
      }
    });

    test("members of one way in see those of the others", async () => {
      const roomId = room();
      const amy = await member({ transports }, roomId);
      const entered = await http("bob", "POST", `/rooms/${roomId}/join`, { state: { by: "http" } });
      const event = await amy.events.until("the join by a request", of("join", entered.connId));
      assert.deepEqual(event.state, { by: "http" });
      const plain = new WebSocket(`${nodes[0].replace("http", "ws")}/ws/v1/presence`, {
        headers: { authorization: `Bearer ${tokens.carol}` },
      });
      await soon(new Promise((done) => plain.once("open", done)), "the plain WebSocket");
      plain.send(JSON.stringify({ type: "join", id: 1, room: roomId }));
      await amy.events.until("the join by a plain WebSocket", (one) => one.type === "join" && one.userId === "carol");
      const doors = (await members(roomId)).map((one) => `${one.userId} ${one.door}`).sort();
      assert.deepEqual(doors, ["amy socket_io", "bob http", "carol websocket"]);
      plain.close();
      const left = await amy.events.until("its leave", (one) => one.type === "leave" && one.userId === "carol");
      assert.equal(left.reason, "left");
    });
  });
}

for (const transports of TRANSPORTS) {
  test(`an operator removes a member, who does not come back by itself, over ${transports.join(" and then ")}`, async () => {
    const roomId = room();
    const amy = await member({ transports }, roomId);
    const bob = await member({ user: "bob" }, roomId);
    await http("operator", "POST", `/rooms/${roomId}/members/${amy.joined.self.connId}/kick`);
    assert.deepEqual(await amy.ends.until("the end", () => true), { reason: "kicked" });
    assert.equal(await amy.losses.until("the loss", () => true), "io server disconnect");
    const left = await bob.events.until("the leave", of("leave", amy.joined.self.connId));
    assert.equal(left.reason, "kicked");
  });
}

test("a change and a goodbye at once: the change counts, and the member has left", async () => {
  const roomId = room();
  const bob = await member({ user: "bob" }, roomId);
  for (let round = 0; round < 10; round++) {
    const amy = await member({}, roomId);
    amy.emit("presence:heartbeat", { patchState: { round } });
    amy.disconnect();
    const left = await bob.events.until("the leave", of("leave", amy.joined.self.connId));
    assert.equal(left.reason, "left");
  }
});

test("an upgrade that comes to nothing costs the session nothing", async () => {
  const roomId = room();
  const watcher = await member({ user: "bob" }, roomId);
  const amy = await member({ transports: ["polling"] }, roomId);
  const probe = () => new WebSocket(`${nodes[0].replace("http", "ws")}/socket.io/?EIO=4&transport=websocket&sid=${amy.io.engine.id}`);
  const silent = probe();
  await soon(new Promise((done) => silent.once("open", done)), "the probe");
  const second = probe();
  const refusal = new Promise((done) => {
    second.once("unexpected-response", (request, answer) => {
      request.destroy();
      done(answer.statusCode);
    });
  });
  const status = await soon(refusal, "the refusal");
  assert.equal(status, 400, "one at a time");
  silent.terminate();
  await new Promise((done) => silent.once("close", done));
  assert.deepEqual((await amy.ask("presence:heartbeat", { patchState: { still: "there" } })).changed, true);
  await watcher.events.until("the update", of("update", amy.joined.self.connId));
});

test("an upgrade that breaks off in the middle ends the session, and the client comes back", async () => {
  const roomId = room();
  const watcher = await member({ user: "bob" }, roomId);
  const amy = await member({ transports: ["polling"] }, roomId);
  const probe = new WebSocket(`${nodes[0].replace("http", "ws")}/socket.io/?EIO=4&transport=websocket&sid=${amy.io.engine.id}`);
  probe.once("open", () => probe.send("2probe"));
  await soon(new Promise((done) => probe.once("message", done)), "the probe's answer");
  probe.terminate();
  const left = await watcher.events.until("the leave", of("leave", amy.joined.self.connId));
  assert.equal(left.reason, "cut");
  await amy.losses.until("the loss", () => true);
  await connected(amy);
});

test("attachments are not held, and who tries token after token is cut off", async () => {
  const bare = () => new WebSocket(`${nodes[0].replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  const closed = (socket) => soon(new Promise((done) => socket.once("close", done)), "the cut");
  const hoarder = bare();
  hoarder.once("open", () => {
    hoarder.send('458-["presence:join",{"_placeholder":true,"num":0}]');
    for (let i = 0; i < 4; i++) hoarder.send(Buffer.alloc(60_000));
  });
  await closed(hoarder);
  const thief = bare();
  thief.once("open", () => {
    for (let i = 0; i < 10; i++) thief.send('40{"token":"no.such.token"}');
  });
  await closed(thief);
});

test("who is a room's only and many times there is one member for each connection", async () => {
  const roomId = room();
  const first = await member({}, roomId);
  const second = await member({ node: 1 }, roomId);
  assert.equal(second.joined.snapshot.length, 2);
  const stats = await http("amy", "GET", `/rooms/${roomId}/stats`);
  assert.deepEqual([stats.members, stats.users], [2, 1]);
  second.disconnect();
  await first.events.until("the leave", of("leave", second.joined.self.connId));
});

test("what is no Socket.IO is refused", async () => {
  for (const query of ["", "EIO=3&transport=polling", "EIO=4", "EIO=4&transport=pigeon", "EIO=4&transport=polling&sid=none"]) {
    const answer = await fetch(`${nodes[0]}/socket.io/?${query}`);
    assert.equal(answer.status, 400, query);
    assert.match(answer.headers.get("content-type"), /problem\+json/);
  }
  const upgrade = await fetch(`${nodes[0]}/socket.io/?EIO=4&transport=websocket`);
  assert.equal(upgrade.status, 400);
});
