from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.log_entry_links import LogEntryLinks





T = TypeVar("T", bound="LogEntry")



@_attrs_define
class LogEntry:
    """ An entry that is safe in the log.

        Attributes:
            entry_id (UUID): Which entry; the same for the same request, for ever.
            plan_id (UUID): Which plan.
            plan_version (int): The newest version of the plan.
            position (str): Where the entry stands in the log; name it in a read to see it.
            links (LogEntryLinks): Where to go from here.
     """

    entry_id: UUID
    plan_id: UUID
    plan_version: int
    position: str
    links: LogEntryLinks
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.log_entry_links import LogEntryLinks # noqa: PLC0415
        entry_id = str(self.entry_id)

        plan_id = str(self.plan_id)

        plan_version = self.plan_version

        position = self.position

        links = self.links.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "entryId": entry_id,
            "planId": plan_id,
            "planVersion": plan_version,
            "position": position,
            "links": links,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.log_entry_links import LogEntryLinks # noqa: PLC0415
        d = dict(src_dict)
        entry_id = UUID(d.pop("entryId"))




        plan_id = UUID(d.pop("planId"))




        plan_version = d.pop("planVersion")

        position = d.pop("position")

        links = LogEntryLinks.from_dict(d.pop("links"))




        log_entry = cls(
            entry_id=entry_id,
            plan_id=plan_id,
            plan_version=plan_version,
            position=position,
            links=links,
        )


        log_entry.additional_properties = d
        return log_entry

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
