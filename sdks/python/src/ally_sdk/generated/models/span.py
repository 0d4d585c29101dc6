from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.span_kind import SpanKind
from ..types import UNSET, Unset
from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.span_attributes import SpanAttributes
  from ..models.span_event import SpanEvent
  from ..models.span_link import SpanLink
  from ..models.span_resource import SpanResource





T = TypeVar("T", bound="Span")



@_attrs_define
class Span:
    """ A span.

        Attributes:
            trace_id (str): Its trace.
            span_id (str): 16 hexadecimal digits.
            name (str): What it shows.
            kind (SpanKind): What a span is.
            service (str): Whose it is.
            started_at (datetime.datetime): When it began.
            duration_ms (float): How long it took, in milliseconds.
            attributes (SpanAttributes): What is known of it: texts, numbers, yes or no.
            links (list[SpanLink]): Spans that it also works for.
            events (list[SpanEvent]): What was said on the way.
            resource (SpanResource): What its process says of itself.
            parent_span_id (str | Unset): The span that it is part of.
            error (str | Unset): Why it ended badly, where it did.
     """

    trace_id: str
    span_id: str
    name: str
    kind: SpanKind
    service: str
    started_at: datetime.datetime
    duration_ms: float
    attributes: SpanAttributes
    links: list[SpanLink]
    events: list[SpanEvent]
    resource: SpanResource
    parent_span_id: str | Unset = UNSET
    error: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.span_attributes import SpanAttributes # noqa: PLC0415
        from ..models.span_event import SpanEvent # noqa: PLC0415
        from ..models.span_link import SpanLink # noqa: PLC0415
        from ..models.span_resource import SpanResource # noqa: PLC0415
        trace_id = self.trace_id

        span_id = self.span_id

        name = self.name

        kind = self.kind.value

        service = self.service

        started_at = self.started_at.isoformat()

        duration_ms = self.duration_ms

        attributes = self.attributes.to_dict()

        links = []
        for links_item_data in self.links:
            links_item = links_item_data.to_dict()
            links.append(links_item)



        events = []
        for events_item_data in self.events:
            events_item = events_item_data.to_dict()
            events.append(events_item)



        resource = self.resource.to_dict()

        parent_span_id = self.parent_span_id

        error = self.error


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "traceId": trace_id,
            "spanId": span_id,
            "name": name,
            "kind": kind,
            "service": service,
            "startedAt": started_at,
            "durationMs": duration_ms,
            "attributes": attributes,
            "links": links,
            "events": events,
            "resource": resource,
        })
        if parent_span_id is not UNSET:
            field_dict["parentSpanId"] = parent_span_id
        if error is not UNSET:
            field_dict["error"] = error

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.span_attributes import SpanAttributes # noqa: PLC0415
        from ..models.span_event import SpanEvent # noqa: PLC0415
        from ..models.span_link import SpanLink # noqa: PLC0415
        from ..models.span_resource import SpanResource # noqa: PLC0415
        d = dict(src_dict)
        trace_id = d.pop("traceId")

        span_id = d.pop("spanId")

        name = d.pop("name")

        kind = SpanKind(d.pop("kind"))




        service = d.pop("service")

        started_at = datetime.datetime.fromisoformat(d.pop("startedAt"))




        duration_ms = d.pop("durationMs")

        attributes = SpanAttributes.from_dict(d.pop("attributes"))




        links = []
        _links = d.pop("links")
        for links_item_data in (_links):
            links_item = SpanLink.from_dict(links_item_data)



            links.append(links_item)


        events = []
        _events = d.pop("events")
        for events_item_data in (_events):
            events_item = SpanEvent.from_dict(events_item_data)



            events.append(events_item)


        resource = SpanResource.from_dict(d.pop("resource"))




        parent_span_id = d.pop("parentSpanId", UNSET)

        error = d.pop("error", UNSET)

        span = cls(
            trace_id=trace_id,
            span_id=span_id,
            name=name,
            kind=kind,
            service=service,
            started_at=started_at,
            duration_ms=duration_ms,
            attributes=attributes,
            links=links,
            events=events,
            resource=resource,
            parent_span_id=parent_span_id,
            error=error,
        )


        span.additional_properties = d
        return span

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
