from enum import StrEnum

class ChangeKind(StrEnum):
    FOCUS = "focus"
    ITEM_ADDED = "item_added"
    ITEM_REMOVED = "item_removed"
    PHASE = "phase"
    SESSION_ADDED = "session_added"
    SESSION_REMOVED = "session_removed"
    SETS = "sets"

    def __str__(self) -> str:
        return str(self.value)
