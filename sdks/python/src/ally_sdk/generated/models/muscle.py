from enum import StrEnum

class Muscle(StrEnum):
    ADDUCTORS = "adductors"
    BACK = "back"
    BICEPS = "biceps"
    CALVES = "calves"
    CHEST = "chest"
    CORE = "core"
    FOREARMS = "forearms"
    GLUTES = "glutes"
    HAMSTRINGS = "hamstrings"
    HIP_FLEXORS = "hip_flexors"
    LOWER_BACK = "lower_back"
    QUADS = "quads"
    REAR_DELTS = "rear_delts"
    SHOULDERS = "shoulders"
    TRICEPS = "triceps"

    def __str__(self) -> str:
        return str(self.value)
