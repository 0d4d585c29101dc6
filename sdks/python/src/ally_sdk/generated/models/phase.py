from enum import StrEnum

class Phase(StrEnum):
    ACCUMULATION = "accumulation"
    DELOAD = "deload"
    INTENSIFICATION = "intensification"
    MAINTENANCE = "maintenance"
    TAPER = "taper"

    def __str__(self) -> str:
        return str(self.value)
