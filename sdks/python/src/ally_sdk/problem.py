"""Problems (RFC 9457): what every refusal is, with its kind as a word."""

import json
import time
from email.utils import parsedate_to_datetime
from typing import Any, Mapping, TypeVar

from .generated.models import Problem
from .generated.types import Response

PREFIX = "/problems/"
LONGEST_TEXT = 200
LONGEST_SECONDS = 365.0 * 24 * 60 * 60
"""A longer time is taken for a year, since a longer sleep is an error."""

T = TypeVar("T")


class ProblemError(Exception):
    """A refusal, raised.

    `kind` is what it is, by name (`validation`); a client that does not know one goes by `status`. `errors` names each field
    that is wrong, and `retry_after_seconds` is how long to wait before the next try, where the answer said so.
    """

    def __init__(self, problem: Problem, retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{problem.status} {problem.type_}: {problem.detail}")
        self.problem = problem
        self.kind = problem.type_.removeprefix(PREFIX)
        self.status = problem.status
        self.errors = problem.errors
        self.retry_after_seconds = retry_after_seconds

    @staticmethod
    def of(status: int, headers: Mapping[str, str], content: bytes) -> "ProblemError":
        """Of an answer, which something between may have written: then it is no problem document."""
        document = problem_document(status, content)
        return ProblemError(Problem.from_dict(document), retry_after_seconds(headers))


def unwrap(response: Response[Any], kind: type[T]) -> T:
    """The body of an answer that went well, which is of a type; a refusal is raised as a `ProblemError`."""
    if response.status_code >= 400:
        raise ProblemError.of(int(response.status_code), response.headers, response.content)
    if not isinstance(response.parsed, kind):
        raise TypeError(f"the answer ({int(response.status_code)}) is no {kind.__name__} but {response.parsed!r}")
    return response.parsed


def problem_document(status: int, content: bytes) -> dict[str, Any]:
    """The problem document of an answer; one of its status where it has none."""
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if isinstance(document, dict) and isinstance(document.get("type"), str) and isinstance(document.get("status"), int):
        defaults = {"title": document["type"], "detail": "", "instance": "", "errors": []}
        return {**defaults, **document}
    text = content.decode("utf-8", "replace").strip()[:LONGEST_TEXT]
    detail = text or f"the answer has no problem document ({status})"
    return {
        "type": "about:blank",
        "title": "No problem document",
        "status": status,
        "detail": detail,
        "instance": "",
        "errors": [],
    }


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """What `Retry-After` says in seconds, whichever of its two forms it has; a year at most."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    if value.isascii() and value.strip().isdigit():
        return min(LONGEST_SECONDS, float(value))
    try:
        return min(LONGEST_SECONDS, max(0.0, parsedate_to_datetime(value).timestamp() - time.time()))
    except ValueError:
        return None
