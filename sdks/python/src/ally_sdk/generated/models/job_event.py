from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.job_event_type import JobEventType
from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.job import Job





T = TypeVar("T", bound="JobEvent")



@_attrs_define
class JobEvent:
    """ An event of a job: what happened, and where the job stands since.

        Attributes:
            type_ (JobEventType): What happened to a job.
            id (str): Names the event, and its place among the others: the same as the id of the message.
            at (datetime.datetime): When.
            job (Job): Where a job stands.
     """

    type_: JobEventType
    id: str
    at: datetime.datetime
    job: Job
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.job import Job # noqa: PLC0415
        type_ = self.type_.value

        id = self.id

        at = self.at.isoformat()

        job = self.job.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "type": type_,
            "id": id,
            "at": at,
            "job": job,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job import Job # noqa: PLC0415
        d = dict(src_dict)
        type_ = JobEventType(d.pop("type"))




        id = d.pop("id")

        at = datetime.datetime.fromisoformat(d.pop("at"))




        job = Job.from_dict(d.pop("job"))




        job_event = cls(
            type_=type_,
            id=id,
            at=at,
            job=job,
        )


        job_event.additional_properties = d
        return job_event

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
