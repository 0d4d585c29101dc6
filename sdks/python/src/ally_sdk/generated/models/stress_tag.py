from enum import StrEnum

class StressTag(StrEnum):
    ABDOMINAL_PRESSURE = "abdominal_pressure"
    ANKLE_LOAD = "ankle_load"
    ELBOW_LOAD = "elbow_load"
    ELBOW_STRAIN = "elbow_strain"
    GRIP = "grip"
    HIP_FLEXION_DEEP = "hip_flexion_deep"
    HIP_LOAD = "hip_load"
    IMPACT = "impact"
    KNEE_FLEXION_DEEP = "knee_flexion_deep"
    KNEE_LOAD = "knee_load"
    NECK_LOAD = "neck_load"
    OVERHEAD = "overhead"
    PRONE = "prone"
    SHOULDER_EXTENSION = "shoulder_extension"
    SHOULDER_LOAD = "shoulder_load"
    SHOULDER_ROTATION = "shoulder_rotation"
    SPINAL_FLEXION = "spinal_flexion"
    SPINAL_LOAD = "spinal_load"
    SPINAL_SHEAR = "spinal_shear"
    SUPINE = "supine"
    WRIST_EXT = "wrist_ext"

    def __str__(self) -> str:
        return str(self.value)
