from enum import StrEnum

class TraceOrder(StrEnum):
    NEWEST = "newest"
    SLOWEST = "slowest"

    def __str__(self) -> str:
        return str(self.value)
