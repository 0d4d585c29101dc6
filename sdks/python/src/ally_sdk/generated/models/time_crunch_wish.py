from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from uuid import UUID






T = TypeVar("T", bound="TimeCrunchWish")



@_attrs_define
class TimeCrunchWish:
    """ Which session, and the minutes that there are.

        Attributes:
            plan_id (UUID): Which plan.
            session_id (str): Which of its sessions: `w2d4`.
            target_minutes (int): The minutes that there are.
     """

    plan_id: UUID
    session_id: str
    target_minutes: int





    def to_dict(self) -> dict[str, Any]:
        plan_id = str(self.plan_id)

        session_id = self.session_id

        target_minutes = self.target_minutes


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "planId": plan_id,
            "sessionId": session_id,
            "targetMinutes": target_minutes,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        plan_id = UUID(d.pop("planId"))




        session_id = d.pop("sessionId")

        target_minutes = d.pop("targetMinutes")

        time_crunch_wish = cls(
            plan_id=plan_id,
            session_id=session_id,
            target_minutes=target_minutes,
        )

        return time_crunch_wish

