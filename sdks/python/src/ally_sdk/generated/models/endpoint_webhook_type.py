from enum import StrEnum

class EndpointWebhookType(StrEnum):
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_FAILING = "webhook.failing"
    WEBHOOK_PING = "webhook.ping"
    WEBHOOK_RECOVERED = "webhook.recovered"

    def __str__(self) -> str:
        return str(self.value)
