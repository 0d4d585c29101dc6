from enum import StrEnum

class Pattern(StrEnum):
    CARRY = "carry"
    CONDITIONING = "conditioning"
    CORE = "core"
    HINGE = "hinge"
    HORIZONTAL_PULL = "horizontal_pull"
    HORIZONTAL_PUSH = "horizontal_push"
    JUMP_THROW = "jump_throw"
    LUNGE = "lunge"
    MOBILITY = "mobility"
    SQUAT = "squat"
    VERTICAL_PULL = "vertical_pull"
    VERTICAL_PUSH = "vertical_push"

    def __str__(self) -> str:
        return str(self.value)
