"""The client: the operations of the document with tokens and tries, and what takes more than one request."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from .follow import JobNewsItem, follow
from .generated import AuthenticatedClient
from .generated.models import Job
from .jobs import wait_for_job
from .problem import LONGEST_SECONDS
from .retry import RetryingTransport, RetryLimits

Token = str | Callable[[], str]
"""A token, or what gives one: it is called for each request, so that it can hand out a new one in time."""


class Ally:
    """`url` is where Ally is, for example `http://127.0.0.1:4000`. `transport` stands in place of httpx' own.

    `api` is for the functions of `ally_sdk.generated.api`. They raise nothing but what kept a request from an answer: see `unwrap`.
    """

    def __init__(
        self,
        url: str,
        token: Token,
        retry: RetryLimits = RetryLimits(),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._token = token
        inner = transport or httpx.HTTPTransport()
        retrying = RetryingTransport(inner, retry, self._authorization)
        # The transport puts the token of the moment in place of this one.
        self.api = AuthenticatedClient(
            base_url=url.rstrip("/"),
            token="",
            timeout=httpx.Timeout(min(LONGEST_SECONDS, retry.attempt_seconds)),
            httpx_args={"transport": retrying},
        )
        self._streams = httpx.Client(base_url=url.rstrip("/"), transport=inner)

    def wait_for_job(
        self, job_id: UUID, timeout_seconds: float = 600, on_change: Callable[[Job], None] | None = None
    ) -> Job:
        """The job once it has ended, however it has: look at `status`. `on_change` is called with each new state."""
        return wait_for_job(self.api, job_id, timeout_seconds, on_change)

    def follow_job(
        self, job_id: UUID, last_event_id: str | None = None, attempts: int = 10, silence_seconds: float = 45
    ) -> Iterator[JobNewsItem]:
        """What happens to a job: a snapshot, then each event once and in order, until it ends.

        `last_event_id` is that of the last item that was taken; without one the stream begins with a snapshot. `attempts` is how
        often in a row it may fail to bring an event before the last failure is raised. A stream without a byte for
        `silence_seconds` is left; the server sends a comment every 15 seconds.
        """
        return self._follow(f"/api/v1/jobs/{quote(str(job_id), safe='')}/events", last_event_id, attempts, silence_seconds)

    def follow_jobs(
        self, last_event_id: str | None = None, attempts: int = 10, silence_seconds: float = 45
    ) -> Iterator[JobNewsItem]:
        """What happens to all jobs of the athlete. It goes on until you leave it. The rest is as in `follow_job`."""
        return self._follow("/api/v1/events", last_event_id, attempts, silence_seconds)

    def close(self) -> None:
        self._streams.close()
        self.api.get_httpx_client().close()

    def __enter__(self) -> "Ally":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _follow(
        self, path: str, last_event_id: str | None, attempts: int, silence_seconds: float
    ) -> Iterator[JobNewsItem]:
        def connect(headers: dict[str, str]) -> Any:
            headers["Authorization"] = self._authorization()
            return self._streams.stream("GET", path, headers=headers, timeout=min(LONGEST_SECONDS, silence_seconds))

        return follow(connect, last_event_id, attempts)

    def _authorization(self) -> str:
        return f"Bearer {self._token if isinstance(self._token, str) else self._token()}"
