from enum import StrEnum

class Action(StrEnum):
    DECLINE = "decline"
    EARLY_DELOAD = "early_deload"
    FIT = "fit"
    HOLD = "hold"
    LEAVE_OUT = "leave_out"
    LOWER = "lower"
    MODIFY = "modify"
    RAISE = "raise"
    REPEAT_WEEK = "repeat_week"
    RE_ENTER = "re_enter"
    SUBSTITUTE = "substitute"

    def __str__(self) -> str:
        return str(self.value)
