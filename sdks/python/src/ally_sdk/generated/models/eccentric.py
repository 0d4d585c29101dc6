from enum import StrEnum

class Eccentric(StrEnum):
    HIGH = "high"
    MODERATE = "moderate"
    NONE = "none"

    def __str__(self) -> str:
        return str(self.value)
