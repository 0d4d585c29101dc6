from enum import StrEnum

class ResyncReason(StrEnum):
    MISSED_TOO_MUCH = "missed_too_much"
    UNKNOWN_POSITION = "unknown_position"

    def __str__(self) -> str:
        return str(self.value)
