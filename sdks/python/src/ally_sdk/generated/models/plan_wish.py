from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.priority import Priority
from ..types import UNSET, Unset
from typing import cast
import datetime






T = TypeVar("T", bound="PlanWish")



@_attrs_define
class PlanWish:
    """ How the plan should be. Everything is optional; an empty body is a wish too.

        Attributes:
            start_date (datetime.date | None | Unset): The first day, moved to the Monday on or after it; the next Monday
                unless told, counted from `notBefore` where that is given.
            weeks (int | None | Unset): How many weeks; 4 unless told.
            seed (int | None | Unset): The same profile, start, weeks and seed give the same plan; 0 unless told.
            not_before (datetime.datetime | None | Unset): The plan is not made before this moment, at most 90 days ahead;
                until then its job is `scheduled`, and it is made for the athlete
                of that day. A moment that has passed is now.
            deadline (datetime.datetime | None | Unset): The job fails with `deadline_passed` if it is not finished by this
                moment, which lies behind now and behind `notBefore`, by at most
                90 days.
            priority (None | Priority | Unset): Which queue the job waits in; `normal` unless told. Another one needs a
                token whose claim `priorities` names it.
     """

    start_date: datetime.date | None | Unset = UNSET
    weeks: int | None | Unset = UNSET
    seed: int | None | Unset = UNSET
    not_before: datetime.datetime | None | Unset = UNSET
    deadline: datetime.datetime | None | Unset = UNSET
    priority: None | Priority | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        start_date: None | str | Unset
        if isinstance(self.start_date, Unset):
            start_date = UNSET
        elif isinstance(self.start_date, datetime.date):
            start_date = self.start_date.isoformat()
        else:
            start_date = self.start_date

        weeks: int | None | Unset
        if isinstance(self.weeks, Unset):
            weeks = UNSET
        else:
            weeks = self.weeks

        seed: int | None | Unset
        if isinstance(self.seed, Unset):
            seed = UNSET
        else:
            seed = self.seed

        not_before: None | str | Unset
        if isinstance(self.not_before, Unset):
            not_before = UNSET
        elif isinstance(self.not_before, datetime.datetime):
            not_before = self.not_before.isoformat()
        else:
            not_before = self.not_before

        deadline: None | str | Unset
        if isinstance(self.deadline, Unset):
            deadline = UNSET
        elif isinstance(self.deadline, datetime.datetime):
            deadline = self.deadline.isoformat()
        else:
            deadline = self.deadline

        priority: None | str | Unset
        if isinstance(self.priority, Unset):
            priority = UNSET
        elif isinstance(self.priority, Priority):
            priority = self.priority.value
        else:
            priority = self.priority


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if start_date is not UNSET:
            field_dict["startDate"] = start_date
        if weeks is not UNSET:
            field_dict["weeks"] = weeks
        if seed is not UNSET:
            field_dict["seed"] = seed
        if not_before is not UNSET:
            field_dict["notBefore"] = not_before
        if deadline is not UNSET:
            field_dict["deadline"] = deadline
        if priority is not UNSET:
            field_dict["priority"] = priority

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        def _parse_start_date(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                start_date_type_0 = datetime.date.fromisoformat(data)



                return start_date_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        start_date = _parse_start_date(d.pop("startDate", UNSET))


        def _parse_weeks(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        weeks = _parse_weeks(d.pop("weeks", UNSET))


        def _parse_seed(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        seed = _parse_seed(d.pop("seed", UNSET))


        def _parse_not_before(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                not_before_type_0 = datetime.datetime.fromisoformat(data)



                return not_before_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        not_before = _parse_not_before(d.pop("notBefore", UNSET))


        def _parse_deadline(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deadline_type_0 = datetime.datetime.fromisoformat(data)



                return deadline_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        deadline = _parse_deadline(d.pop("deadline", UNSET))


        def _parse_priority(data: object) -> None | Priority | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                priority_type_0 = Priority(data)



                return priority_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Priority | Unset, data)

        priority = _parse_priority(d.pop("priority", UNSET))


        plan_wish = cls(
            start_date=start_date,
            weeks=weeks,
            seed=seed,
            not_before=not_before,
            deadline=deadline,
            priority=priority,
        )

        return plan_wish

