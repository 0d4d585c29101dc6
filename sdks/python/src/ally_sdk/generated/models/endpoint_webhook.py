from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.endpoint_webhook_type import EndpointWebhookType
from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.endpoint_webhook_data import EndpointWebhookData





T = TypeVar("T", bound="EndpointWebhook")



@_attrs_define
class EndpointWebhook:
    """ A message about an endpoint: a test of the one that gets it, or how another one of the app stands.

        Attributes:
            type_ (EndpointWebhookType): What a message about an endpoint tells.
            timestamp (datetime.datetime): When.
            data (EndpointWebhookData): What a message says of an endpoint.
     """

    type_: EndpointWebhookType
    timestamp: datetime.datetime
    data: EndpointWebhookData
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.endpoint_webhook_data import EndpointWebhookData # noqa: PLC0415
        type_ = self.type_.value

        timestamp = self.timestamp.isoformat()

        data = self.data.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "type": type_,
            "timestamp": timestamp,
            "data": data,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.endpoint_webhook_data import EndpointWebhookData # noqa: PLC0415
        d = dict(src_dict)
        type_ = EndpointWebhookType(d.pop("type"))




        timestamp = datetime.datetime.fromisoformat(d.pop("timestamp"))




        data = EndpointWebhookData.from_dict(d.pop("data"))




        endpoint_webhook = cls(
            type_=type_,
            timestamp=timestamp,
            data=data,
        )


        endpoint_webhook.additional_properties = d
        return endpoint_webhook

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
