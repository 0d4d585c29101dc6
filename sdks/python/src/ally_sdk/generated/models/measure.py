from enum import StrEnum

class Measure(StrEnum):
    METRES = "metres"
    REPS = "reps"
    SECONDS = "seconds"

    def __str__(self) -> str:
        return str(self.value)
