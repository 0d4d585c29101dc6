from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.plan_batch_item_answer import PlanBatchItemAnswer





T = TypeVar("T", bound="PlanBatchAnswer")



@_attrs_define
class PlanBatchAnswer:
    """ What became of a batch.

        Attributes:
            accepted (int): How many requests have a job.
            refused (int): How many have none.
            items (list[PlanBatchItemAnswer]): Each request, in the order of the batch.
     """

    accepted: int
    refused: int
    items: list[PlanBatchItemAnswer]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.plan_batch_item_answer import PlanBatchItemAnswer # noqa: PLC0415
        accepted = self.accepted

        refused = self.refused

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "accepted": accepted,
            "refused": refused,
            "items": items,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_batch_item_answer import PlanBatchItemAnswer # noqa: PLC0415
        d = dict(src_dict)
        accepted = d.pop("accepted")

        refused = d.pop("refused")

        items = []
        _items = d.pop("items")
        for items_item_data in (_items):
            items_item = PlanBatchItemAnswer.from_dict(items_item_data)



            items.append(items_item)


        plan_batch_answer = cls(
            accepted=accepted,
            refused=refused,
            items=items,
        )


        plan_batch_answer.additional_properties = d
        return plan_batch_answer

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
