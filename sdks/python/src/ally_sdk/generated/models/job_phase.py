from enum import StrEnum

class JobPhase(StrEnum):
    DRAFTING = "drafting"
    REPAIRING = "repairing"
    REPAIRING_AGAIN = "repairing again"

    def __str__(self) -> str:
        return str(self.value)
