"""An athlete's first plan: answers, the job as it goes on, the plan, and the calendar.

    ALLY_URL=http://127.0.0.1:4000 ALLY_TOKEN=$(ally token --sub kim) python3 first_plan.py
"""

import os

from ally_sdk import Ally, unwrap
from ally_sdk.generated.api.jobs import generate_plan
from ally_sdk.generated.api.onboarding import answer_onboarding
from ally_sdk.generated.api.plans import current_plan, current_plan_calendar
from ally_sdk.generated.models import (
    AcceptedJob,
    JobEvent,
    JobsSnapshot,
    OnboardingAnswer,
    OnboardingAnswers,
    PlanDocument,
    PlanWish,
)

ANSWERS = {
    "purpose": "general_fitness",
    "proficiency": "beginner",
    "season": "offseason",
    "availabilityDays": ["monday", "thursday"],
    "weeklyGoalDays": 2,
    "equipment": ["bands"],
    "recoveryHabits": ["good_sleep"],
    "screening": {
        "heartOrBloodPressure": False,
        "chestPain": False,
        "dizzinessOrFainting": False,
        "otherCondition": False,
        "medication": False,
        "boneOrJoint": False,
        "supervisedOnly": False,
    },
}


def first_plan(ally: Ally) -> None:
    # The answers are safe once this returns. They promise a job, which makes the first plan.
    answers = OnboardingAnswers.from_dict(ANSWERS)
    answered = unwrap(answer_onboarding.sync_detailed(client=ally.api, body=answers), OnboardingAnswer)
    for item in ally.follow_job(answered.job_id):
        if isinstance(item.news, JobsSnapshot):
            print("snapshot:", ",".join(job.status.value for job in item.news.jobs))
        elif isinstance(item.news, JobEvent):
            print(f"{item.type}: {item.news.job.message}")

    # Another one, whenever the athlete likes.
    wish = PlanWish(weeks=4)
    asked = generate_plan.sync_detailed(client=ally.api, body=wish, idempotency_key="spring-2027")
    job = ally.wait_for_job(unwrap(asked, AcceptedJob).job_id)
    print(f"job {job.status.value}: {job.message}")

    # Theirs is the one that was made last.
    plan = unwrap(current_plan.sync_detailed(client=ally.api), PlanDocument).plan
    print(f"plan: {len(plan.weeks)} weeks, the first of {len(plan.weeks[0].sessions)} sessions")
    calendar = unwrap(current_plan_calendar.sync_detailed(client=ally.api), str)
    print(f"calendar: {calendar.count('BEGIN:VEVENT')} sessions")


with Ally(os.environ["ALLY_URL"], os.environ["ALLY_TOKEN"]) as ally:
    first_plan(ally)
