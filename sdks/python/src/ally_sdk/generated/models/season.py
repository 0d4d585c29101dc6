from enum import StrEnum

class Season(StrEnum):
    INSEASON = "inseason"
    OFFSEASON = "offseason"
    PRESEASON = "preseason"

    def __str__(self) -> str:
        return str(self.value)
