from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.onboarding_answer_status import OnboardingAnswerStatus
from ..models.onboarding_step import OnboardingStep
from ..types import UNSET, Unset
from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.links import Links
  from ..models.open_question import OpenQuestion





T = TypeVar("T", bound="OnboardingAnswer")



@_attrs_define
class OnboardingAnswer:
    """ What has become of the answers: stored while steps are open, and then the job that makes the profile's plan.

        Attributes:
            status (OnboardingAnswerStatus): `incomplete` while steps are open; else where the job stands that the answers
                made.
            missing (list[OnboardingStep]): The open steps, in order; none once there is a job.
            answered (list[OnboardingStep]): The answered steps, in order.
            open_questions (list[OpenQuestion]): The questions about health that are open, to be shown beside step 6.
            message (str | Unset): What is missing, in a sentence for people: each open step with the fields that answer it.
                Absent once there is a job.
            position (str | Unset): Where the newest answer, or the request for the job, stands in the log; absent where
                nothing was ever answered.
            job_id (UUID | Unset): The job that makes the plan; the same for the same answers, for ever. Absent while steps
                are open, as all below.
            profile_revision (int | Unset): The revision of the profile that the plan is made for.
            clearance (list[str] | Unset): What calls for a professional's yes that was not given: the job will ask for it.
            links (Links | Unset): Where to go from here.
     """

    status: OnboardingAnswerStatus
    missing: list[OnboardingStep]
    answered: list[OnboardingStep]
    open_questions: list[OpenQuestion]
    message: str | Unset = UNSET
    position: str | Unset = UNSET
    job_id: UUID | Unset = UNSET
    profile_revision: int | Unset = UNSET
    clearance: list[str] | Unset = UNSET
    links: Links | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.links import Links # noqa: PLC0415
        from ..models.open_question import OpenQuestion # noqa: PLC0415
        status = self.status.value

        missing = []
        for missing_item_data in self.missing:
            missing_item = missing_item_data.value
            missing.append(missing_item)



        answered = []
        for answered_item_data in self.answered:
            answered_item = answered_item_data.value
            answered.append(answered_item)



        open_questions = []
        for open_questions_item_data in self.open_questions:
            open_questions_item = open_questions_item_data.to_dict()
            open_questions.append(open_questions_item)



        message = self.message

        position = self.position

        job_id: str | Unset = UNSET
        if not isinstance(self.job_id, Unset):
            job_id = str(self.job_id)

        profile_revision = self.profile_revision

        clearance: list[str] | Unset = UNSET
        if not isinstance(self.clearance, Unset):
            clearance = self.clearance



        links: dict[str, Any] | Unset = UNSET
        if not isinstance(self.links, Unset):
            links = self.links.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "status": status,
            "missing": missing,
            "answered": answered,
            "openQuestions": open_questions,
        })
        if message is not UNSET:
            field_dict["message"] = message
        if position is not UNSET:
            field_dict["position"] = position
        if job_id is not UNSET:
            field_dict["jobId"] = job_id
        if profile_revision is not UNSET:
            field_dict["profileRevision"] = profile_revision
        if clearance is not UNSET:
            field_dict["clearance"] = clearance
        if links is not UNSET:
            field_dict["links"] = links

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.links import Links # noqa: PLC0415
        from ..models.open_question import OpenQuestion # noqa: PLC0415
        d = dict(src_dict)
        status = OnboardingAnswerStatus(d.pop("status"))




        missing = []
        _missing = d.pop("missing")
        for missing_item_data in (_missing):
            missing_item = OnboardingStep(missing_item_data)



            missing.append(missing_item)


        answered = []
        _answered = d.pop("answered")
        for answered_item_data in (_answered):
            answered_item = OnboardingStep(answered_item_data)



            answered.append(answered_item)


        open_questions = []
        _open_questions = d.pop("openQuestions")
        for open_questions_item_data in (_open_questions):
            open_questions_item = OpenQuestion.from_dict(open_questions_item_data)



            open_questions.append(open_questions_item)


        message = d.pop("message", UNSET)

        position = d.pop("position", UNSET)

        _job_id = d.pop("jobId", UNSET)
        job_id: UUID | Unset
        if isinstance(_job_id,  Unset):
            job_id = UNSET
        else:
            job_id = UUID(_job_id)




        profile_revision = d.pop("profileRevision", UNSET)

        clearance = cast(list[str], d.pop("clearance", UNSET))


        _links = d.pop("links", UNSET)
        links: Links | Unset
        if isinstance(_links,  Unset):
            links = UNSET
        else:
            links = Links.from_dict(_links)




        onboarding_answer = cls(
            status=status,
            missing=missing,
            answered=answered,
            open_questions=open_questions,
            message=message,
            position=position,
            job_id=job_id,
            profile_revision=profile_revision,
            clearance=clearance,
            links=links,
        )


        onboarding_answer.additional_properties = d
        return onboarding_answer

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
