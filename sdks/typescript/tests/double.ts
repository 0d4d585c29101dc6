/** A small server that answers as a test wants it to: whole, in pieces of any size, or cut off. */

import { createServer, type Server } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { TestContext } from "node:test";

export interface Asked {
  method: string;
  path: string;
  headers: Headers;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** The bytes of the body come in pieces of as many; whole where there is none. */
  pieces?: number;
  /** How the answer ends: as it should, by a clean end before its end, by a reset, or never. */
  ends?: "whole" | "clean" | "reset" | "never";
}

export type Answering = (asked: Asked, count: number) => Answer;

export interface Double {
  url: string;
  asked: Asked[];
}

/** Serves until the test ends. */
export async function serve(test: TestContext, answering: Answering): Promise<Double> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => sockets.delete(socket));
    let received = "";
    socket.on("data", (bytes) => {
      received += bytes.toString("latin1");
      const request = whole(received);
      if (request) {
        received = "";
        asked.push(request);
        void answer(socket, answering(request, asked.length));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function whole(received: string): Asked | undefined {
  const [head, ...rest] = received.split("\r\n\r\n");
  if (head === undefined || rest.length === 0) return undefined;
  const [first, ...lines] = head.split("\r\n");
  const headers = new Headers(lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
  if (rest.join("\r\n\r\n").length < Number(headers.get("content-length") ?? 0)) return undefined;
  const [method = "", path = ""] = first?.split(" ") ?? [];
  return { method, path, headers };
}

async function answer(socket: Socket, { status, headers = {}, body = "", pieces, ends = "whole" }: Answer) {
  const bytes = Buffer.from(body);
  const length = ends === "whole" ? { "content-length": String(bytes.length) } : {};
  const all = { ...headers, ...(status === 204 ? {} : length), connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const chunked = ends === "clean" || ends === "reset" ? "transfer-encoding: chunked\r\n" : "";
  socket.write(`HTTP/1.1 ${status} Answer\r\n${lines.join("")}${chunked}\r\n`);
  const size = pieces ?? Math.max(1, bytes.length);
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    const written = chunked ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]) : piece;
    await new Promise<void>((resolve) => socket.write(written, () => resolve()));
    // Each piece becomes one read of the client, as far as an operating system lets anybody say so.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  if (ends === "reset") socket.resetAndDestroy();
  else if (ends !== "never") socket.end();
}

/** A message of a stream as the server writes it. */
export function message(event: string, data: unknown, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function problem(status: number, kind: string, headers: Record<string, string> = {}): Answer {
  const body = { type: `/problems/${kind}`, title: kind, status, detail: `because of ${kind}`, instance: "/", errors: [] };
  return { status, headers: { "content-type": "application/problem+json", ...headers }, body: JSON.stringify(body) };
}
