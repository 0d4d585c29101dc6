"""An athlete's first day, with every refusal that an app has to know.

    ALLY_URL=http://127.0.0.1:4000 ALLY_TOKEN=$(ally token --sub kim) python3 walk.py

The athlete must be a new one: the walk begins before the answers. It meets each status, reads each answer as the type that the
document promises, asks so often that it is refused, and goes on all the same.
"""

import os
from typing import Any, TypeVar
from uuid import UUID

from ally_sdk import Ally, ProblemError, RetryLimits, unwrap
from ally_sdk.generated.api.jobs import cancel_job, generate_plan, job
from ally_sdk.generated.api.onboarding import answer_onboarding, profile
from ally_sdk.generated.api.plans import plan
from ally_sdk.generated.models import (
    JobStatus,
    OnboardingAnswer,
    OnboardingAnswers,
    PlanDocument,
    PlanWish,
    Profile,
)
from ally_sdk.generated.types import Response

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


def expect(response: Response[Any], status: int, kind: type[T]) -> T:
    """The answer's body, which has the type that the document promises for the status."""
    assert response.status_code == status, f"{response.status_code}: {response.content!r}"
    return unwrap(response, kind)


def refused(response: Response[Any], status: int, kind: str, fields: list[str]) -> None:
    """The answer is a problem of a kind, which names these fields and no others."""
    try:
        unwrap(response, object)
    except ProblemError as error:
        assert (error.status, error.kind) == (status, kind), error
        assert [wrong.field for wrong in error.errors] == fields, error
        print(f"{status} {kind}: {error.problem.detail}")
    else:
        raise AssertionError(f"{response.status_code} is no refusal: {response.content!r}")


def walk(url: str, token: str) -> None:
    def client_of(token: str, attempts: int = 1) -> Ally:
        return Ally(url, token, RetryLimits(attempts=attempts))

    def answer(**changed: Any) -> Response[Any]:
        return answer_onboarding.sync_detailed(client=client, body=OnboardingAnswers.from_dict({**ANSWERS, **changed}))

    ally = client_of(token)
    client = ally.api
    refused(profile.sync_detailed(client=client_of("nonsense").api), 401, "unauthorized", [])
    refused(generate_plan.sync_detailed(client=client, body=PlanWish()), 409, "no-profile", [])
    refused(answer(weeklyGoalDays=9), 400, "validation", ["weeklyGoalDays"])
    refused(answer(weeklyGoalDays=5), 422, "contradiction", ["weeklyGoalDays"])

    accepted = expect(answer(), 202, OnboardingAnswer)
    assert isinstance(accepted.job_id, UUID), accepted
    print(f"202 accepted: job {accepted.job_id} is {accepted.status.value}")
    state = expect(profile.sync_detailed(client=client, position=accepted.position), 200, Profile)
    print(f"200 profile: revision {state.revision}")

    ended = ally.wait_for_job(accepted.job_id)
    assert ended.status == JobStatus.COMPLETED and isinstance(ended.plan_id, UUID), ended
    print(f"200 job: {ended.status.value}")
    made = expect(plan.sync_detailed(ended.plan_id, client=client), 200, PlanDocument)
    print(f"200 plan: {len(made.plan.weeks)} weeks, the first of {len(made.plan.weeks[0].sessions)} sessions")

    refused(cancel_job.sync_detailed(accepted.job_id, client=client), 409, "job-state", [])
    refused(job.sync_detailed(UUID(int=0), client=client), 404, "not-found", [])

    answers = (profile.sync_detailed(client=client) for _ in range(MANY))
    last = next(answer for answer in answers if answer.status_code != 200)
    refused(last, 429, "rate-limited", [])
    assert int(last.headers["Retry-After"]) >= 1

    # With tries the same client lives on: it comes back as late as `Retry-After` says.
    state = expect(profile.sync_detailed(client=client_of(token, 5).api), 200, Profile)
    print(f"200 profile: revision {state.revision}")


walk(os.environ["ALLY_URL"], os.environ["ALLY_TOKEN"])
