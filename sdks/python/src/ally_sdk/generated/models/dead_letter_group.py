from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
import datetime






T = TypeVar("T", bound="DeadLetterGroup")



@_attrs_define
class DeadLetterGroup:
    """ Messages that were given up for one cause.

        Attributes:
            fingerprint (str): The group.
            consumer (str): Which consumer gave up.
            event_type (str): What its messages are.
            count (int): How many.
            example (str): One member's reason; the others differ in numbers and ids only.
            oldest (datetime.datetime): When the first was parked.
            newest (datetime.datetime): When the last was parked.
     """

    fingerprint: str
    consumer: str
    event_type: str
    count: int
    example: str
    oldest: datetime.datetime
    newest: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        fingerprint = self.fingerprint

        consumer = self.consumer

        event_type = self.event_type

        count = self.count

        example = self.example

        oldest = self.oldest.isoformat()

        newest = self.newest.isoformat()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "fingerprint": fingerprint,
            "consumer": consumer,
            "eventType": event_type,
            "count": count,
            "example": example,
            "oldest": oldest,
            "newest": newest,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        fingerprint = d.pop("fingerprint")

        consumer = d.pop("consumer")

        event_type = d.pop("eventType")

        count = d.pop("count")

        example = d.pop("example")

        oldest = datetime.datetime.fromisoformat(d.pop("oldest"))




        newest = datetime.datetime.fromisoformat(d.pop("newest"))




        dead_letter_group = cls(
            fingerprint=fingerprint,
            consumer=consumer,
            event_type=event_type,
            count=count,
            example=example,
            oldest=oldest,
            newest=newest,
        )


        dead_letter_group.additional_properties = d
        return dead_letter_group

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
