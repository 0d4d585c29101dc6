from enum import StrEnum

class JobsEndReason(StrEnum):
    DRAINING = "draining"
    FAILED = "failed"
    JOB_ENDED = "job_ended"
    NEW_LOG = "new_log"
    SLOW_CONSUMER = "slow_consumer"
    TOO_OLD = "too_old"

    def __str__(self) -> str:
        return str(self.value)
