from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.given_up_what import GivenUpWhat
from ..types import UNSET, Unset






T = TypeVar("T", bound="GivenUp")



@_attrs_define
class GivenUp:
    """ Something that a session gave up.

        Attributes:
            rule (str): The rule that it bears on: the one that asks for it, or the one that lets it go.
            what (GivenUpWhat): What a session gave up.
            from_ (str): How it was.
            to (str): How it is.
            exercise (str | Unset): Which exercise of the catalogue.
     """

    rule: str
    what: GivenUpWhat
    from_: str
    to: str
    exercise: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        rule = self.rule

        what = self.what.value

        from_ = self.from_

        to = self.to

        exercise = self.exercise


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "rule": rule,
            "what": what,
            "from": from_,
            "to": to,
        })
        if exercise is not UNSET:
            field_dict["exercise"] = exercise

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        rule = d.pop("rule")

        what = GivenUpWhat(d.pop("what"))




        from_ = d.pop("from")

        to = d.pop("to")

        exercise = d.pop("exercise", UNSET)

        given_up = cls(
            rule=rule,
            what=what,
            from_=from_,
            to=to,
            exercise=exercise,
        )


        given_up.additional_properties = d
        return given_up

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
