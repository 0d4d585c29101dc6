from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
import datetime






T = TypeVar("T", bound="WebhookAttempt")



@_attrs_define
class WebhookAttempt:
    """ One attempt to deliver a message.

        Attributes:
            round_ (int): In which round, from 1.
            attempt (int): Which attempt of the round, from 1.
            at (datetime.datetime): When it ended.
            duration_ms (int): How long it took.
            status (int | Unset): The HTTP status, where there was an answer.
            reason (str | Unset): Why it failed; absent where the endpoint took the message.
     """

    round_: int
    attempt: int
    at: datetime.datetime
    duration_ms: int
    status: int | Unset = UNSET
    reason: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        round_ = self.round_

        attempt = self.attempt

        at = self.at.isoformat()

        duration_ms = self.duration_ms

        status = self.status

        reason = self.reason


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "round": round_,
            "attempt": attempt,
            "at": at,
            "durationMs": duration_ms,
        })
        if status is not UNSET:
            field_dict["status"] = status
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        round_ = d.pop("round")

        attempt = d.pop("attempt")

        at = datetime.datetime.fromisoformat(d.pop("at"))




        duration_ms = d.pop("durationMs")

        status = d.pop("status", UNSET)

        reason = d.pop("reason", UNSET)

        webhook_attempt = cls(
            round_=round_,
            attempt=attempt,
            at=at,
            duration_ms=duration_ms,
            status=status,
            reason=reason,
        )


        webhook_attempt.additional_properties = d
        return webhook_attempt

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
