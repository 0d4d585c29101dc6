from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.job_error_code import JobErrorCode
from ..models.job_status import JobStatus
from ..types import UNSET, Unset
from uuid import UUID






T = TypeVar("T", bound="JobWebhookData")



@_attrs_define
class JobWebhookData:
    """ What a message says of a job.

        Attributes:
            job_id (UUID): Which job.
            athlete_id (str): Whose it is.
            status (JobStatus): Where a job stands. `scheduled` (it must not begin yet) → `queued` → `running` →
                `completed`; `running` → `retrying` → `running`. `completed`, `failed` (it can never work, or its deadline has
                passed), `dead_lettered` (all attempts used up) and `cancelled` are ends.
            position (str): Where the event stands in the log: of two messages about a job the one with the higher number is
                newer.
            plan_id (UUID | Unset): The plan, once it is there.
            plan_version (int | Unset): The plan's version.
            code (JobErrorCode | Unset): Why a job has no plan, for programs: the last attempt failed, all were used up, no
                plan meets the rules, a professional should say yes first, a provider refused for good, or the job was not
                finished by its deadline.
            attempt (int | Unset): Which attempt of the job, from 1; of one that was dead-lettered how many there were.
     """

    job_id: UUID
    athlete_id: str
    status: JobStatus
    position: str
    plan_id: UUID | Unset = UNSET
    plan_version: int | Unset = UNSET
    code: JobErrorCode | Unset = UNSET
    attempt: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        job_id = str(self.job_id)

        athlete_id = self.athlete_id

        status = self.status.value

        position = self.position

        plan_id: str | Unset = UNSET
        if not isinstance(self.plan_id, Unset):
            plan_id = str(self.plan_id)

        plan_version = self.plan_version

        code: str | Unset = UNSET
        if not isinstance(self.code, Unset):
            code = self.code.value


        attempt = self.attempt


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "jobId": job_id,
            "athleteId": athlete_id,
            "status": status,
            "position": position,
        })
        if plan_id is not UNSET:
            field_dict["planId"] = plan_id
        if plan_version is not UNSET:
            field_dict["planVersion"] = plan_version
        if code is not UNSET:
            field_dict["code"] = code
        if attempt is not UNSET:
            field_dict["attempt"] = attempt

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        job_id = UUID(d.pop("jobId"))




        athlete_id = d.pop("athleteId")

        status = JobStatus(d.pop("status"))




        position = d.pop("position")

        _plan_id = d.pop("planId", UNSET)
        plan_id: UUID | Unset
        if isinstance(_plan_id,  Unset):
            plan_id = UNSET
        else:
            plan_id = UUID(_plan_id)




        plan_version = d.pop("planVersion", UNSET)

        _code = d.pop("code", UNSET)
        code: JobErrorCode | Unset
        if isinstance(_code,  Unset):
            code = UNSET
        else:
            code = JobErrorCode(_code)




        attempt = d.pop("attempt", UNSET)

        job_webhook_data = cls(
            job_id=job_id,
            athlete_id=athlete_id,
            status=status,
            position=position,
            plan_id=plan_id,
            plan_version=plan_version,
            code=code,
            attempt=attempt,
        )


        job_webhook_data.additional_properties = d
        return job_webhook_data

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
