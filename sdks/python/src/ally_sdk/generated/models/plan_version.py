from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="PlanVersion")



@_attrs_define
class PlanVersion:
    """ A version of a plan.

        Attributes:
            version (int): From 1.
            job_id (UUID): The job that made it.
            created_at (datetime.datetime): When it was made.
            link (str): Where it is read.
            diff (str | Unset): What changed from the version before it; absent for the first.
     """

    version: int
    job_id: UUID
    created_at: datetime.datetime
    link: str
    diff: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        version = self.version

        job_id = str(self.job_id)

        created_at = self.created_at.isoformat()

        link = self.link

        diff = self.diff


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "version": version,
            "jobId": job_id,
            "createdAt": created_at,
            "link": link,
        })
        if diff is not UNSET:
            field_dict["diff"] = diff

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        version = d.pop("version")

        job_id = UUID(d.pop("jobId"))




        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))




        link = d.pop("link")

        diff = d.pop("diff", UNSET)

        plan_version = cls(
            version=version,
            job_id=job_id,
            created_at=created_at,
            link=link,
            diff=diff,
        )


        plan_version.additional_properties = d
        return plan_version

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
