from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.plan_totals_peak_week_sets import PlanTotalsPeakWeekSets





T = TypeVar("T", bound="PlanTotals")



@_attrs_define
class PlanTotals:
    """ What a plan adds up to.

        Attributes:
            sessions (int): Sessions in all weeks.
            minutes (int): Estimated minutes in all weeks.
            working_sets (int): Working sets in all weeks.
            contacts (int): Ground contacts of jumps in all weeks.
            aerobic_min_per_week (int): The most minutes of conditioning in a week.
            peak_week_sets (PlanTotalsPeakWeekSets): Sets by muscle in the fullest week.
     """

    sessions: int
    minutes: int
    working_sets: int
    contacts: int
    aerobic_min_per_week: int
    peak_week_sets: PlanTotalsPeakWeekSets
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.plan_totals_peak_week_sets import PlanTotalsPeakWeekSets # noqa: PLC0415
        sessions = self.sessions

        minutes = self.minutes

        working_sets = self.working_sets

        contacts = self.contacts

        aerobic_min_per_week = self.aerobic_min_per_week

        peak_week_sets = self.peak_week_sets.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "sessions": sessions,
            "minutes": minutes,
            "workingSets": working_sets,
            "contacts": contacts,
            "aerobicMinPerWeek": aerobic_min_per_week,
            "peakWeekSets": peak_week_sets,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_totals_peak_week_sets import PlanTotalsPeakWeekSets # noqa: PLC0415
        d = dict(src_dict)
        sessions = d.pop("sessions")

        minutes = d.pop("minutes")

        working_sets = d.pop("workingSets")

        contacts = d.pop("contacts")

        aerobic_min_per_week = d.pop("aerobicMinPerWeek")

        peak_week_sets = PlanTotalsPeakWeekSets.from_dict(d.pop("peakWeekSets"))




        plan_totals = cls(
            sessions=sessions,
            minutes=minutes,
            working_sets=working_sets,
            contacts=contacts,
            aerobic_min_per_week=aerobic_min_per_week,
            peak_week_sets=peak_week_sets,
        )


        plan_totals.additional_properties = d
        return plan_totals

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
