from enum import StrEnum

class Purpose(StrEnum):
    BODY_RECOMPOSITION = "body_recomposition"
    GENERAL_FITNESS = "general_fitness"
    MUSCLE_BUILDING = "muscle_building"
    REHABILITATION = "rehabilitation"
    SPORT_PERFORMANCE = "sport_performance"
    WEIGHT_LOSS = "weight_loss"

    def __str__(self) -> str:
        return str(self.value)
