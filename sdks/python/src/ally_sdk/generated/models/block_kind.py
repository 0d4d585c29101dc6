from enum import StrEnum

class BlockKind(StrEnum):
    ACCESSORY = "accessory"
    ACCESSORY_SUPERSET = "accessory_superset"
    CONDITIONING = "conditioning"
    COOL_DOWN = "cool_down"
    MAIN = "main"
    POWER = "power"
    SUPERSET = "superset"
    WARM_UP = "warm_up"

    def __str__(self) -> str:
        return str(self.value)
