from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.pain import Pain





T = TypeVar("T", bound="PainReport")



@_attrs_define
class PainReport:
    """ What hurts, without a workout.

        Attributes:
            pain (list[Pain]): Where and how much. A level of 0 says that a place does not hurt any more.
            at (datetime.datetime | None | Unset): When it was felt; now unless told.
            note (None | str | Unset): In the athlete's own words.
     """

    pain: list[Pain]
    at: datetime.datetime | None | Unset = UNSET
    note: None | str | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.pain import Pain # noqa: PLC0415
        pain = []
        for pain_item_data in self.pain:
            pain_item = pain_item_data.to_dict()
            pain.append(pain_item)



        at: None | str | Unset
        if isinstance(self.at, Unset):
            at = UNSET
        elif isinstance(self.at, datetime.datetime):
            at = self.at.isoformat()
        else:
            at = self.at

        note: None | str | Unset
        if isinstance(self.note, Unset):
            note = UNSET
        else:
            note = self.note


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "pain": pain,
        })
        if at is not UNSET:
            field_dict["at"] = at
        if note is not UNSET:
            field_dict["note"] = note

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pain import Pain # noqa: PLC0415
        d = dict(src_dict)
        pain = []
        _pain = d.pop("pain")
        for pain_item_data in (_pain):
            pain_item = Pain.from_dict(pain_item_data)



            pain.append(pain_item)


        def _parse_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                at_type_0 = datetime.datetime.fromisoformat(data)



                return at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        at = _parse_at(d.pop("at", UNSET))


        def _parse_note(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        note = _parse_note(d.pop("note", UNSET))


        pain_report = cls(
            pain=pain,
            at=at,
            note=note,
        )

        return pain_report

