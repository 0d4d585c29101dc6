from enum import StrEnum

class ScreeningQuestionName(StrEnum):
    BONEORJOINT = "boneOrJoint"
    CHESTPAIN = "chestPain"
    DIZZINESSORFAINTING = "dizzinessOrFainting"
    HEARTORBLOODPRESSURE = "heartOrBloodPressure"
    MEDICATION = "medication"
    OTHERCONDITION = "otherCondition"
    SUPERVISEDONLY = "supervisedOnly"

    def __str__(self) -> str:
        return str(self.value)
