from enum import StrEnum

class DeadLetterState(StrEnum):
    DISCARDED = "discarded"
    OPEN = "open"
    REDRIVEN = "redriven"

    def __str__(self) -> str:
        return str(self.value)
