from enum import StrEnum

class BodyPart(StrEnum):
    ANKLE = "ankle"
    ELBOW = "elbow"
    HIP = "hip"
    KNEE = "knee"
    LOWER_BACK = "lower_back"
    NECK = "neck"
    SHOULDER = "shoulder"
    WRIST = "wrist"

    def __str__(self) -> str:
        return str(self.value)
