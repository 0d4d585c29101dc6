from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.change_kind import ChangeKind
from ..types import UNSET, Unset
from typing import cast
import datetime






T = TypeVar("T", bound="PlanChange")



@_attrs_define
class PlanChange:
    """ One change.

        Attributes:
            kind (ChangeKind): What kind of change.
            week (int): Which week, from 1.
            session_id (str | Unset): Which session; absent where the week itself changed.
            date (datetime.date | Unset): When the session is.
            exercise (str | Unset): Which exercise.
            from_ (str | Unset): What was there; absent for what is new.
            to (str | Unset): What is there; absent for what is gone.
     """

    kind: ChangeKind
    week: int
    session_id: str | Unset = UNSET
    date: datetime.date | Unset = UNSET
    exercise: str | Unset = UNSET
    from_: str | Unset = UNSET
    to: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        week = self.week

        session_id = self.session_id

        date: str | Unset = UNSET
        if not isinstance(self.date, Unset):
            date = self.date.isoformat()

        exercise = self.exercise

        from_ = self.from_

        to = self.to


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "kind": kind,
            "week": week,
        })
        if session_id is not UNSET:
            field_dict["sessionId"] = session_id
        if date is not UNSET:
            field_dict["date"] = date
        if exercise is not UNSET:
            field_dict["exercise"] = exercise
        if from_ is not UNSET:
            field_dict["from"] = from_
        if to is not UNSET:
            field_dict["to"] = to

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = ChangeKind(d.pop("kind"))




        week = d.pop("week")

        session_id = d.pop("sessionId", UNSET)

        _date = d.pop("date", UNSET)
        date: datetime.date | Unset
        if isinstance(_date,  Unset):
            date = UNSET
        else:
            date = datetime.date.fromisoformat(_date)




        exercise = d.pop("exercise", UNSET)

        from_ = d.pop("from", UNSET)

        to = d.pop("to", UNSET)

        plan_change = cls(
            kind=kind,
            week=week,
            session_id=session_id,
            date=date,
            exercise=exercise,
            from_=from_,
            to=to,
        )


        plan_change.additional_properties = d
        return plan_change

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
