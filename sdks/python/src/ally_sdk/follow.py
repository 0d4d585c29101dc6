"""Follows jobs by server-sent events: comes back after every cut, with the id of the last event that came whole."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from .generated.models import JobEvent, JobsResync, JobsSnapshot
from .problem import ProblemError
from .retry import is_refusal_for_now, wait_seconds
from .sse import EventParser, ServerSentEvent

RECONNECT_SECONDS = 2.0
LONGEST_OWN_WAIT_SECONDS = 300.0
"""Where the server names no time."""
LASTING_SECONDS = 10.0
"""A connection that lasted as long was no failure, though nothing happened meanwhile: proxies end what is quiet."""

_NEWS: dict[str, Any] = {"snapshot": JobsSnapshot, "job": JobEvent, "resync": JobsResync}


@dataclass(frozen=True)
class JobNewsItem:
    """Something that a stream says, with the id to come back with: put it beside what you keep."""

    id: str | None
    type: str
    """`snapshot`, `resync`, or what happened to a job: `job.completed`."""
    data: dict[str, Any]
    """As it came."""
    news: JobsSnapshot | JobEvent | JobsResync | None
    """The same, typed; `None` where it is newer than this version."""


@dataclass
class _Place:
    """Where a stream stands, over all of its connections."""

    last_event_id: str | None
    reconnect_seconds: float = RECONNECT_SECONDS
    wait_seconds: float | None = None
    opened: float | None = None
    failures: int = 0
    has_ended: bool = False


def follow(
    connect: Callable[[dict[str, str]], Any],
    last_event_id: str | None,
    attempts: int,
) -> Iterator[JobNewsItem]:
    """The items of a stream until it ends. `connect` opens a new connection each time, as a context."""
    place = _Place(last_event_id)
    while True:
        failure: Exception | None = None
        place.wait_seconds = place.opened = None
        try:
            yield from _connection(connect, place)
            if place.has_ended:
                return
        except ProblemError as refusal:
            # A token is asked for anew with each connection: one that ended while the stream was open is not refused here.
            if not is_refusal_for_now(refusal.status):
                raise
            failure, place.wait_seconds = refusal, refusal.retry_after_seconds
        except (httpx.TransportError, ValueError) as error:
            failure = error
        lasted = place.opened is not None and time.monotonic() - place.opened >= LASTING_SECONDS
        place.failures = 0 if lasted else place.failures + 1
        if place.failures >= attempts:
            raise failure or ConnectionError(f"the stream ended {attempts} times without an event")
        own = min(LONGEST_OWN_WAIT_SECONDS, place.reconnect_seconds * min(8, 2 ** max(0, place.failures - 1)))
        wait = own if place.wait_seconds is None else place.wait_seconds
        time.sleep(wait_seconds(1, wait))


def _connection(connect: Callable[[dict[str, str]], Any], place: _Place) -> Iterator[JobNewsItem]:
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    if place.last_event_id is not None:
        headers["Last-Event-ID"] = place.last_event_id
    with connect(headers) as response:
        if response.status_code == 204:
            place.has_ended = True
            return
        if response.status_code != 200:
            raise ProblemError.of(response.status_code, response.headers, response.read())
        place.opened = time.monotonic()
        for event in _events(response, place):
            data = json.loads(event.data) if event.event == "end" or event.event in _NEWS else {}
            if event.event == "end":
                after_ms = data.get("reconnectAfterMs")
                place.has_ended = after_ms is None
                place.wait_seconds = None if after_ms is None else after_ms / 1000
                return
            place.failures = 0
            # What came before a resync is worth nothing any more; the snapshot behind it has an id of its own.
            place.last_event_id = None if event.event == "resync" else event.id or place.last_event_id
            if event.event in _NEWS:
                yield _item(event, data, place.last_event_id)


def _events(response: httpx.Response, place: _Place) -> Iterator[ServerSentEvent]:
    parser = EventParser()
    for chunk in response.iter_bytes():
        events = parser.push(chunk)
        if parser.reconnect_ms is not None:
            place.reconnect_seconds = min(LONGEST_OWN_WAIT_SECONDS, parser.reconnect_ms / 1000)
        yield from events


def _item(event: ServerSentEvent, data: dict[str, Any], last_event_id: str | None) -> JobNewsItem:
    try:
        news = _NEWS[event.event].from_dict(data)
    except (ValueError, KeyError, TypeError):
        news = None
    return JobNewsItem(last_event_id, data.get("type", event.event), data, news)
