from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.resync_reason import ResyncReason
from ..models.resync_type import ResyncType






T = TypeVar("T", bound="JobsResync")



@_attrs_define
class JobsResync:
    """ What the client missed is not told; a snapshot follows, and counts instead of all that was known.

        Attributes:
            type_ (ResyncType): Always `resync`.
            reason (ResyncReason): Why a client begins afresh.
     """

    type_: ResyncType
    reason: ResyncReason
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_.value

        reason = self.reason.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "type": type_,
            "reason": reason,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = ResyncType(d.pop("type"))




        reason = ResyncReason(d.pop("reason"))




        jobs_resync = cls(
            type_=type_,
            reason=reason,
        )


        jobs_resync.additional_properties = d
        return jobs_resync

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
