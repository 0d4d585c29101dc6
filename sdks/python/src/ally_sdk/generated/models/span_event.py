from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.span_event_attributes import SpanEventAttributes





T = TypeVar("T", bound="SpanEvent")



@_attrs_define
class SpanEvent:
    """ Something that was said in a span.

        Attributes:
            name (str): What.
            attributes (SpanEventAttributes): What is known of it.
     """

    name: str
    attributes: SpanEventAttributes
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.span_event_attributes import SpanEventAttributes # noqa: PLC0415
        name = self.name

        attributes = self.attributes.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "name": name,
            "attributes": attributes,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.span_event_attributes import SpanEventAttributes # noqa: PLC0415
        d = dict(src_dict)
        name = d.pop("name")

        attributes = SpanEventAttributes.from_dict(d.pop("attributes"))




        span_event = cls(
            name=name,
            attributes=attributes,
        )


        span_event.additional_properties = d
        return span_event

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
