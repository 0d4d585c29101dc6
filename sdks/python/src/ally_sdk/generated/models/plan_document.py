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
  from ..models.plan import Plan





T = TypeVar("T", bound="PlanDocument")



@_attrs_define
class PlanDocument:
    """ A plan with what surrounds it.

        Attributes:
            plan_id (UUID): Which plan.
            job_id (UUID): The job that made it.
            version (int): The version that this is.
            created_at (datetime.datetime): When it was made.
            plan (Plan): A training plan.
     """

    plan_id: UUID
    job_id: UUID
    version: int
    created_at: datetime.datetime
    plan: Plan
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.plan import Plan # noqa: PLC0415
        plan_id = str(self.plan_id)

        job_id = str(self.job_id)

        version = self.version

        created_at = self.created_at.isoformat()

        plan = self.plan.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "planId": plan_id,
            "jobId": job_id,
            "version": version,
            "createdAt": created_at,
            "plan": plan,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan import Plan # noqa: PLC0415
        d = dict(src_dict)
        plan_id = UUID(d.pop("planId"))




        job_id = UUID(d.pop("jobId"))




        version = d.pop("version")

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))




        plan = Plan.from_dict(d.pop("plan"))




        plan_document = cls(
            plan_id=plan_id,
            job_id=job_id,
            version=version,
            created_at=created_at,
            plan=plan,
        )


        plan_document.additional_properties = d
        return plan_document

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
