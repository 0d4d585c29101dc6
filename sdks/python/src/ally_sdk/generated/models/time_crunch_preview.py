from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.given_up import GivenUp
  from ..models.session import Session





T = TypeVar("T", bound="TimeCrunchPreview")



@_attrs_define
class TimeCrunchPreview:
    """ A session in fewer minutes. Nothing of it is stored.

        Attributes:
            plan_id (UUID): Which plan.
            version (int): The version of the plan.
            planned_minutes (int): The estimated minutes of the session as it is planned.
            target_minutes (int): The minutes that were asked for; the session's `estMin` is at most that.
            session (Session): One training session.
            given_up (list[GivenUp]): What it gave up, in the order in which it was given up; empty when it fitted as it
                was.
     """

    plan_id: UUID
    version: int
    planned_minutes: int
    target_minutes: int
    session: Session
    given_up: list[GivenUp]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.given_up import GivenUp # noqa: PLC0415
        from ..models.session import Session # noqa: PLC0415
        plan_id = str(self.plan_id)

        version = self.version

        planned_minutes = self.planned_minutes

        target_minutes = self.target_minutes

        session = self.session.to_dict()

        given_up = []
        for given_up_item_data in self.given_up:
            given_up_item = given_up_item_data.to_dict()
            given_up.append(given_up_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "planId": plan_id,
            "version": version,
            "plannedMinutes": planned_minutes,
            "targetMinutes": target_minutes,
            "session": session,
            "givenUp": given_up,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.given_up import GivenUp # noqa: PLC0415
        from ..models.session import Session # noqa: PLC0415
        d = dict(src_dict)
        plan_id = UUID(d.pop("planId"))




        version = d.pop("version")

        planned_minutes = d.pop("plannedMinutes")

        target_minutes = d.pop("targetMinutes")

        session = Session.from_dict(d.pop("session"))




        given_up = []
        _given_up = d.pop("givenUp")
        for given_up_item_data in (_given_up):
            given_up_item = GivenUp.from_dict(given_up_item_data)



            given_up.append(given_up_item)


        time_crunch_preview = cls(
            plan_id=plan_id,
            version=version,
            planned_minutes=planned_minutes,
            target_minutes=target_minutes,
            session=session,
            given_up=given_up,
        )


        time_crunch_preview.additional_properties = d
        return time_crunch_preview

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
