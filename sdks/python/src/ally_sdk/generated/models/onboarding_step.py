from enum import StrEnum

class OnboardingStep(StrEnum):
    AVAILABILITY = "availability"
    EQUIPMENT = "equipment"
    PROFICIENCY = "proficiency"
    PURPOSE = "purpose"
    RECOVERY = "recovery"
    SEASON = "season"

    def __str__(self) -> str:
        return str(self.value)
