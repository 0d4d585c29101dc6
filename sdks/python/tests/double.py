"""A small server that answers as a test wants it to: whole, in pieces of any size, or cut off."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Answer:
    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    pieces: int | None = None
    """The bytes of the body come in pieces of as many; whole where there is none."""
    ends: str = "whole"
    """`whole`; before its end, by a `clean` end or a `reset`; or `never`."""


class Double:
    """Serves until it is closed."""

    def __init__(self, answering: Callable[[Asked, int], Answer]) -> None:
        self.asked: list[Asked] = []
        self._answering = answering
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Double":
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake a thread that accepts.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            asked = _read(connection)
            if asked is not None:
                self.asked.append(asked)
                _write(connection, self._answering(asked, len(self.asked)))
        except OSError:
            pass


def _read(connection: socket.socket) -> Asked | None:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65_536)
        if not chunk:
            return None
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65_536)
    method, path, _ = first.split(" ")
    return Asked(method, path, headers)


def _write(connection: socket.socket, answer: Answer) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    content = answer.body.encode()
    is_chunked = answer.ends in ("clean", "reset")
    headers = {**answer.headers, "connection": "close"}
    if is_chunked:
        headers["transfer-encoding"] = "chunked"
    elif answer.ends == "whole" and answer.status not in (204, 304):
        headers["content-length"] = str(len(content))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    connection.sendall(f"HTTP/1.1 {answer.status} Answer\r\n{lines}\r\n".encode())
    size = answer.pieces or max(1, len(content))
    for at in range(0, len(content), size):
        piece = content[at : at + size]
        connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
    if answer.ends == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if answer.ends != "never":
        connection.close()


def message(event: str, data: Any, id: str | None = None) -> str:
    """A message of a stream as the server writes it."""
    line = "" if id is None else f"id: {id}\n"
    return f"{line}event: {event}\ndata: {json.dumps(data)}\n\n"


def problem(status: int, kind: str, **headers: str) -> Answer:
    body = {
        "type": f"/problems/{kind}",
        "title": kind,
        "status": status,
        "detail": f"because of {kind}",
        "instance": "/",
        "errors": [],
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(body), {"content-type": "application/problem+json", **named})


JOB_ID = "00000000-0000-0000-0000-00000000000a"


def job(status: str, ended: bool) -> dict[str, Any]:
    """A job as the server writes it."""
    return {
        "jobId": JOB_ID,
        "status": status,
        "ended": ended,
        "message": status,
        "progress": 0,
        "attempts": 0,
        "createdAt": "2026-11-27T08:30:02Z",
        "position": "PLANS:1",
        "links": {"self": "/api/v1/jobs/a"},
    }
