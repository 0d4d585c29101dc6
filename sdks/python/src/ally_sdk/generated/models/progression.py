from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.progress_rule import ProgressRule






T = TypeVar("T", bound="Progression")



@_attrs_define
class Progression:
    """ How an exercise gets harder.

        Attributes:
            rule (ProgressRule): How an exercise gets harder.
            step_pct (int): The step in percent; 0 where nothing rises.
     """

    rule: ProgressRule
    step_pct: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        rule = self.rule.value

        step_pct = self.step_pct


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "rule": rule,
            "stepPct": step_pct,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        rule = ProgressRule(d.pop("rule"))




        step_pct = d.pop("stepPct")

        progression = cls(
            rule=rule,
            step_pct=step_pct,
        )


        progression.additional_properties = d
        return progression

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
