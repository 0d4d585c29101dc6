from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.job_phase import JobPhase
from ..models.job_status import JobStatus
from ..types import UNSET, Unset
from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.job_error import JobError
  from ..models.links import Links





T = TypeVar("T", bound="Job")



@_attrs_define
class Job:
    """ Where a job stands.

        Attributes:
            job_id (UUID): Which job.
            status (JobStatus): Where a job stands. `scheduled` (it must not begin yet) → `queued` → `running` →
                `completed`; `running` → `retrying` → `running`. `completed`, `failed` (it can never work, or its deadline has
                passed), `dead_lettered` (all attempts used up) and `cancelled` are ends.
            ended (bool): Whether nothing more happens by itself: it is `completed`, `failed`, `dead_lettered` or
                `cancelled`.
            message (str): Where it stands, in a sentence for people.
            progress (int): How far the work is, in percent; it survives a retry.
            attempts (int): How many attempts there were.
            created_at (datetime.datetime): When it was asked for.
            position (str): The newest event that this answer holds.
            links (Links): Where to go from here.
            estimated_seconds (int | Unset): Seconds until its end, by how long the jobs took that ended in the last
                minutes; absent at an end, and while nobody can tell.
            phase (JobPhase | Unset): What is being done for a job: a model writes a draft, or mends it.
            plan_id (UUID | Unset): The plan, once it is there.
            plan_version (int | Unset): The plan's newest version, where the job was to adapt it; the same as before when
                nothing had to change.
            note (str | Unset): What became of an adaptation, for people.
            started_at (datetime.datetime | Unset): When its first attempt began.
            completed_at (datetime.datetime | Unset): When it came to an end, whichever.
            next_retry_at (datetime.datetime | Unset): When the next attempt is due, while it waits for one.
            not_before (datetime.datetime | Unset): The moment before which its request lets no attempt begin.
            deadline (datetime.datetime | Unset): The moment by which it must be finished, or it fails with
                `deadline_passed`.
            error (JobError | Unset): Why a job has no plan.
            trace_id (str | Unset): The trace of the request that made the job.
     """

    job_id: UUID
    status: JobStatus
    ended: bool
    message: str
    progress: int
    attempts: int
    created_at: datetime.datetime
    position: str
    links: Links
    estimated_seconds: int | Unset = UNSET
    phase: JobPhase | Unset = UNSET
    plan_id: UUID | Unset = UNSET
    plan_version: int | Unset = UNSET
    note: str | Unset = UNSET
    started_at: datetime.datetime | Unset = UNSET
    completed_at: datetime.datetime | Unset = UNSET
    next_retry_at: datetime.datetime | Unset = UNSET
    not_before: datetime.datetime | Unset = UNSET
    deadline: datetime.datetime | Unset = UNSET
    error: JobError | Unset = UNSET
    trace_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.job_error import JobError # noqa: PLC0415
        from ..models.links import Links # noqa: PLC0415
        job_id = str(self.job_id)

        status = self.status.value

        ended = self.ended

        message = self.message

        progress = self.progress

        attempts = self.attempts

        created_at = self.created_at.isoformat()

        position = self.position

        links = self.links.to_dict()

        estimated_seconds = self.estimated_seconds

        phase: str | Unset = UNSET
        if not isinstance(self.phase, Unset):
            phase = self.phase.value


        plan_id: str | Unset = UNSET
        if not isinstance(self.plan_id, Unset):
            plan_id = str(self.plan_id)

        plan_version = self.plan_version

        note = self.note

        started_at: str | Unset = UNSET
        if not isinstance(self.started_at, Unset):
            started_at = self.started_at.isoformat()

        completed_at: str | Unset = UNSET
        if not isinstance(self.completed_at, Unset):
            completed_at = self.completed_at.isoformat()

        next_retry_at: str | Unset = UNSET
        if not isinstance(self.next_retry_at, Unset):
            next_retry_at = self.next_retry_at.isoformat()

        not_before: str | Unset = UNSET
        if not isinstance(self.not_before, Unset):
            not_before = self.not_before.isoformat()

        deadline: str | Unset = UNSET
        if not isinstance(self.deadline, Unset):
            deadline = self.deadline.isoformat()

        error: dict[str, Any] | Unset = UNSET
        if not isinstance(self.error, Unset):
            error = self.error.to_dict()

        trace_id = self.trace_id


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "jobId": job_id,
            "status": status,
            "ended": ended,
            "message": message,
            "progress": progress,
            "attempts": attempts,
            "createdAt": created_at,
            "position": position,
            "links": links,
        })
        if estimated_seconds is not UNSET:
            field_dict["estimatedSeconds"] = estimated_seconds
        if phase is not UNSET:
            field_dict["phase"] = phase
        if plan_id is not UNSET:
            field_dict["planId"] = plan_id
        if plan_version is not UNSET:
            field_dict["planVersion"] = plan_version
        if note is not UNSET:
            field_dict["note"] = note
        if started_at is not UNSET:
            field_dict["startedAt"] = started_at
        if completed_at is not UNSET:
            field_dict["completedAt"] = completed_at
        if next_retry_at is not UNSET:
            field_dict["nextRetryAt"] = next_retry_at
        if not_before is not UNSET:
            field_dict["notBefore"] = not_before
        if deadline is not UNSET:
            field_dict["deadline"] = deadline
        if error is not UNSET:
            field_dict["error"] = error
        if trace_id is not UNSET:
            field_dict["traceId"] = trace_id

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_error import JobError # noqa: PLC0415
        from ..models.links import Links # noqa: PLC0415
        d = dict(src_dict)
        job_id = UUID(d.pop("jobId"))




        status = JobStatus(d.pop("status"))




        ended = d.pop("ended")

        message = d.pop("message")

        progress = d.pop("progress")

        attempts = d.pop("attempts")

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))




        position = d.pop("position")

        links = Links.from_dict(d.pop("links"))




        estimated_seconds = d.pop("estimatedSeconds", UNSET)

        _phase = d.pop("phase", UNSET)
        phase: JobPhase | Unset
        if isinstance(_phase,  Unset):
            phase = UNSET
        else:
            phase = JobPhase(_phase)




        _plan_id = d.pop("planId", UNSET)
        plan_id: UUID | Unset
        if isinstance(_plan_id,  Unset):
            plan_id = UNSET
        else:
            plan_id = UUID(_plan_id)




        plan_version = d.pop("planVersion", UNSET)

        note = d.pop("note", UNSET)

        _started_at = d.pop("startedAt", UNSET)
        started_at: datetime.datetime | Unset
        if isinstance(_started_at,  Unset):
            started_at = UNSET
        else:
            started_at = datetime.datetime.fromisoformat(_started_at)




        _completed_at = d.pop("completedAt", UNSET)
        completed_at: datetime.datetime | Unset
        if isinstance(_completed_at,  Unset):
            completed_at = UNSET
        else:
            completed_at = datetime.datetime.fromisoformat(_completed_at)




        _next_retry_at = d.pop("nextRetryAt", UNSET)
        next_retry_at: datetime.datetime | Unset
        if isinstance(_next_retry_at,  Unset):
            next_retry_at = UNSET
        else:
            next_retry_at = datetime.datetime.fromisoformat(_next_retry_at)




        _not_before = d.pop("notBefore", UNSET)
        not_before: datetime.datetime | Unset
        if isinstance(_not_before,  Unset):
            not_before = UNSET
        else:
            not_before = datetime.datetime.fromisoformat(_not_before)




        _deadline = d.pop("deadline", UNSET)
        deadline: datetime.datetime | Unset
        if isinstance(_deadline,  Unset):
            deadline = UNSET
        else:
            deadline = datetime.datetime.fromisoformat(_deadline)




        _error = d.pop("error", UNSET)
        error: JobError | Unset
        if isinstance(_error,  Unset):
            error = UNSET
        else:
            error = JobError.from_dict(_error)




        trace_id = d.pop("traceId", UNSET)

        job = cls(
            job_id=job_id,
            status=status,
            ended=ended,
            message=message,
            progress=progress,
            attempts=attempts,
            created_at=created_at,
            position=position,
            links=links,
            estimated_seconds=estimated_seconds,
            phase=phase,
            plan_id=plan_id,
            plan_version=plan_version,
            note=note,
            started_at=started_at,
            completed_at=completed_at,
            next_retry_at=next_retry_at,
            not_before=not_before,
            deadline=deadline,
            error=error,
            trace_id=trace_id,
        )


        job.additional_properties = d
        return job

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
