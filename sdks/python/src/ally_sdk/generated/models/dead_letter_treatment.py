from enum import StrEnum

class DeadLetterTreatment(StrEnum):
    ALREADY = "already"
    DISCARDED = "discarded"
    DRY_RUN = "dry_run"
    GONE = "gone"
    OBSOLETE = "obsolete"
    REDRIVEN = "redriven"
    TOO_EARLY = "too_early"

    def __str__(self) -> str:
        return str(self.value)
