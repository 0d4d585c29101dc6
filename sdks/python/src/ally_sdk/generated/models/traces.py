from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.trace_summary import TraceSummary
  from ..models.traces_kept import TracesKept





T = TypeVar("T", bound="Traces")



@_attrs_define
class Traces:
    """ Traces, and how much of them this process keeps.

        Attributes:
            traces (list[TraceSummary]): Those that were asked for.
            kept (TracesKept): What a process keeps of its traces.
     """

    traces: list[TraceSummary]
    kept: TracesKept
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.trace_summary import TraceSummary # noqa: PLC0415
        from ..models.traces_kept import TracesKept # noqa: PLC0415
        traces = []
        for traces_item_data in self.traces:
            traces_item = traces_item_data.to_dict()
            traces.append(traces_item)



        kept = self.kept.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "traces": traces,
            "kept": kept,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.trace_summary import TraceSummary # noqa: PLC0415
        from ..models.traces_kept import TracesKept # noqa: PLC0415
        d = dict(src_dict)
        traces = []
        _traces = d.pop("traces")
        for traces_item_data in (_traces):
            traces_item = TraceSummary.from_dict(traces_item_data)



            traces.append(traces_item)


        kept = TracesKept.from_dict(d.pop("kept"))




        traces = cls(
            traces=traces,
            kept=kept,
        )


        traces.additional_properties = d
        return traces

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
