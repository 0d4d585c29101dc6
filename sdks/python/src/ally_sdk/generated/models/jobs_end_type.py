from enum import StrEnum

class JobsEndType(StrEnum):
    END = "end"

    def __str__(self) -> str:
        return str(self.value)
