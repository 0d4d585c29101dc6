from enum import StrEnum

class RecoveryHabit(StrEnum):
    ACTIVE_RECOVERY = "active_recovery"
    FOAM_ROLLING = "foam_rolling"
    GOOD_SLEEP = "good_sleep"
    HEAT_OR_COLD = "heat_or_cold"
    POOR_SLEEP = "poor_sleep"
    STRETCHING = "stretching"

    def __str__(self) -> str:
        return str(self.value)
