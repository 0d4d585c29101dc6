"""Tries again what was refused for now, or never arrived, within limits."""

import random
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from .problem import LONGEST_SECONDS, PREFIX, problem_document, retry_after_seconds

FIRST_WAIT_SECONDS = 0.25
"""The first wait where the server names none; it doubles."""
LONGEST_OWN_WAIT_SECONDS = 10.0
KEY = "Idempotency-Key"
OPERATOR = "/api/v1/operator/"
KEYED_OF_OPERATORS = re.compile(r"webhooks(/[^/]+/(secret|ping))?")
"""The commands of operators that take a key; the others have an effect each time."""
OVERLOADED = PREFIX + "overloaded"


@dataclass(frozen=True)
class RetryLimits:
    """How often and how long a request is tried.

    `attempts` counts the first one too. `total_seconds` is for all of them with the waits between: a longer wait is not begun, the
    refusal is handed on. `attempt_seconds` is for one silence of the server, which answers a long poll within 30 seconds.
    """

    attempts: int = 5
    total_seconds: float = 60.0
    attempt_seconds: float = 45.0


class RetryingTransport(httpx.BaseTransport):
    """A transport with tries. Every command gets a key, so that a second try is the same command."""

    def __init__(self, inner: httpx.BaseTransport, limits: RetryLimits, authorization: Callable[[], str]) -> None:
        self._inner = inner
        self._limits = limits
        self._authorization = authorization

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if request.method == "POST" and _takes_key(request.url.path):
            request.headers.setdefault(KEY, str(uuid.uuid4()))
        end = time.monotonic() + self._limits.total_seconds
        attempt = 1
        while True:
            request.headers["Authorization"] = self._authorization()
            is_last = attempt >= self._limits.attempts
            response = None
            try:
                response = self._whole(request)
                if is_last or not _is_for_now(request, response):
                    return response
            except httpx.TransportError:
                if is_last or not _is_repeatable(request):
                    raise
            wait = wait_seconds(attempt, None if response is None else retry_after_seconds(response.headers))
            if time.monotonic() + wait > end:
                if response is not None:
                    return response
                message = f"{request.method} {request.url} got no answer within {self._limits.total_seconds} s"
                raise httpx.ConnectTimeout(message, request=request)
            time.sleep(wait)
            attempt += 1

    def _whole(self, request: httpx.Request) -> httpx.Response:
        """An answer with its body, so that one that is cut off anywhere is asked for again."""
        response = self._inner.handle_request(request)
        response.request = request
        try:
            response.read()
        finally:
            response.close()
        if response.status_code < 400:
            return response
        # The generated client reads a problem document whatever came.
        document = problem_document(response.status_code, response.content)
        named = {name: response.headers[name] for name in response.headers if name.lower() not in _OF_THE_BODY}
        return httpx.Response(response.status_code, headers=named, json=document, request=request)

    def close(self) -> None:
        self._inner.close()


_OF_THE_BODY = {"content-length", "content-type", "content-encoding", "transfer-encoding"}


def is_refusal_for_now(status: int) -> bool:
    """Whether a refusal may be another one later, where the same request can be sent any number of times."""
    return status in (408, 429) or status >= 500


def wait_seconds(attempt: int, after_seconds: float | None) -> float:
    """As long as the server says and a little longer, so that clients do not come back all at once; else more each time."""
    if after_seconds is not None:
        after_seconds = min(LONGEST_SECONDS, after_seconds)
        return after_seconds + random.uniform(0, max(0.25, after_seconds / 10))
    most = min(LONGEST_OWN_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
    return random.uniform(most / 2, most)


def _takes_key(path: str) -> bool:
    """Athletes' commands all take a key, or do the same when they come twice."""
    _, is_operators, command = path.partition(OPERATOR)
    return not is_operators or KEYED_OF_OPERATORS.fullmatch(command) is not None


def _is_for_now(request: httpx.Request, response: httpx.Response) -> bool:
    """429 and `overloaded` refuse a request before anything is done.

    After the others it may have been carried out, also after another 503: a proxy answers so when the server goes away while it
    works.
    """
    if response.status_code == 429:
        return True
    if response.status_code not in (500, 502, 503, 504):
        return False
    return _is_repeatable(request) or (response.status_code == 503 and response.json()["type"] == OVERLOADED)


def _is_repeatable(request: httpx.Request) -> bool:
    return request.method in ("GET", "HEAD") or KEY in request.headers
