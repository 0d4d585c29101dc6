from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
import datetime






T = TypeVar("T", bound="DeadLetter")



@_attrs_define
class DeadLetter:
    """ A message that was given up.

        Attributes:
            id (str): The consumer that gave up, and where the event stands: `planner.PLANS-42`.
            event_type (str): The event's type.
            reason (str): Why it was given up.
            fingerprint (str): The group of like causes.
            deliveries (int): How often it had been delivered.
            parked_at (datetime.datetime): When it was parked.
            data (str): The event's data as it was sent.
            about (str | Unset): What it is about: `job 7`.
     """

    id: str
    event_type: str
    reason: str
    fingerprint: str
    deliveries: int
    parked_at: datetime.datetime
    data: str
    about: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        id = self.id

        event_type = self.event_type

        reason = self.reason

        fingerprint = self.fingerprint

        deliveries = self.deliveries

        parked_at = self.parked_at.isoformat()

        data = self.data

        about = self.about


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "id": id,
            "eventType": event_type,
            "reason": reason,
            "fingerprint": fingerprint,
            "deliveries": deliveries,
            "parkedAt": parked_at,
            "data": data,
        })
        if about is not UNSET:
            field_dict["about"] = about

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        event_type = d.pop("eventType")

        reason = d.pop("reason")

        fingerprint = d.pop("fingerprint")

        deliveries = d.pop("deliveries")

        parked_at = datetime.datetime.fromisoformat(d.pop("parkedAt"))




        data = d.pop("data")

        about = d.pop("about", UNSET)

        dead_letter = cls(
            id=id,
            event_type=event_type,
            reason=reason,
            fingerprint=fingerprint,
            deliveries=deliveries,
            parked_at=parked_at,
            data=data,
            about=about,
        )


        dead_letter.additional_properties = d
        return dead_letter

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
