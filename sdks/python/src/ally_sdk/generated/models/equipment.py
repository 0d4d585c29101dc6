from enum import StrEnum

class Equipment(StrEnum):
    BANDS = "bands"
    BARBELL_RACK = "barbell_rack"
    BODYWEIGHT = "bodyweight"
    DUMBBELLS = "dumbbells"
    FULL_GYM = "full_gym"
    KETTLEBELL = "kettlebell"
    PULL_UP_BAR = "pull_up_bar"

    def __str__(self) -> str:
        return str(self.value)
