from enum import StrEnum

class OnboardingAnswerStatus(StrEnum):
    CANCELLED = "cancelled"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    DEAD_LETTERED = "dead_lettered"
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    QUEUED = "queued"
    RETRYING = "retrying"
    RUNNING = "running"
    SCHEDULED = "scheduled"

    def __str__(self) -> str:
        return str(self.value)
