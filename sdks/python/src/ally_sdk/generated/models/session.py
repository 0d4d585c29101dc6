from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.focus import Focus
from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.block import Block





T = TypeVar("T", bound="Session")



@_attrs_define
class Session:
    """ One training session.

        Attributes:
            id (str): Unique in the plan and stable across versions: `w2d4` is the Thursday of week 2.
            date (datetime.date): When.
            focus (Focus): What a session works on.
            est_min (int): Estimated minutes.
            blocks (list[Block]): Its blocks, in order.
     """

    id: str
    date: datetime.date
    focus: Focus
    est_min: int
    blocks: list[Block]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.block import Block # noqa: PLC0415
        id = self.id

        date = self.date.isoformat()

        focus = self.focus.value

        est_min = self.est_min

        blocks = []
        for blocks_item_data in self.blocks:
            blocks_item = blocks_item_data.to_dict()
            blocks.append(blocks_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "id": id,
            "date": date,
            "focus": focus,
            "estMin": est_min,
            "blocks": blocks,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.block import Block # noqa: PLC0415
        d = dict(src_dict)
        id = d.pop("id")

        date = datetime.date.fromisoformat(d.pop("date"))




        focus = Focus(d.pop("focus"))




        est_min = d.pop("estMin")

        blocks = []
        _blocks = d.pop("blocks")
        for blocks_item_data in (_blocks):
            blocks_item = Block.from_dict(blocks_item_data)



            blocks.append(blocks_item)


        session = cls(
            id=id,
            date=date,
            focus=focus,
            est_min=est_min,
            blocks=blocks,
        )


        session.additional_properties = d
        return session

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
