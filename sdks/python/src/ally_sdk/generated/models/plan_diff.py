from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.plan_change import PlanChange
  from ..models.version_decision import VersionDecision





T = TypeVar("T", bound="PlanDiff")



@_attrs_define
class PlanDiff:
    """ What changed from one version of a plan to another, and why.

        Attributes:
            plan_id (UUID): Which plan.
            from_ (int): The version that is left.
            to (int): The version that is reached.
            changes (list[PlanChange]): Every change, in the order of the weeks.
            decisions (list[VersionDecision]): What was decided for the versions after `from`, up to `to`.
     """

    plan_id: UUID
    from_: int
    to: int
    changes: list[PlanChange]
    decisions: list[VersionDecision]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.plan_change import PlanChange # noqa: PLC0415
        from ..models.version_decision import VersionDecision # noqa: PLC0415
        plan_id = str(self.plan_id)

        from_ = self.from_

        to = self.to

        changes = []
        for changes_item_data in self.changes:
            changes_item = changes_item_data.to_dict()
            changes.append(changes_item)



        decisions = []
        for decisions_item_data in self.decisions:
            decisions_item = decisions_item_data.to_dict()
            decisions.append(decisions_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "planId": plan_id,
            "from": from_,
            "to": to,
            "changes": changes,
            "decisions": decisions,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_change import PlanChange # noqa: PLC0415
        from ..models.version_decision import VersionDecision # noqa: PLC0415
        d = dict(src_dict)
        plan_id = UUID(d.pop("planId"))




        from_ = d.pop("from")

        to = d.pop("to")

        changes = []
        _changes = d.pop("changes")
        for changes_item_data in (_changes):
            changes_item = PlanChange.from_dict(changes_item_data)



            changes.append(changes_item)


        decisions = []
        _decisions = d.pop("decisions")
        for decisions_item_data in (_decisions):
            decisions_item = VersionDecision.from_dict(decisions_item_data)



            decisions.append(decisions_item)


        plan_diff = cls(
            plan_id=plan_id,
            from_=from_,
            to=to,
            changes=changes,
            decisions=decisions,
        )


        plan_diff.additional_properties = d
        return plan_diff

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
