from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.body_part import BodyPart






T = TypeVar("T", bound="Pain")



@_attrs_define
class Pain:
    """ Pain in one place.

        Attributes:
            body_part (BodyPart): Where it hurts.
            level (int): How much: up to 3 go, 4 and 5 modify, from 6 on substitute.
     """

    body_part: BodyPart
    level: int





    def to_dict(self) -> dict[str, Any]:
        body_part = self.body_part.value

        level = self.level


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "bodyPart": body_part,
            "level": level,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        body_part = BodyPart(d.pop("bodyPart"))




        level = d.pop("level")

        pain = cls(
            body_part=body_part,
            level=level,
        )

        return pain

