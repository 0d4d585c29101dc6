from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.set_done import SetDone





T = TypeVar("T", bound="ItemDone")



@_attrs_define
class ItemDone:
    """ An exercise as it was done.

        Attributes:
            exercise (str): Which exercise: a planned one, one of its alternatives, or another of the catalogue.
            sets (list[SetDone]): Its sets in order.
     """

    exercise: str
    sets: list[SetDone]





    def to_dict(self) -> dict[str, Any]:
        from ..models.set_done import SetDone # noqa: PLC0415
        exercise = self.exercise

        sets = []
        for sets_item_data in self.sets:
            sets_item = sets_item_data.to_dict()
            sets.append(sets_item)




        field_dict: dict[str, Any] = {}

        field_dict.update({
            "exercise": exercise,
            "sets": sets,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.set_done import SetDone # noqa: PLC0415
        d = dict(src_dict)
        exercise = d.pop("exercise")

        sets = []
        _sets = d.pop("sets")
        for sets_item_data in (_sets):
            sets_item = SetDone.from_dict(sets_item_data)



            sets.append(sets_item)


        item_done = cls(
            exercise=exercise,
            sets=sets,
        )

        return item_done

