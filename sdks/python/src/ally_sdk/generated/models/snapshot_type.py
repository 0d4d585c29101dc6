from enum import StrEnum

class SnapshotType(StrEnum):
    SNAPSHOT = "snapshot"

    def __str__(self) -> str:
        return str(self.value)
