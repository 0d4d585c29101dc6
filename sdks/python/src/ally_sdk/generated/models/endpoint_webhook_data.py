from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.webhook_disable_cause import WebhookDisableCause
from ..types import UNSET, Unset
from uuid import UUID






T = TypeVar("T", bound="EndpointWebhookData")



@_attrs_define
class EndpointWebhookData:
    """ What a message says of an endpoint.

        Attributes:
            endpoint_id (UUID): Which endpoint.
            app (str | Unset): The app that it belongs to; absent in a test.
            cause (WebhookDisableCause | Unset): Why an endpoint gets nothing: an operator disabled it, it answered 410, or
                it failed for days.
            position (str | Unset): Where the event stands in the log; absent in a test.
     """

    endpoint_id: UUID
    app: str | Unset = UNSET
    cause: WebhookDisableCause | Unset = UNSET
    position: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        endpoint_id = str(self.endpoint_id)

        app = self.app

        cause: str | Unset = UNSET
        if not isinstance(self.cause, Unset):
            cause = self.cause.value


        position = self.position


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "endpointId": endpoint_id,
        })
        if app is not UNSET:
            field_dict["app"] = app
        if cause is not UNSET:
            field_dict["cause"] = cause
        if position is not UNSET:
            field_dict["position"] = position

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        endpoint_id = UUID(d.pop("endpointId"))




        app = d.pop("app", UNSET)

        _cause = d.pop("cause", UNSET)
        cause: WebhookDisableCause | Unset
        if isinstance(_cause,  Unset):
            cause = UNSET
        else:
            cause = WebhookDisableCause(_cause)




        position = d.pop("position", UNSET)

        endpoint_webhook_data = cls(
            endpoint_id=endpoint_id,
            app=app,
            cause=cause,
            position=position,
        )


        endpoint_webhook_data.additional_properties = d
        return endpoint_webhook_data

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
