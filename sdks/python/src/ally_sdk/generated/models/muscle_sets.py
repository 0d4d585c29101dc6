from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset







T = TypeVar("T", bound="MuscleSets")



@_attrs_define
class MuscleSets:
    """ Weekly sets of a muscle.

        Attributes:
            direct (int): Sets in which it does the main work.
            indirect (int): Sets in which it assists; they count half.
     """

    direct: int
    indirect: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        direct = self.direct

        indirect = self.indirect


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "direct": direct,
            "indirect": indirect,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        direct = d.pop("direct")

        indirect = d.pop("indirect")

        muscle_sets = cls(
            direct=direct,
            indirect=indirect,
        )


        muscle_sets.additional_properties = d
        return muscle_sets

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
