from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.logged_pain import LoggedPain
  from ..models.logged_workout import LoggedWorkout





T = TypeVar("T", bound="TrainingLog")



@_attrs_define
class TrainingLog:
    """ A page of a plan's training log in the order in which it happened.

        Attributes:
            plan_id (UUID): Which plan.
            workouts (list[LoggedWorkout]): The newest workout of each session.
            pain_reports (list[LoggedPain]): Pain that was reported without a workout.
            next_ (str | Unset): Send it as `cursor` to get the next page; absent on the last.
     """

    plan_id: UUID
    workouts: list[LoggedWorkout]
    pain_reports: list[LoggedPain]
    next_: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.logged_pain import LoggedPain # noqa: PLC0415
        from ..models.logged_workout import LoggedWorkout # noqa: PLC0415
        plan_id = str(self.plan_id)

        workouts = []
        for workouts_item_data in self.workouts:
            workouts_item = workouts_item_data.to_dict()
            workouts.append(workouts_item)



        pain_reports = []
        for pain_reports_item_data in self.pain_reports:
            pain_reports_item = pain_reports_item_data.to_dict()
            pain_reports.append(pain_reports_item)



        next_ = self.next_


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "planId": plan_id,
            "workouts": workouts,
            "painReports": pain_reports,
        })
        if next_ is not UNSET:
            field_dict["next"] = next_

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.logged_pain import LoggedPain # noqa: PLC0415
        from ..models.logged_workout import LoggedWorkout # noqa: PLC0415
        d = dict(src_dict)
        plan_id = UUID(d.pop("planId"))




        workouts = []
        _workouts = d.pop("workouts")
        for workouts_item_data in (_workouts):
            workouts_item = LoggedWorkout.from_dict(workouts_item_data)



            workouts.append(workouts_item)


        pain_reports = []
        _pain_reports = d.pop("painReports")
        for pain_reports_item_data in (_pain_reports):
            pain_reports_item = LoggedPain.from_dict(pain_reports_item_data)



            pain_reports.append(pain_reports_item)


        next_ = d.pop("next", UNSET)

        training_log = cls(
            plan_id=plan_id,
            workouts=workouts,
            pain_reports=pain_reports,
            next_=next_,
        )


        training_log.additional_properties = d
        return training_log

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
