from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="ConsumerPause")



@_attrs_define
class ConsumerPause:
    """ For how long.

        Attributes:
            seconds (int | None | Unset): It ends by itself after so long, at the latest after seven days, which is also
                what is meant unless told.
     """

    seconds: int | None | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        seconds: int | None | Unset
        if isinstance(self.seconds, Unset):
            seconds = UNSET
        else:
            seconds = self.seconds


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if seconds is not UNSET:
            field_dict["seconds"] = seconds

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        def _parse_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        seconds = _parse_seconds(d.pop("seconds", UNSET))


        consumer_pause = cls(
            seconds=seconds,
        )

        return consumer_pause

