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
  from ..models.pain_report import PainReport





T = TypeVar("T", bound="LoggedPain")



@_attrs_define
class LoggedPain:
    """ A report of pain in the log.

        Attributes:
            entry_id (UUID): Which entry.
            logged_at (datetime.datetime): When it was written down.
            report (PainReport): What hurts, without a workout.
     """

    entry_id: UUID
    logged_at: datetime.datetime
    report: PainReport
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.pain_report import PainReport # noqa: PLC0415
        entry_id = str(self.entry_id)

        logged_at = self.logged_at.isoformat()

        report = self.report.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "entryId": entry_id,
            "loggedAt": logged_at,
            "report": report,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pain_report import PainReport # noqa: PLC0415
        d = dict(src_dict)
        entry_id = UUID(d.pop("entryId"))




        logged_at = datetime.datetime.fromisoformat(d.pop("loggedAt"))




        report = PainReport.from_dict(d.pop("report"))




        logged_pain = cls(
            entry_id=entry_id,
            logged_at=logged_at,
            report=report,
        )


        logged_pain.additional_properties = d
        return logged_pain

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
