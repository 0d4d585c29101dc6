/**
 * Serves the example page on this machine, and passes its WebSocket on to the presence role, so that both have one origin as
 * behind an ingress. `make presence-page` starts it; `make up` in another terminal is what it talks to.
 * Not for production: it serves this folder's files and nothing else, and lets anybody on this machine cut a connection.
 */

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../", import.meta.url);
const FILE = /^\/(?:page\/(?:index\.html|page\.css|page\.js|view\.js)|client\/[a-z-]+\.js)$/;
const TYPES = { html: "text/html", css: "text/css", js: "text/javascript" };
const HEADERS = {
  "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; img-src data:; frame-ancestors 'none'",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
};

/** Serves the page on a port of 127.0.0.1 (0 is a free one) over a presence role; resolves with the server. */
export function serve({ port, presence }) {
  const upstream = new URL(presence);
  /** The sockets of a page, by the id that it gave itself. */
  const sockets = new Map();
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (request.method === "POST" && url.pathname === "/cut") {
      sockets.get(url.searchParams.get("page"))?.destroy();
      return response.writeHead(204).end();
    }
    void answer(url.pathname, response);
  });
  server.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url, "http://localhost");
    const id = url.searchParams.get("page");
    sockets.set(id, socket);
    socket.on("close", () => sockets.get(id) === socket && sockets.delete(id));
    pass(request, url.pathname, socket, head, upstream);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

async function answer(path, response) {
  if (path === "/") return response.writeHead(302, { Location: "/page/" }).end();
  const file = path === "/page/" ? "/page/index.html" : path;
  if (!FILE.test(file)) return response.writeHead(404).end("There is no such file; the page is /page/.\n");
  try {
    const body = await readFile(new URL(`.${file}`, ROOT));
    const type = `${TYPES[file.split(".").at(-1)]}; charset=utf-8`;
    response.writeHead(200, { ...HEADERS, "Content-Type": type }).end(body);
  } catch {
    response.writeHead(404).end("There is no such file; the page is /page/.\n");
  }
}

/** The page's host goes on with the request: the presence role lets pages of its own origin in. */
function pass(request, path, socket, head, upstream) {
  const onward = connect(Number(upstream.port || 80), upstream.hostname);
  const lines = [`GET ${path} HTTP/1.1`];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
  }
  onward.write(`${lines.join("\r\n")}\r\n\r\n`);
  onward.write(head);
  socket.pipe(onward).pipe(socket);
  for (const [one, other] of [[socket, onward], [onward, socket]]) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
}

/** A person's token, of the Ally that runs here. */
function tokenOf(ally, sub) {
  try {
    return execFileSync(ally, ["token", "--sub", sub], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
  } catch {
    console.error(`${ally} made no token for ${sub}; it says why above.`);
    process.exit(1);
  }
}

async function main() {
  const { ALLY = "target/debug/ally", REALTIME_PRESENCE_SERVICE_PORT = "4103", PAGE_PORT = "4180" } = process.env;
  const { PRESENCE_URL: presence = `http://127.0.0.1:${REALTIME_PRESENCE_SERVICE_PORT}` } = process.env;
  const isThere = await fetch(`${presence}/health/ready`).then((answer) => answer.ok, () => false);
  if (!isThere) {
    console.error(`${presence} is not ready: start it with \`make up\` in another terminal, or set PRESENCE_URL.`);
    process.exit(1);
  }
  const server = await serve({ port: Number(PAGE_PORT), presence });
  console.log("A live room. Open each address in a window of its own; Ctrl-C stops the page.");
  for (const [sub, name] of [["amy", "Amy"], ["bob", "Bob"]]) {
    const here = new URL(`http://127.0.0.1:${server.address().port}/page/`);
    here.hash = new URLSearchParams({ room: "lobby", name, token: tokenOf(ALLY, sub) }).toString();
    console.log(`\n${name}: ${here}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
