// The metadata of channels: set, update, remove, get, their revisions, conflicts, locks, and what the others are sent.

import assert from "node:assert/strict";
import { after, afterEach, describe, test } from "node:test";
import { TRANSPORTS, client, closeAll, connected, hangUp, nodes, room, tokens } from "./support.js";

afterEach(closeAll);
after(hangUp);

const channel = () => ({ channelName: room(), channelType: "doc" });
const item = (key, value, revision) => ({ key, value, ...(revision !== undefined && { revision }) });
const values = (answer) => Object.fromEntries(Object.entries(answer.metadata).map(([key, { value }]) => [key, value]));

async function open(options) {
  const socket = client(options);
  await connected(socket);
  socket.do = async (action, payload) => {
    const answer = await socket.ask(`metadata:${action}Channel`, payload);
    assert.equal(answer.ok, true, JSON.stringify(answer));
    return answer;
  };
  socket.refused = async (code, action, payload) => {
    const answer = await socket.ask(`metadata:${action}Channel`, payload);
    assert.deepEqual([answer.ok, answer.code], [false, code], JSON.stringify(answer));
    assert.ok(answer.error.length > 20, answer.error);
    return answer;
  };
  return socket;
}

const lock = (user, name, method = "POST", body = { ttlMs: 30_000 }) =>
  fetch(`${nodes[0]}/api/v1/presence/locks/${name}`, {
    method,
    headers: { authorization: `Bearer ${tokens[user]}`, "content-type": "application/json" },
    body: method === "GET" ? undefined : JSON.stringify(body),
  });

for (const transports of TRANSPORTS) {
  describe(`over ${transports.join(" and then ")}`, () => {
    test("set, update, remove and get, with revisions", async () => {
      const amy = await open({ transports });
      const where = channel();
      const empty = await amy.do("get", where);
      assert.deepEqual([empty.totalCount, empty.majorRevision, empty.metadata], [0, 0, {}]);
      const set = await amy.do("set", { ...where, data: [item("title", "a"), item("open", true)] });
      assert.deepEqual([set.channelName, set.channelType, set.totalCount], [where.channelName, "doc", 2]);
      assert.deepEqual(values(set), { title: "a", open: true });
      assert.ok(!Number.isNaN(Date.parse(set.timestamp)), set.timestamp);
      const options = { addTimestamp: true, addUserId: true };
      const updated = await amy.do("update", { ...where, data: [item("title", { text: "b" }, set.metadata.title.revision)], options });
      assert.ok(updated.majorRevision > set.majorRevision);
      const { revision, updated: at, authorUid, value } = updated.metadata.title;
      assert.ok(revision > set.metadata.title.revision && !Number.isNaN(Date.parse(at)));
      assert.deepEqual([value, authorUid], [{ text: "b" }, "amy"]);
      assert.deepEqual(updated.metadata.open, set.metadata.open, "the others are as they were");
      const removed = await amy.do("remove", { ...where, data: [{ key: "open" }] });
      assert.deepEqual(values(removed), { title: { text: "b" } });
      const again = await amy.do("remove", { ...where, data: [{ key: "open" }] });
      assert.equal(again.majorRevision, removed.majorRevision, "to remove nothing changes nothing");
      assert.deepEqual((await amy.do("remove", where)).metadata, {});
    });

    test("whoever has looked is sent what others do", async () => {
      const [amy, bob, carol] = await Promise.all(["amy", "bob", "carol"].map((user, node) => open({ user, transports, node: node % 2 })));
      const where = channel();
      await bob.do("get", where);
      await amy.do("set", { ...where, data: [item("a", 1), item("b", 2)] });
      const updated = await amy.do("update", { ...where, data: [item("a", 3)] });
      await amy.do("remove", { ...where, data: [{ key: "b" }] });
      const changes = [];
      for (let i = 0; i < 3; i++) changes.push(await bob.changes.until(`change ${i}`, () => true));
      assert.deepEqual(changes.map((change) => change.operation), ["set", "update", "remove"]);
      assert.deepEqual(changes.map((change) => change.items.map(({ key, value }) => [key, value])), [
        [["a", 1], ["b", 2]],
        [["a", 3]],
        [["b", undefined]],
      ]);
      assert.deepEqual([changes[1].channelName, changes[1].channelType, changes[1].authorUid], [where.channelName, "doc", "amy"]);
      assert.equal(changes[1].majorRevision, updated.majorRevision);
      assert.equal(carol.changes.all.length, 0, "who has not looked is sent nothing");
    });

    test("a conflict is typed and changes nothing", async () => {
      const amy = await open({ transports });
      const where = channel();
      const set = await amy.do("set", { ...where, data: [item("a", 1)] });
      const { revision } = set.metadata.a;
      await amy.do("update", { ...where, data: [item("a", 2, revision)] });
      await amy.refused("METADATA_CONFLICT", "update", { ...where, data: [item("a", 3, revision)] });
      const options = { majorRevision: set.majorRevision };
      await amy.refused("METADATA_CONFLICT", "set", { ...where, data: [], options });
      await amy.refused("METADATA_CONFLICT", "remove", { ...where, options });
      assert.deepEqual(values(await amy.do("get", where)), { a: 2 });
    });

    test("of many who change the same revision one is first", async () => {
      const [amy, bob] = await Promise.all([open({ transports }), open({ user: "bob", transports, node: 1 })]);
      const where = channel();
      let { majorRevision } = await amy.do("set", { ...where, data: [item("n", 0)] });
      for (let round = 1; round <= 5; round++) {
        const options = { majorRevision };
        const data = [item("n", round)];
        const answers = await Promise.all(
          [amy, bob, amy, bob].map((one) => one.ask("metadata:updateChannel", { ...where, data, options })),
        );
        assert.equal(answers.filter((answer) => answer.ok).length, 1, JSON.stringify(answers));
        assert.ok(answers.every((answer) => answer.ok || answer.code === "METADATA_CONFLICT"));
        majorRevision = answers.find((answer) => answer.ok).majorRevision;
      }
    });

    test("a lock is its owner's", async () => {
      const [amy, bob] = await Promise.all([open({ transports }), open({ user: "bob", transports })]);
      const where = channel();
      const lockName = `lock-${where.channelName}`;
      const change = { ...where, data: [item("a", 1)], options: { lockName } };
      await amy.refused("METADATA_LOCK", "set", change);
      assert.equal((await lock("amy", lockName)).status, 200);
      await bob.refused("METADATA_LOCK", "set", change);
      await amy.do("set", change);
      assert.ok((await lock("amy", lockName, "DELETE", {})).ok);
      await amy.refused("METADATA_LOCK", "update", change);
    });

    test("what cannot be is refused", async () => {
      const [amy, guest] = await Promise.all([open({ transports }), open({ user: "guest", transports })]);
      const where = channel();
      await amy.refused("malformed", "get", {});
      await amy.refused("METADATA_INVALID", "get", { channelName: "", channelType: "doc" });
      await amy.refused("METADATA_INVALID", "update", { ...where, data: [] });
      await amy.refused("METADATA_INVALID", "update", { ...where, data: [item("nothing", 1)] });
      await amy.refused("METADATA_INVALID", "set", { ...where, data: [item("", 1)] });
      await amy.refused("METADATA_INVALID", "set", { ...where, data: [item("a", 1), item("a", 2)] });
      await amy.refused("METADATA_INVALID", "set", { ...where, data: [item("a", "x".repeat(33_000))] });
      const many = Array.from({ length: 101 }, (_, n) => item(`key-${n}`, n));
      await amy.refused("METADATA_INVALID", "set", { ...where, data: many });
      await guest.refused("forbidden", "get", where);
      await guest.refused("forbidden", "set", { channelName: "open-doc", channelType: "doc", data: [item("a", 1)] });
      assert.deepEqual((await amy.do("get", where)).metadata, {}, "none of it was done");
    });
  });
}
