from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.job_timeline_entry import JobTimelineEntry





T = TypeVar("T", bound="JobTimeline")



@_attrs_define
class JobTimeline:
    """ What happened to a job.

        Attributes:
            job_id (UUID): Which job.
            entries (list[JobTimelineEntry]): What happened, oldest first.
     """

    job_id: UUID
    entries: list[JobTimelineEntry]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.job_timeline_entry import JobTimelineEntry # noqa: PLC0415
        job_id = str(self.job_id)

        entries = []
        for entries_item_data in self.entries:
            entries_item = entries_item_data.to_dict()
            entries.append(entries_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "jobId": job_id,
            "entries": entries,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_timeline_entry import JobTimelineEntry # noqa: PLC0415
        d = dict(src_dict)
        job_id = UUID(d.pop("jobId"))




        entries = []
        _entries = d.pop("entries")
        for entries_item_data in (_entries):
            entries_item = JobTimelineEntry.from_dict(entries_item_data)



            entries.append(entries_item)


        job_timeline = cls(
            job_id=job_id,
            entries=entries,
        )


        job_timeline.additional_properties = d
        return job_timeline

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
