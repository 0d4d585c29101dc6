from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.plan_version import PlanVersion





T = TypeVar("T", bound="PlanVersions")



@_attrs_define
class PlanVersions:
    """ The versions of a plan, oldest first.

        Attributes:
            plan_id (UUID): Which plan.
            versions (list[PlanVersion]): Its versions.
     """

    plan_id: UUID
    versions: list[PlanVersion]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.plan_version import PlanVersion # noqa: PLC0415
        plan_id = str(self.plan_id)

        versions = []
        for versions_item_data in self.versions:
            versions_item = versions_item_data.to_dict()
            versions.append(versions_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "planId": plan_id,
            "versions": versions,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_version import PlanVersion # noqa: PLC0415
        d = dict(src_dict)
        plan_id = UUID(d.pop("planId"))




        versions = []
        _versions = d.pop("versions")
        for versions_item_data in (_versions):
            versions_item = PlanVersion.from_dict(versions_item_data)



            versions.append(versions_item)


        plan_versions = cls(
            plan_id=plan_id,
            versions=versions,
        )


        plan_versions.additional_properties = d
        return plan_versions

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
