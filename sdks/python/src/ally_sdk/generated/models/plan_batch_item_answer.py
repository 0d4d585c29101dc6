from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.accepted_job import AcceptedJob
  from ..models.problem import Problem





T = TypeVar("T", bound="PlanBatchItemAnswer")



@_attrs_define
class PlanBatchItemAnswer:
    """ What became of one request: `job`, or `problem` where there is none.

        Attributes:
            index (int): Its place in the batch, from 0.
            status (int): The HTTP status that it would have had by itself: 202 where it is accepted.
            idempotency_key (str | Unset): The key that it came with.
            job (AcceptedJob | Unset): A job that is safe in the log. Poll `links.self`, or name `position` in any read to
                see it at once.
            location (str | Unset): Where the job is read.
            replayed (bool | Unset): `true` where the same request had been made before, and nothing was stored now.
            problem (Problem | Unset): An error answer's body.
            retry_after (int | Unset): Seconds to wait before it is sent again, where that would help.
     """

    index: int
    status: int
    idempotency_key: str | Unset = UNSET
    job: AcceptedJob | Unset = UNSET
    location: str | Unset = UNSET
    replayed: bool | Unset = UNSET
    problem: Problem | Unset = UNSET
    retry_after: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.accepted_job import AcceptedJob # noqa: PLC0415
        from ..models.problem import Problem # noqa: PLC0415
        index = self.index

        status = self.status

        idempotency_key = self.idempotency_key

        job: dict[str, Any] | Unset = UNSET
        if not isinstance(self.job, Unset):
            job = self.job.to_dict()

        location = self.location

        replayed = self.replayed

        problem: dict[str, Any] | Unset = UNSET
        if not isinstance(self.problem, Unset):
            problem = self.problem.to_dict()

        retry_after = self.retry_after


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "index": index,
            "status": status,
        })
        if idempotency_key is not UNSET:
            field_dict["idempotencyKey"] = idempotency_key
        if job is not UNSET:
            field_dict["job"] = job
        if location is not UNSET:
            field_dict["location"] = location
        if replayed is not UNSET:
            field_dict["replayed"] = replayed
        if problem is not UNSET:
            field_dict["problem"] = problem
        if retry_after is not UNSET:
            field_dict["retryAfter"] = retry_after

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.accepted_job import AcceptedJob # noqa: PLC0415
        from ..models.problem import Problem # noqa: PLC0415
        d = dict(src_dict)
        index = d.pop("index")

        status = d.pop("status")

        idempotency_key = d.pop("idempotencyKey", UNSET)

        _job = d.pop("job", UNSET)
        job: AcceptedJob | Unset
        if isinstance(_job,  Unset):
            job = UNSET
        else:
            job = AcceptedJob.from_dict(_job)




        location = d.pop("location", UNSET)

        replayed = d.pop("replayed", UNSET)

        _problem = d.pop("problem", UNSET)
        problem: Problem | Unset
        if isinstance(_problem,  Unset):
            problem = UNSET
        else:
            problem = Problem.from_dict(_problem)




        retry_after = d.pop("retryAfter", UNSET)

        plan_batch_item_answer = cls(
            index=index,
            status=status,
            idempotency_key=idempotency_key,
            job=job,
            location=location,
            replayed=replayed,
            problem=problem,
            retry_after=retry_after,
        )


        plan_batch_item_answer.additional_properties = d
        return plan_batch_item_answer

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
