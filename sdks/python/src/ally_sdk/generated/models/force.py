from enum import StrEnum

class Force(StrEnum):
    HOLD = "hold"
    MOVE = "move"
    PULL = "pull"
    PUSH = "push"
    TRAVEL = "travel"

    def __str__(self) -> str:
        return str(self.value)
