from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.progression import Progression
  from ..models.sets import Sets





T = TypeVar("T", bound="ExerciseItem")



@_attrs_define
class ExerciseItem:
    """ One exercise of a session.

        Attributes:
            exercise (str): Which exercise of the catalogue.
            sets (list[Sets]): Its sets, in order.
            why (list[str]): The rules that put it here: `R14:squat`, `R5:knee`.
            progress (Progression | Unset): How an exercise gets harder.
            alts (list[str] | Unset): What may be done instead.
     """

    exercise: str
    sets: list[Sets]
    why: list[str]
    progress: Progression | Unset = UNSET
    alts: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.progression import Progression # noqa: PLC0415
        from ..models.sets import Sets # noqa: PLC0415
        exercise = self.exercise

        sets = []
        for sets_item_data in self.sets:
            sets_item = sets_item_data.to_dict()
            sets.append(sets_item)



        why = self.why



        progress: dict[str, Any] | Unset = UNSET
        if not isinstance(self.progress, Unset):
            progress = self.progress.to_dict()

        alts: list[str] | Unset = UNSET
        if not isinstance(self.alts, Unset):
            alts = self.alts




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "exercise": exercise,
            "sets": sets,
            "why": why,
        })
        if progress is not UNSET:
            field_dict["progress"] = progress
        if alts is not UNSET:
            field_dict["alts"] = alts

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.progression import Progression # noqa: PLC0415
        from ..models.sets import Sets # noqa: PLC0415
        d = dict(src_dict)
        exercise = d.pop("exercise")

        sets = []
        _sets = d.pop("sets")
        for sets_item_data in (_sets):
            sets_item = Sets.from_dict(sets_item_data)



            sets.append(sets_item)


        why = cast(list[str], d.pop("why"))


        _progress = d.pop("progress", UNSET)
        progress: Progression | Unset
        if isinstance(_progress,  Unset):
            progress = UNSET
        else:
            progress = Progression.from_dict(_progress)




        alts = cast(list[str], d.pop("alts", UNSET))


        exercise_item = cls(
            exercise=exercise,
            sets=sets,
            why=why,
            progress=progress,
            alts=alts,
        )


        exercise_item.additional_properties = d
        return exercise_item

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
