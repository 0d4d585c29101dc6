from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="TraceSummary")



@_attrs_define
class TraceSummary:
    """ A trace in one line.

        Attributes:
            trace_id (str): 32 hexadecimal digits, as `x-trace-id` carries them.
            name (str): What its first span shows.
            service (str): Which service's span that is.
            started_at (datetime.datetime): When its first span began.
            duration_ms (float): From then to the end of its last span so far, in milliseconds.
            spans (int): Spans that are kept.
            errors (int): Spans that ended badly.
            dropped (int): Spans that are not kept because the trace is too long.
            job_ids (list[UUID]): The jobs that it is about.
     """

    trace_id: str
    name: str
    service: str
    started_at: datetime.datetime
    duration_ms: float
    spans: int
    errors: int
    dropped: int
    job_ids: list[UUID]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        trace_id = self.trace_id

        name = self.name

        service = self.service

        started_at = self.started_at.isoformat()

        duration_ms = self.duration_ms

        spans = self.spans

        errors = self.errors

        dropped = self.dropped

        job_ids = []
        for job_ids_item_data in self.job_ids:
            job_ids_item = str(job_ids_item_data)
            job_ids.append(job_ids_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "traceId": trace_id,
            "name": name,
            "service": service,
            "startedAt": started_at,
            "durationMs": duration_ms,
            "spans": spans,
            "errors": errors,
            "dropped": dropped,
            "jobIds": job_ids,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        trace_id = d.pop("traceId")

        name = d.pop("name")

        service = d.pop("service")

        started_at = datetime.datetime.fromisoformat(d.pop("startedAt"))




        duration_ms = d.pop("durationMs")

        spans = d.pop("spans")

        errors = d.pop("errors")

        dropped = d.pop("dropped")

        job_ids = []
        _job_ids = d.pop("jobIds")
        for job_ids_item_data in (_job_ids):
            job_ids_item = UUID(job_ids_item_data)



            job_ids.append(job_ids_item)


        trace_summary = cls(
            trace_id=trace_id,
            name=name,
            service=service,
            started_at=started_at,
            duration_ms=duration_ms,
            spans=spans,
            errors=errors,
            dropped=dropped,
            job_ids=job_ids,
        )


        trace_summary.additional_properties = d
        return trace_summary

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
