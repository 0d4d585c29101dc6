from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset







T = TypeVar("T", bound="WebhookEndpointLinks")



@_attrs_define
class WebhookEndpointLinks:
    """ Where to go from an endpoint.

        Attributes:
            self_ (str): The endpoint.
            deliveries (str): What went to it.
            ping (str): Sends it a test (POST).
     """

    self_: str
    deliveries: str
    ping: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        self_ = self.self_

        deliveries = self.deliveries

        ping = self.ping


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "self": self_,
            "deliveries": deliveries,
            "ping": ping,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        self_ = d.pop("self")

        deliveries = d.pop("deliveries")

        ping = d.pop("ping")

        webhook_endpoint_links = cls(
            self_=self_,
            deliveries=deliveries,
            ping=ping,
        )


        webhook_endpoint_links.additional_properties = d
        return webhook_endpoint_links

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
