from enum import StrEnum

class ProgressRule(StrEnum):
    ADD_METRES = "add_metres"
    ADD_REPS = "add_reps"
    ADD_SECONDS = "add_seconds"
    DOUBLE_PROGRESSION = "double_progression"
    HOLD = "hold"

    def __str__(self) -> str:
        return str(self.value)
