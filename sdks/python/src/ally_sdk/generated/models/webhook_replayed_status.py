from enum import StrEnum

class WebhookReplayedStatus(StrEnum):
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"

    def __str__(self) -> str:
        return str(self.value)
