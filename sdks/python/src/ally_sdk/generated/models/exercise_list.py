from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.exercise_summary import ExerciseSummary





T = TypeVar("T", bound="ExerciseList")



@_attrs_define
class ExerciseList:
    """ A page of the catalogue.

        Attributes:
            exercises (list[ExerciseSummary]): The exercises, by id.
            total (int): How many fit in all.
            catalogue (str): The SHA-256 of the catalogue, as plans name it in their provenance.
            next_ (str | Unset): Send it as `cursor`, with the same filters, to get the next page; absent on the last.
     """

    exercises: list[ExerciseSummary]
    total: int
    catalogue: str
    next_: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.exercise_summary import ExerciseSummary # noqa: PLC0415
        exercises = []
        for exercises_item_data in self.exercises:
            exercises_item = exercises_item_data.to_dict()
            exercises.append(exercises_item)



        total = self.total

        catalogue = self.catalogue

        next_ = self.next_


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "exercises": exercises,
            "total": total,
            "catalogue": catalogue,
        })
        if next_ is not UNSET:
            field_dict["next"] = next_

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.exercise_summary import ExerciseSummary # noqa: PLC0415
        d = dict(src_dict)
        exercises = []
        _exercises = d.pop("exercises")
        for exercises_item_data in (_exercises):
            exercises_item = ExerciseSummary.from_dict(exercises_item_data)



            exercises.append(exercises_item)


        total = d.pop("total")

        catalogue = d.pop("catalogue")

        next_ = d.pop("next", UNSET)

        exercise_list = cls(
            exercises=exercises,
            total=total,
            catalogue=catalogue,
            next_=next_,
        )


        exercise_list.additional_properties = d
        return exercise_list

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
