from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
import datetime






T = TypeVar("T", bound="JobTimelineEntry")



@_attrs_define
class JobTimelineEntry:
    """ One thing that happened to a job.

        Attributes:
            position (str): Where the event stands in the log.
            type_ (str): The event's type.
            at (datetime.datetime): When it was decided.
            actor (str): Who did it: `athlete:amy`, `system:planner`, `operator:kim`.
            summary (str): What happened, in a sentence.
            attempt (int | Unset): Which attempt, where there is one.
     """

    position: str
    type_: str
    at: datetime.datetime
    actor: str
    summary: str
    attempt: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        position = self.position

        type_ = self.type_

        at = self.at.isoformat()

        actor = self.actor

        summary = self.summary

        attempt = self.attempt


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "position": position,
            "type": type_,
            "at": at,
            "actor": actor,
            "summary": summary,
        })
        if attempt is not UNSET:
            field_dict["attempt"] = attempt

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        position = d.pop("position")

        type_ = d.pop("type")

        at = datetime.datetime.fromisoformat(d.pop("at"))




        actor = d.pop("actor")

        summary = d.pop("summary")

        attempt = d.pop("attempt", UNSET)

        job_timeline_entry = cls(
            position=position,
            type_=type_,
            at=at,
            actor=actor,
            summary=summary,
            attempt=attempt,
        )


        job_timeline_entry.additional_properties = d
        return job_timeline_entry

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
