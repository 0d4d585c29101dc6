from enum import StrEnum

class DeadLetterStateFilter(StrEnum):
    ANY = "any"
    DISCARDED = "discarded"
    OPEN = "open"
    REDRIVEN = "redriven"

    def __str__(self) -> str:
        return str(self.value)
