from enum import StrEnum

class WebhookMessageType(StrEnum):
    JOB_ATTEMPT_FAILED = "job.attempt_failed"
    JOB_CANCELLED = "job.cancelled"
    JOB_COMPLETED = "job.completed"
    JOB_DEAD_LETTERED = "job.dead_lettered"
    JOB_FAILED = "job.failed"
    JOB_REDRIVEN = "job.redriven"
    JOB_REQUESTED = "job.requested"
    JOB_STARTED = "job.started"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_FAILING = "webhook.failing"
    WEBHOOK_PING = "webhook.ping"
    WEBHOOK_RECOVERED = "webhook.recovered"

    def __str__(self) -> str:
        return str(self.value)
