from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.onboarding_status import OnboardingStatus
from ..models.onboarding_step import OnboardingStep
from ..types import UNSET, Unset
from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.onboarding_answers import OnboardingAnswers
  from ..models.open_question import OpenQuestion





T = TypeVar("T", bound="Profile")



@_attrs_define
class Profile:
    """ The athlete's onboarding and profile.

        Attributes:
            status (OnboardingStatus): Whether all six steps are answered.
            answers (OnboardingAnswers): Answers of onboarding: some of them or all at once. What is absent stays as it was
                answered before. The six steps
                are `purpose`; `proficiency`; `season`; `availabilityDays` with `weeklyGoalDays`; `equipment`; `recoveryHabits`.
            answered (list[OnboardingStep]): The answered steps, in order.
            missing (list[OnboardingStep]): The open steps, in order.
            open_questions (list[OpenQuestion]): The questions about health that are open.
            clearance (list[str]): What calls for a professional's yes that was not given, reports of pain and notes
                included; empty when nothing does.
            revision (int | Unset): The profile's revision, from 1; absent before onboarding is complete.
            job_id (UUID | Unset): The job that made the plan of this revision.
            updated_at (datetime.datetime | Unset): When it changed last.
            position (str | Unset): The newest event that this answer holds.
     """

    status: OnboardingStatus
    answers: OnboardingAnswers
    answered: list[OnboardingStep]
    missing: list[OnboardingStep]
    open_questions: list[OpenQuestion]
    clearance: list[str]
    revision: int | Unset = UNSET
    job_id: UUID | Unset = UNSET
    updated_at: datetime.datetime | Unset = UNSET
    position: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.onboarding_answers import OnboardingAnswers # noqa: PLC0415
        from ..models.open_question import OpenQuestion # noqa: PLC0415
        status = self.status.value

        answers = self.answers.to_dict()

        answered = []
        for answered_item_data in self.answered:
            answered_item = answered_item_data.value
            answered.append(answered_item)



        missing = []
        for missing_item_data in self.missing:
            missing_item = missing_item_data.value
            missing.append(missing_item)



        open_questions = []
        for open_questions_item_data in self.open_questions:
            open_questions_item = open_questions_item_data.to_dict()
            open_questions.append(open_questions_item)



        clearance = self.clearance



        revision = self.revision

        job_id: str | Unset = UNSET
        if not isinstance(self.job_id, Unset):
            job_id = str(self.job_id)

        updated_at: str | Unset = UNSET
        if not isinstance(self.updated_at, Unset):
            updated_at = self.updated_at.isoformat()

        position = self.position


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "status": status,
            "answers": answers,
            "answered": answered,
            "missing": missing,
            "openQuestions": open_questions,
            "clearance": clearance,
        })
        if revision is not UNSET:
            field_dict["revision"] = revision
        if job_id is not UNSET:
            field_dict["jobId"] = job_id
        if updated_at is not UNSET:
            field_dict["updatedAt"] = updated_at
        if position is not UNSET:
            field_dict["position"] = position

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.onboarding_answers import OnboardingAnswers # noqa: PLC0415
        from ..models.open_question import OpenQuestion # noqa: PLC0415
        d = dict(src_dict)
        status = OnboardingStatus(d.pop("status"))




        answers = OnboardingAnswers.from_dict(d.pop("answers"))




        answered = []
        _answered = d.pop("answered")
        for answered_item_data in (_answered):
            answered_item = OnboardingStep(answered_item_data)



            answered.append(answered_item)


        missing = []
        _missing = d.pop("missing")
        for missing_item_data in (_missing):
            missing_item = OnboardingStep(missing_item_data)



            missing.append(missing_item)


        open_questions = []
        _open_questions = d.pop("openQuestions")
        for open_questions_item_data in (_open_questions):
            open_questions_item = OpenQuestion.from_dict(open_questions_item_data)



            open_questions.append(open_questions_item)


        clearance = cast(list[str], d.pop("clearance"))


        revision = d.pop("revision", UNSET)

        _job_id = d.pop("jobId", UNSET)
        job_id: UUID | Unset
        if isinstance(_job_id,  Unset):
            job_id = UNSET
        else:
            job_id = UUID(_job_id)




        _updated_at = d.pop("updatedAt", UNSET)
        updated_at: datetime.datetime | Unset
        if isinstance(_updated_at,  Unset):
            updated_at = UNSET
        else:
            updated_at = datetime.datetime.fromisoformat(_updated_at)




        position = d.pop("position", UNSET)

        profile = cls(
            status=status,
            answers=answers,
            answered=answered,
            missing=missing,
            open_questions=open_questions,
            clearance=clearance,
            revision=revision,
            job_id=job_id,
            updated_at=updated_at,
            position=position,
        )


        profile.additional_properties = d
        return profile

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
