from enum import StrEnum

class JobErrorCode(StrEnum):
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    ATTEMPT_FAILED = "attempt_failed"
    CLEARANCE_REQUIRED = "clearance_required"
    DEADLINE_PASSED = "deadline_passed"
    INFEASIBLE = "infeasible"
    REJECTED = "rejected"

    def __str__(self) -> str:
        return str(self.value)
