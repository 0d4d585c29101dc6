from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.dead_letter_state import DeadLetterState
from ..types import UNSET, Unset
from typing import cast
import datetime






T = TypeVar("T", bound="DeadLetterSummary")



@_attrs_define
class DeadLetterSummary:
    """ A message that was given up, as lists show it: without its data.

        Attributes:
            id (str): The consumer that gave up, and where the event stands: `planner.PLANS-42`.
            consumer (str): The consumer that gave up.
            event_type (str): The event's type.
            reason (str): Why it was given up.
            fingerprint (str): The group of like causes.
            deliveries (int): How often it had been delivered.
            parked_at (datetime.datetime): When it was parked.
            state (DeadLetterState): Where a dead letter stands: `open`, or what was done about it.
            about (str | Unset): What it is about: `job 7`.
            ended_at (datetime.datetime | Unset): When it was put back or discarded.
            ended_by (str | Unset): By whom.
            note (str | Unset): Why, in their words.
     """

    id: str
    consumer: str
    event_type: str
    reason: str
    fingerprint: str
    deliveries: int
    parked_at: datetime.datetime
    state: DeadLetterState
    about: str | Unset = UNSET
    ended_at: datetime.datetime | Unset = UNSET
    ended_by: str | Unset = UNSET
    note: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        id = self.id

        consumer = self.consumer

        event_type = self.event_type

        reason = self.reason

        fingerprint = self.fingerprint

        deliveries = self.deliveries

        parked_at = self.parked_at.isoformat()

        state = self.state.value

        about = self.about

        ended_at: str | Unset = UNSET
        if not isinstance(self.ended_at, Unset):
            ended_at = self.ended_at.isoformat()

        ended_by = self.ended_by

        note = self.note


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "id": id,
            "consumer": consumer,
            "eventType": event_type,
            "reason": reason,
            "fingerprint": fingerprint,
            "deliveries": deliveries,
            "parkedAt": parked_at,
            "state": state,
        })
        if about is not UNSET:
            field_dict["about"] = about
        if ended_at is not UNSET:
            field_dict["endedAt"] = ended_at
        if ended_by is not UNSET:
            field_dict["endedBy"] = ended_by
        if note is not UNSET:
            field_dict["note"] = note

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        consumer = d.pop("consumer")

        event_type = d.pop("eventType")

        reason = d.pop("reason")

        fingerprint = d.pop("fingerprint")

        deliveries = d.pop("deliveries")

        parked_at = datetime.datetime.fromisoformat(d.pop("parkedAt"))




        state = DeadLetterState(d.pop("state"))




        about = d.pop("about", UNSET)

        _ended_at = d.pop("endedAt", UNSET)
        ended_at: datetime.datetime | Unset
        if isinstance(_ended_at,  Unset):
            ended_at = UNSET
        else:
            ended_at = datetime.datetime.fromisoformat(_ended_at)




        ended_by = d.pop("endedBy", UNSET)

        note = d.pop("note", UNSET)

        dead_letter_summary = cls(
            id=id,
            consumer=consumer,
            event_type=event_type,
            reason=reason,
            fingerprint=fingerprint,
            deliveries=deliveries,
            parked_at=parked_at,
            state=state,
            about=about,
            ended_at=ended_at,
            ended_by=ended_by,
            note=note,
        )


        dead_letter_summary.additional_properties = d
        return dead_letter_summary

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
