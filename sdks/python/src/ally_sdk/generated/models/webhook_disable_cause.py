from enum import StrEnum

class WebhookDisableCause(StrEnum):
    FAILING = "failing"
    GONE = "gone"
    OPERATOR = "operator"

    def __str__(self) -> str:
        return str(self.value)
