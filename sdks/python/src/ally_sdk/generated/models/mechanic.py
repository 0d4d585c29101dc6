from enum import StrEnum

class Mechanic(StrEnum):
    COMPOUND = "compound"
    ISOLATION = "isolation"

    def __str__(self) -> str:
        return str(self.value)
