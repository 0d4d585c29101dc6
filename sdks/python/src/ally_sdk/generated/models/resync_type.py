from enum import StrEnum

class ResyncType(StrEnum):
    RESYNC = "resync"

    def __str__(self) -> str:
        return str(self.value)
