from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.weekday import Weekday






T = TypeVar("T", bound="FixedSchedule")



@_attrs_define
class FixedSchedule:
    """ Hours of a weekday that are taken: practice, work, school.

        Attributes:
            day (Weekday): A day of the week.
            start (str): From, local time.
            end (str): To, later the same day.
     """

    day: Weekday
    start: str
    end: str





    def to_dict(self) -> dict[str, Any]:
        day = self.day.value

        start = self.start

        end = self.end


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "day": day,
            "start": start,
            "end": end,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        day = Weekday(d.pop("day"))




        start = d.pop("start")

        end = d.pop("end")

        fixed_schedule = cls(
            day=day,
            start=start,
            end=end,
        )

        return fixed_schedule

