from enum import StrEnum

class GivenUpWhat(StrEnum):
    EFFORT = "effort"
    EXERCISE = "exercise"
    MINUTES = "minutes"
    REST = "rest"
    SETS = "sets"
    STRAIGHT_SETS = "straight sets"

    def __str__(self) -> str:
        return str(self.value)
