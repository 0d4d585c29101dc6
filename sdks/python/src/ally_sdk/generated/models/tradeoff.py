from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset







T = TypeVar("T", bound="Tradeoff")



@_attrs_define
class Tradeoff:
    """ A soft rule that the plan does not meet in full.

        Attributes:
            rule (str): Which rule.
            want (str): What it asks.
            got (str): What the plan has.
            why (str): What stood in the way.
     """

    rule: str
    want: str
    got: str
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        rule = self.rule

        want = self.want

        got = self.got

        why = self.why


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "rule": rule,
            "want": want,
            "got": got,
            "why": why,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        rule = d.pop("rule")

        want = d.pop("want")

        got = d.pop("got")

        why = d.pop("why")

        tradeoff = cls(
            rule=rule,
            want=want,
            got=got,
            why=why,
        )


        tradeoff.additional_properties = d
        return tradeoff

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
