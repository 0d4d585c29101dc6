// Cuts, floods, silence, and servers that end: what happens to the member, to the others, and to the client.

import assert from "node:assert/strict";
import { after, afterEach, describe, test } from "node:test";
import WebSocket from "ws";
import { TRANSPORTS, client, closeAll, command, connected, hangUp, member, members, nodes, room, soon, tokenOf, tokens, Inbox } from "./support.js";

afterEach(closeAll);
after(hangUp);

const leaveOf = (connId) => (event) => event.type === "leave" && event.connId === connId;
/** Breaks the connection without a goodbye. */
const cut = (socket) => socket.io.engine.transport.ws._socket.resetAndDestroy();

/** A client that speaks the protocol itself, to do what no client of the library does. */
async function bare(user, roomId, { pongs = true, read = true } = {}) {
  const socket = new WebSocket(`${nodes[0].replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  const packets = new Inbox();
  socket.on("error", () => {});
  socket.on("close", () => packets.push("closed"));
  socket.on("message", (data) => {
    if (String(data) === "2" && pongs) socket.send("3");
    else packets.push(String(data));
  });
  await packets.until("the session", (packet) => packet.startsWith("0{"));
  socket.send(`40${JSON.stringify({ token: tokens[user] })}`);
  await packets.until("the socket", (packet) => packet.startsWith("40"));
  socket.send(`421["presence:join",${JSON.stringify({ roomId, userId: user })}]`);
  const joined = await packets.until("the join", (packet) => packet.startsWith("431"));
  if (!read) socket.pause();
  return { socket, packets, joined: JSON.parse(joined.slice(3))[0] };
}

test("a cut is a leave at once, and a client that comes back starts afresh: ten in a row, on two nodes", async () => {
  const roomId = room();
  const watcher = await member({ user: "bob", node: 1 }, roomId);
  const amy = client({});
  const joins = new Inbox();
  amy.on("connect", async () => joins.push(await amy.ask("presence:join", { roomId, userId: "amy" })));
  let { self, ok } = await joins.until("the first join", () => true);
  for (let round = 1; round <= 10; round++) {
    assert.ok(ok);
    if (round % 2) await amy.ask("presence:heartbeat", { patchState: { round } });
    cut(amy);
    const left = await watcher.events.until(`leave ${round}`, leaveOf(self.connId));
    assert.equal(left.reason, "cut");
    let snapshot;
    ({ self, ok, snapshot } = await joins.until(`join ${round}`, () => true));
    assert.deepEqual(snapshot.map((one) => one.userId).sort(), ["amy", "bob"], "nobody twice, nobody missing");
    await watcher.events.until(`join ${round} at the other`, (event) => event.type === "join" && event.connId === self.connId);
  }
  const counted = (type) => watcher.events.all.filter((event) => event.type === type).length;
  assert.deepEqual([counted("join"), counted("leave")], [11, 10], "each of them once");
});

test("who says nothing for three times the time to live is there, over every transport", async () => {
  const roomId = room();
  const watcher = await member({ user: "bob" }, roomId);
  const silent = await Promise.all(TRANSPORTS.map((transports) => member({ transports }, roomId)));
  await new Promise((done) => setTimeout(done, 13_000));
  assert.deepEqual(watcher.events.all.map((event) => event.type), ["join", "join", "join"]);
  for (const socket of silent) assert.ok((await socket.ask("presence:heartbeat")).ok, "and the same member");
});

test("who answers no ping is gone within the bound", async () => {
  const roomId = room();
  const watcher = await member({ user: "bob" }, roomId);
  const amy = await bare("amy", roomId, { pongs: false });
  const begun = Date.now();
  const left = await watcher.events.until("the leave", leaveOf(amy.joined.self.connId));
  assert.equal(left.reason, "expired");
  const took = Date.now() - begun;
  assert.ok(took > 1_000, `${took} ms`);
  assert.equal(await amy.packets.until("the end", (packet) => packet === "closed"), "closed");
});

test("a client that does not read is cut off, and costs the others nothing", async () => {
  const roomId = room();
  const amy = await member({}, roomId);
  const watcher = await member({ user: "carol" }, roomId);
  const slow = await bare("bob", roomId, { read: false });
  let page = 0;
  let left;
  watcher.events.until("the leave", leaveOf(slow.joined.self.connId)).then((event) => (left = event));
  while (!left) {
    const patch = () => amy.ask("presence:heartbeat", { patchState: { page: ++page, text: "x".repeat(3_900) } });
    const answers = await Promise.all(Array.from({ length: 20 }, patch));
    assert.ok(answers.every((answer) => answer.changed));
  }
  assert.ok(["cut", "expired"].includes(left.reason), left.reason);
  watcher.events.next = 0;
  await watcher.events.until("the last page", (event) => event.state?.page === page);
  const pages = watcher.events.all.filter((event) => event.type === "update").map((event) => event.state.page);
  assert.deepEqual(pages, [...Array(page).keys()].map((n) => n + 1), "the others missed nothing");
});

describe("bad input", () => {
  test("ends its own connection and nobody else's", async () => {
    const roomId = room();
    const watcher = await member({ user: "bob" }, roomId);
    for (const packet of ["nonsense", "4", "42", "42[", `42["presence:join",{`, "9", `4${"x".repeat(70_000)}`, "451-[\"a\",{\"_placeholder\":true,\"num\":0}]"]) {
      const amy = await bare("amy", roomId);
      const { connId } = amy.joined.self;
      await watcher.events.until("the join", (event) => event.type === "join" && event.connId === connId);
      amy.socket.send(packet);
      // What is not whole is answered or waited for; the client goes on or is cut, and either way nobody is harmed.
      amy.socket.send(`422["presence:leave"]`);
      const left = await watcher.events.until(`the leave behind ${packet.slice(0, 20)}`, leaveOf(connId));
      assert.ok(["left", "cut"].includes(left.reason), left.reason);
      amy.socket.terminate();
    }
    assert.ok((await watcher.ask("presence:heartbeat")).ok);
  });

  test("a flood is refused, and then cut off", async () => {
    const roomId = room();
    const watcher = await member({ user: "bob", node: 2 }, roomId);
    const flood = await member({ node: 2 }, roomId);
    const refused = new Promise((done) => {
      for (let i = 0; i < 400; i++) flood.emit("presence:heartbeat", {}, (answer) => answer.code === "rate_limited" && done(answer));
    });
    assert.match((await soon(refused, "a refusal")).error, /the next one is taken in \d+ ms/);
    assert.deepEqual(await flood.ends.until("the end", () => true), { reason: "flood" });
    assert.equal(await flood.losses.until("the loss", () => true), "io server disconnect");
    await watcher.events.until("the leave", leaveOf(flood.joined.self.connId));
  });
});

test("a socket lives no longer than its token, and comes back with another one", async () => {
  const roomId = room();
  const [first, later] = [tokenOf("amy", 3), tokens.amy];
  let asked = 0;
  const amy = client({ auth: (give) => give({ token: asked++ ? later : first }) });
  await connected(amy);
  assert.ok((await amy.ask("presence:join", { roomId, userId: "amy" })).ok);
  assert.deepEqual(await amy.ends.until("the end", () => true), { reason: "too_old" });
  await amy.losses.until("the loss", () => true);
  await connected(amy);
  assert.ok((await amy.ask("presence:join", { roomId, userId: "amy" })).ok);
  assert.equal((await members(roomId)).length, 1);
});

test("a node that drains says so, and its members have left", async () => {
  const roomId = room();
  const watcher = await member({ user: "bob" }, roomId);
  const [amy, polling] = [await member({ node: 3 }, roomId), await member({ user: "carol", node: 3, transports: ["polling"] }, roomId)];
  const ended = command("drain 3");
  const end = await amy.ends.until("the end", () => true);
  assert.equal(end.reason, "draining");
  assert.ok(end.reconnectAfterMs >= 0);
  // A client between two polls finds nobody any more, and is not told why.
  for (const socket of [amy, polling]) {
    assert.notEqual(await socket.losses.until("the loss", () => true), "io server disconnect", "it comes back by itself");
    watcher.events.next = 0;
    const left = await watcher.events.until("the leave", leaveOf(socket.joined.self.connId));
    assert.equal(left.reason, "drained");
  }
  assert.equal(await ended, "ended with 0");
});

test("a node that is killed takes its members with it, each told once", async () => {
  const roomId = room();
  const watcher = await member({ user: "bob" }, roomId);
  const lost = await Promise.all([...Array(5)].map(() => member({ node: 1, reconnection: false }, roomId)));
  await command("kill 1");
  for (const socket of lost) {
    const left = await watcher.events.until("the leave", (event) => event.type === "leave");
    assert.equal(left.reason, "expired");
    assert.ok(lost.some((one) => one.joined.self.connId === left.connId));
    socket.close();
  }
  assert.deepEqual((await members(roomId)).map((one) => one.userId), ["bob"]);
  assert.equal(watcher.events.all.filter((event) => event.type === "leave").length, 5);
});
