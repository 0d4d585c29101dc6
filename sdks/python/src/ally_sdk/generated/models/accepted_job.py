from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.job_status import JobStatus
from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.links import Links





T = TypeVar("T", bound="AcceptedJob")



@_attrs_define
class AcceptedJob:
    """ A job that is safe in the log. Poll `links.self`, or name `position` in any read to see it at once.

        Attributes:
            job_id (UUID): The job that makes the plan; the same for the same request, for ever.
            status (JobStatus): Where a job stands. `scheduled` (it must not begin yet) → `queued` → `running` →
                `completed`; `running` → `retrying` → `running`. `completed`, `failed` (it can never work, or its deadline has
                passed), `dead_lettered` (all attempts used up) and `cancelled` are ends.
            position (str): Where the request stands in the log.
            links (Links): Where to go from here.
     """

    job_id: UUID
    status: JobStatus
    position: str
    links: Links
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.links import Links # noqa: PLC0415
        job_id = str(self.job_id)

        status = self.status.value

        position = self.position

        links = self.links.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "jobId": job_id,
            "status": status,
            "position": position,
            "links": links,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.links import Links # noqa: PLC0415
        d = dict(src_dict)
        job_id = UUID(d.pop("jobId"))




        status = JobStatus(d.pop("status"))




        position = d.pop("position")

        links = Links.from_dict(d.pop("links"))




        accepted_job = cls(
            job_id=job_id,
            status=status,
            position=position,
            links=links,
        )


        accepted_job.additional_properties = d
        return accepted_job

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
