/** What an app may write with the client, and what the types catch. Nothing here runs: `tsc` reads it. */

import { connect, PresenceError, type Member, type Presence } from "../client/ally-presence.js";

interface Mood {
  [key: string]: unknown;
  name: string;
  typing?: boolean;
}

export async function app(url: URL): Promise<void> {
  const presence: Presence<Mood> = connect<Mood>({ url, token: async () => "a token", reconnect: { baseMs: 100 } });
  const stop: () => void = presence.on("leave", ({ member, reason, last }) => {
    const name: string = member.state.name;
    const why: "left" | "expired" | "cut" | "kicked" | "drained" | "replaced" = reason;
    console.log(name, why, last);
  });
  presence.on("status", ({ status, retryInMs }) => console.log(status, retryInMs ?? 0));
  presence.on("end", ({ error }) => console.log(error.code === "kicked"));
  try {
    await presence.join("lobby", { state: { name: "Amy" }, audience: "full" });
    const { changed } = await presence.patch({ typing: true });
    console.log(changed, presence.self?.state.name, presence.counts.users ?? 0);
  } catch (error) {
    if (error instanceof PresenceError && error.code === "room_full") console.log(error.message);
  }
  const members: Member<Mood>[] = [...presence.members.values()];
  console.log(members.length, presence.complete);
  stop();
  await presence.leave();
  presence.close();
}

export function mistakes(presence: Presence<Mood>): void {
  // @ts-expect-error A state is an object.
  void presence.join("lobby", { state: "calm" });
  // @ts-expect-error There is no such audience.
  void presence.observe("lobby", { audience: "some" });
  // @ts-expect-error The keys have types.
  void presence.patch({ name: 7 });
  // @ts-expect-error There is no such event.
  presence.on("leaves", () => {});
  // @ts-expect-error Members are kept by the client.
  presence.members.clear();
  // @ts-expect-error A client needs a server.
  connect({ token: "a token" });
  // @ts-expect-error There is no such code.
  console.log(new PresenceError("gone", "").code === "lost");
}
