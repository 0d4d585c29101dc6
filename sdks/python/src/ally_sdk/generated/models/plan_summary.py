from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="PlanSummary")



@_attrs_define
class PlanSummary:
    """ A plan in a list.

        Attributes:
            plan_id (UUID): Which plan.
            job_id (UUID): The job that made it.
            version (int): Its newest version.
            created_at (datetime.datetime): When it was made.
            link (str): Where it is read.
     """

    plan_id: UUID
    job_id: UUID
    version: int
    created_at: datetime.datetime
    link: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        plan_id = str(self.plan_id)

        job_id = str(self.job_id)

        version = self.version

        created_at = self.created_at.isoformat()

        link = self.link


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "planId": plan_id,
            "jobId": job_id,
            "version": version,
            "createdAt": created_at,
            "link": link,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        plan_id = UUID(d.pop("planId"))




        job_id = UUID(d.pop("jobId"))




        version = d.pop("version")

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))




        link = d.pop("link")

        plan_summary = cls(
            plan_id=plan_id,
            job_id=job_id,
            version=version,
            created_at=created_at,
            link=link,
        )


        plan_summary.additional_properties = d
        return plan_summary

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
