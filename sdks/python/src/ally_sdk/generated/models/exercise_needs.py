from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.equipment import Equipment
from typing import cast






T = TypeVar("T", bound="ExerciseNeeds")



@_attrs_define
class ExerciseNeeds:
    """ What must be at hand: everything in `allOf`, and one of `anyOf` when it names any. A floor and a mat are always
    there.

        Attributes:
            all_of (list[Equipment]): Each of these.
            any_of (list[Equipment]): One of these.
     """

    all_of: list[Equipment]
    any_of: list[Equipment]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        all_of = []
        for all_of_item_data in self.all_of:
            all_of_item = all_of_item_data.value
            all_of.append(all_of_item)



        any_of = []
        for any_of_item_data in self.any_of:
            any_of_item = any_of_item_data.value
            any_of.append(any_of_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "allOf": all_of,
            "anyOf": any_of,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        all_of = []
        _all_of = d.pop("allOf")
        for all_of_item_data in (_all_of):
            all_of_item = Equipment(all_of_item_data)



            all_of.append(all_of_item)


        any_of = []
        _any_of = d.pop("anyOf")
        for any_of_item_data in (_any_of):
            any_of_item = Equipment(any_of_item_data)



            any_of.append(any_of_item)


        exercise_needs = cls(
            all_of=all_of,
            any_of=any_of,
        )


        exercise_needs.additional_properties = d
        return exercise_needs

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
