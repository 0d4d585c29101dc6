from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
import datetime






T = TypeVar("T", bound="PlanWish")



@_attrs_define
class PlanWish:
    """ How the plan should be. Everything is optional; an empty body is a wish too.

        Attributes:
            start_date (datetime.date | None | Unset): The first day, moved to the Monday on or after it; the next Monday
                unless told.
            weeks (int | None | Unset): How many weeks; 4 unless told.
            seed (int | None | Unset): The same profile, start, weeks and seed give the same plan; 0 unless told.
     """

    start_date: datetime.date | None | Unset = UNSET
    weeks: int | None | Unset = UNSET
    seed: int | None | Unset = UNSET





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


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if start_date is not UNSET:
            field_dict["startDate"] = start_date
        if weeks is not UNSET:
            field_dict["weeks"] = weeks
        if seed is not UNSET:
            field_dict["seed"] = seed

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


        plan_wish = cls(
            start_date=start_date,
            weeks=weeks,
            seed=seed,
        )

        return plan_wish

