from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.workout import Workout





T = TypeVar("T", bound="LoggedWorkout")



@_attrs_define
class LoggedWorkout:
    """ A workout in the log.

        Attributes:
            entry_id (UUID): Which entry.
            plan_version (int): The version of the plan that was the newest then.
            logged_at (datetime.datetime): When it was written down.
            workout (Workout): A session as it was done.
     """

    entry_id: UUID
    plan_version: int
    logged_at: datetime.datetime
    workout: Workout
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.workout import Workout # noqa: PLC0415
        entry_id = str(self.entry_id)

        plan_version = self.plan_version

        logged_at = self.logged_at.isoformat()

        workout = self.workout.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "entryId": entry_id,
            "planVersion": plan_version,
            "loggedAt": logged_at,
            "workout": workout,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.workout import Workout # noqa: PLC0415
        d = dict(src_dict)
        entry_id = UUID(d.pop("entryId"))




        plan_version = d.pop("planVersion")

        logged_at = datetime.datetime.fromisoformat(d.pop("loggedAt"))




        workout = Workout.from_dict(d.pop("workout"))




        logged_workout = cls(
            entry_id=entry_id,
            plan_version=plan_version,
            logged_at=logged_at,
            workout=workout,
        )


        logged_workout.additional_properties = d
        return logged_workout

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
