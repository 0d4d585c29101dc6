from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset







T = TypeVar("T", bound="TracesKept")



@_attrs_define
class TracesKept:
    """ What a process keeps of its traces.

        Attributes:
            traces (int): How many.
            bytes_ (int): In how many bytes.
            evicted (int): How many were let go to make room.
     """

    traces: int
    bytes_: int
    evicted: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        traces = self.traces

        bytes_ = self.bytes_

        evicted = self.evicted


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "traces": traces,
            "bytes": bytes_,
            "evicted": evicted,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        traces = d.pop("traces")

        bytes_ = d.pop("bytes")

        evicted = d.pop("evicted")

        traces_kept = cls(
            traces=traces,
            bytes_=bytes_,
            evicted=evicted,
        )


        traces_kept.additional_properties = d
        return traces_kept

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
