from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.block_kind import BlockKind
from typing import cast

if TYPE_CHECKING:
  from ..models.exercise_item import ExerciseItem





T = TypeVar("T", bound="Block")



@_attrs_define
class Block:
    """ A part of a session.

        Attributes:
            kind (BlockKind): What a block of a session is. In a superset the exercises alternate set by set.
            items (list[ExerciseItem]): Its exercises.
     """

    kind: BlockKind
    items: list[ExerciseItem]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.exercise_item import ExerciseItem # noqa: PLC0415
        kind = self.kind.value

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "kind": kind,
            "items": items,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.exercise_item import ExerciseItem # noqa: PLC0415
        d = dict(src_dict)
        kind = BlockKind(d.pop("kind"))




        items = []
        _items = d.pop("items")
        for items_item_data in (_items):
            items_item = ExerciseItem.from_dict(items_item_data)



            items.append(items_item)


        block = cls(
            kind=kind,
            items=items,
        )


        block.additional_properties = d
        return block

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
