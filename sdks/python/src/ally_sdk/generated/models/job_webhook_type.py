from enum import StrEnum

class JobWebhookType(StrEnum):
    JOB_ATTEMPT_FAILED = "job.attempt_failed"
    JOB_CANCELLED = "job.cancelled"
    JOB_COMPLETED = "job.completed"
    JOB_DEAD_LETTERED = "job.dead_lettered"
    JOB_FAILED = "job.failed"
    JOB_REDRIVEN = "job.redriven"
    JOB_REQUESTED = "job.requested"
    JOB_STARTED = "job.started"

    def __str__(self) -> str:
        return str(self.value)
