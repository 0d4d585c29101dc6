from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset







T = TypeVar("T", bound="LogEntryLinks")



@_attrs_define
class LogEntryLinks:
    """ Where to go from here.

        Attributes:
            plan (str): The plan.
            replan (str): Makes the next version from the log (POST).
            workouts (str): The plan's training log.
     """

    plan: str
    replan: str
    workouts: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        plan = self.plan

        replan = self.replan

        workouts = self.workouts


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "plan": plan,
            "replan": replan,
            "workouts": workouts,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        plan = d.pop("plan")

        replan = d.pop("replan")

        workouts = d.pop("workouts")

        log_entry_links = cls(
            plan=plan,
            replan=replan,
            workouts=workouts,
        )


        log_entry_links.additional_properties = d
        return log_entry_links

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
