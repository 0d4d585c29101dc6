"""An athlete's first day with a client that openapi-python-client has made of api/openapi.json.

    ALLY_URL=http://127.0.0.1:4000 ALLY_TOKEN=$(ally token --sub kim) python3 walk.py

The athlete must be a new one: the walk begins before the answers. It meets each status that an app has to know, checks that
the answer has the type that the document promises, and ends by asking so often that it is refused.
"""

import os
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from ally_client import AuthenticatedClient
from ally_client.api.jobs import cancel_job, generate_plan, job
from ally_client.api.onboarding import answer_onboarding, profile
from ally_client.api.plans import plan
from ally_client.models import (
    Job,
    JobStatus,
    OnboardingAnswer,
    OnboardingAnswers,
    PlanDocument,
    PlanWish,
    Problem,
    Profile,
)
from ally_client.types import Response

ANSWERS: dict[str, Any] = {
    "purpose": "general_fitness",
    "proficiency": "beginner",
    "season": "offseason",
    "availabilityDays": ["monday", "thursday"],
    "weeklyGoalDays": 2,
    "equipment": ["bands"],
    "recoveryHabits": ["good_sleep"],
}
# More requests at once than any deployment allows by default.
MANY = 2_000

T = TypeVar("T")


def expect(response: Response[Any], status: HTTPStatus, kind: type[T]) -> T:
    """The answer's body, which has the type that the document promises for the status."""
    assert response.status_code == status, f"{response.status_code}: {response.content!r}"
    assert isinstance(response.parsed, kind), f"{response.parsed!r} is no {kind.__name__}"
    return response.parsed


def refused(response: Response[Any], status: HTTPStatus, kind: str, fields: list[str]) -> None:
    """The answer is a problem of a kind, which names these fields and no others."""
    problem = expect(response, status, Problem)
    assert problem.type_ == f"/problems/{kind}", problem
    assert problem.status == status, problem
    assert [error.field for error in problem.errors] == fields, problem
    print(f"{status.value} {kind}: {problem.detail}")


def walk(url: str, token: str) -> None:
    def client_of(token: str) -> AuthenticatedClient:
        # A status that the document does not name is an error and not a silent `None`.
        return AuthenticatedClient(base_url=url, token=token, raise_on_unexpected_status=True, timeout=60)

    def answer(**changed: Any) -> Response[Any]:
        return answer_onboarding.sync_detailed(client=client, body=OnboardingAnswers.from_dict({**ANSWERS, **changed}))

    client = client_of(token)
    refused(profile.sync_detailed(client=client_of("nonsense")), HTTPStatus.UNAUTHORIZED, "unauthorized", [])
    refused(generate_plan.sync_detailed(client=client, body=PlanWish()), HTTPStatus.CONFLICT, "no-profile", [])
    refused(answer(weeklyGoalDays=9), HTTPStatus.BAD_REQUEST, "validation", ["weeklyGoalDays"])
    refused(answer(weeklyGoalDays=5), HTTPStatus.UNPROCESSABLE_ENTITY, "contradiction", ["weeklyGoalDays"])

    accepted = expect(answer(), HTTPStatus.ACCEPTED, OnboardingAnswer)
    assert isinstance(accepted.job_id, UUID), accepted
    print(f"202 accepted: job {accepted.job_id} is {accepted.status.value}")
    state = expect(profile.sync_detailed(client=client, position=accepted.position), HTTPStatus.OK, Profile)
    print(f"200 profile: revision {state.revision}")

    # Each of these waits for the end of the job, as long as a request may.
    while True:
        current = expect(job.sync_detailed(accepted.job_id, client=client, wait=10), HTTPStatus.OK, Job)
        if current.status not in (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.RETRYING):
            break
    assert current.status == JobStatus.COMPLETED and isinstance(current.plan_id, UUID), current
    print(f"200 job: {current.status.value}")
    made = expect(plan.sync_detailed(current.plan_id, client=client), HTTPStatus.OK, PlanDocument)
    print(f"200 plan: {len(made.plan.weeks)} weeks, the first of {len(made.plan.weeks[0].sessions)} sessions")

    refused(cancel_job.sync_detailed(accepted.job_id, client=client), HTTPStatus.CONFLICT, "job-state", [])
    refused(job.sync_detailed(UUID(int=0), client=client), HTTPStatus.NOT_FOUND, "not-found", [])

    answers = (profile.sync_detailed(client=client) for _ in range(MANY))
    last = next(answer for answer in answers if answer.status_code != HTTPStatus.OK)
    refused(last, HTTPStatus.TOO_MANY_REQUESTS, "rate-limited", [])
    assert int(last.headers["Retry-After"]) >= 1


walk(os.environ["ALLY_URL"], os.environ["ALLY_TOKEN"])
