from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset







T = TypeVar("T", bound="PlanScore")



@_attrs_define
class PlanScore:
    """ Points from 0 to 100: safety counts 60 %, compliance 30 %, performance 10 %.

        Attributes:
            safety (int): How far from harm.
            compliance (int): How close to what the athlete asked for.
            performance (int): How much it will do.
            total (int): All three, weighted.
     """

    safety: int
    compliance: int
    performance: int
    total: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        safety = self.safety

        compliance = self.compliance

        performance = self.performance

        total = self.total


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "safety": safety,
            "compliance": compliance,
            "performance": performance,
            "total": total,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        safety = d.pop("safety")

        compliance = d.pop("compliance")

        performance = d.pop("performance")

        total = d.pop("total")

        plan_score = cls(
            safety=safety,
            compliance=compliance,
            performance=performance,
            total=total,
        )


        plan_score.additional_properties = d
        return plan_score

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
