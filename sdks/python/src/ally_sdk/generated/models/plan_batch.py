from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.plan_batch_item import PlanBatchItem





T = TypeVar("T", bound="PlanBatch")



@_attrs_define
class PlanBatch:
    """ Requests for plans, each a job of its own.

        Attributes:
            items (list[PlanBatchItem]): The requests, 1 to 100 of them.
     """

    items: list[PlanBatchItem]





    def to_dict(self) -> dict[str, Any]:
        from ..models.plan_batch_item import PlanBatchItem # noqa: PLC0415
        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)




        field_dict: dict[str, Any] = {}

        field_dict.update({
            "items": items,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_batch_item import PlanBatchItem # noqa: PLC0415
        d = dict(src_dict)
        items = []
        _items = d.pop("items")
        for items_item_data in (_items):
            items_item = PlanBatchItem.from_dict(items_item_data)



            items.append(items_item)


        plan_batch = cls(
            items=items,
        )

        return plan_batch

