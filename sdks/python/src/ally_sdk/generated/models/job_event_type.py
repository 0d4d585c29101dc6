from enum import StrEnum

class JobEventType(StrEnum):
    JOB_ATTEMPT_FAILED = "job.attempt_failed"
    JOB_CANCELLED = "job.cancelled"
    JOB_CANCEL_REQUESTED = "job.cancel_requested"
    JOB_COMPLETED = "job.completed"
    JOB_DEAD_LETTERED = "job.dead_lettered"
    JOB_EXPEDITED = "job.expedited"
    JOB_FAILED = "job.failed"
    JOB_PROGRESSED = "job.progressed"
    JOB_REDRIVEN = "job.redriven"
    JOB_REQUESTED = "job.requested"
    JOB_REQUEUED = "job.requeued"
    JOB_STARTED = "job.started"

    def __str__(self) -> str:
        return str(self.value)
