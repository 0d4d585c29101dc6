from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.jobs_end_reason import JobsEndReason
from ..models.jobs_end_type import JobsEndType
from ..types import UNSET, Unset






T = TypeVar("T", bound="JobsEnd")



@_attrs_define
class JobsEnd:
    """ The last message of a stream that the server ends.

        Attributes:
            type_ (JobsEndType): Always `end`.
            reason (JobsEndReason): Why a stream ends.
            reconnect_after_ms (int | Unset): When to come back, in milliseconds, with the id that came last; absent where
                there is nothing to come back for.
     """

    type_: JobsEndType
    reason: JobsEndReason
    reconnect_after_ms: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_.value

        reason = self.reason.value

        reconnect_after_ms = self.reconnect_after_ms


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "type": type_,
            "reason": reason,
        })
        if reconnect_after_ms is not UNSET:
            field_dict["reconnectAfterMs"] = reconnect_after_ms

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = JobsEndType(d.pop("type"))




        reason = JobsEndReason(d.pop("reason"))




        reconnect_after_ms = d.pop("reconnectAfterMs", UNSET)

        jobs_end = cls(
            type_=type_,
            reason=reason,
            reconnect_after_ms=reconnect_after_ms,
        )


        jobs_end.additional_properties = d
        return jobs_end

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
