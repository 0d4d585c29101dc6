"""Waits for the end of a job by long polls, each of which sends the state that is known (`ETag`)."""

import math
import time
from collections.abc import Callable
from uuid import UUID

import httpx

from .generated import AuthenticatedClient
from .generated.api.jobs import job as read_job
from .generated.models import Job
from .generated.types import UNSET
from .problem import LONGEST_SECONDS, ProblemError, unwrap
from .retry import is_refusal_for_now, wait_seconds

LONGEST_POLL_SECONDS = 30
"""The server waits no longer."""
SHORTEST_POLL_SECONDS = 0.5
"""Between two polls that were answered at once, by something between that does not know how to wait."""
FAILED_POLL_SECONDS = 2.0
"""After a poll that failed for now, where the server names no time."""


class JobNotEnded(Exception):
    """The time is over and the job goes on. It can be waited for again. `__cause__` is why the last poll failed, where it did."""

    def __init__(self, job_id: UUID, timeout_seconds: float, job: Job | None) -> None:
        status = "not known" if job is None else job.status.value
        super().__init__(f"job {job_id} is {status} after {timeout_seconds} s; wait for it again, or follow it")
        self.job_id = job_id
        self.timeout_seconds = timeout_seconds
        self.job = job


def wait_for_job(
    api: AuthenticatedClient, job_id: UUID, timeout_seconds: float, on_change: Callable[[Job], None] | None
) -> Job:
    end = time.monotonic() + min(LONGEST_SECONDS, timeout_seconds)
    known: Job | None = None
    tag: str | None = None
    failure: Exception | None = None
    while True:
        begun = time.monotonic()
        if begun >= end:
            raise JobNotEnded(job_id, timeout_seconds, known) from failure
        wait = min(LONGEST_POLL_SECONDS, math.ceil(end - begun))
        try:
            answer = read_job.sync_detailed(job_id, client=api, wait=wait, if_none_match=tag or UNSET)
            current = None if answer.status_code == 304 else unwrap(answer, Job)
            failure = None
        except (ProblemError, httpx.TransportError) as error:
            if not _is_for_now(error):
                raise
            failure = error
            after = error.retry_after_seconds if isinstance(error, ProblemError) else None
            pause = wait_seconds(1, FAILED_POLL_SECONDS if after is None else after)
            time.sleep(max(0.0, min(pause, end - time.monotonic())))
            continue
        if current is None:
            time.sleep(max(0.0, SHORTEST_POLL_SECONDS - (time.monotonic() - begun)))
            continue
        known = current
        tag = answer.headers.get("ETag")
        if on_change is not None:
            on_change(known)
        if known.ended:
            return known


def _is_for_now(error: ProblemError | httpx.TransportError) -> bool:
    """A server that is away for a while says nothing about the job."""
    if isinstance(error, ProblemError):
        return is_refusal_for_now(error.status)
    # An address that is none stays none.
    return not isinstance(error, httpx.UnsupportedProtocol)
