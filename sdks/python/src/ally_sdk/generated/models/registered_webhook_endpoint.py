from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.webhook_disable_cause import WebhookDisableCause
from ..models.webhook_type import WebhookType
from ..types import UNSET, Unset
from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.webhook_endpoint_links import WebhookEndpointLinks





T = TypeVar("T", bound="RegisteredWebhookEndpoint")



@_attrs_define
class RegisteredWebhookEndpoint:
    """ An endpoint that was registered, with its secret.

        Attributes:
            endpoint_id (UUID): Which endpoint.
            app (str): The app that it belongs to.
            url (str): Where its messages go.
            types (list[WebhookType]): Which messages it gets.
            enabled (bool): Whether it is sent anything.
            registered_at (datetime.datetime): When it was registered.
            position (str): The newest event that this answer holds.
            links (WebhookEndpointLinks): Where to go from an endpoint.
            secret (str): What its messages are signed with: `whsec_` and Base64.
            description (str | Unset): What it is, for people.
            disabled_cause (WebhookDisableCause | Unset): Why an endpoint gets nothing: an operator disabled it, it answered
                410, or it failed for days.
            failing_since (datetime.datetime | Unset): Since when it does not take its messages, where it does not.
     """

    endpoint_id: UUID
    app: str
    url: str
    types: list[WebhookType]
    enabled: bool
    registered_at: datetime.datetime
    position: str
    links: WebhookEndpointLinks
    secret: str
    description: str | Unset = UNSET
    disabled_cause: WebhookDisableCause | Unset = UNSET
    failing_since: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.webhook_endpoint_links import WebhookEndpointLinks # noqa: PLC0415
        endpoint_id = str(self.endpoint_id)

        app = self.app

        url = self.url

        types = []
        for types_item_data in self.types:
            types_item = types_item_data.value
            types.append(types_item)



        enabled = self.enabled

        registered_at = self.registered_at.isoformat()

        position = self.position

        links = self.links.to_dict()

        secret = self.secret

        description = self.description

        disabled_cause: str | Unset = UNSET
        if not isinstance(self.disabled_cause, Unset):
            disabled_cause = self.disabled_cause.value


        failing_since: str | Unset = UNSET
        if not isinstance(self.failing_since, Unset):
            failing_since = self.failing_since.isoformat()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "endpointId": endpoint_id,
            "app": app,
            "url": url,
            "types": types,
            "enabled": enabled,
            "registeredAt": registered_at,
            "position": position,
            "links": links,
            "secret": secret,
        })
        if description is not UNSET:
            field_dict["description"] = description
        if disabled_cause is not UNSET:
            field_dict["disabledCause"] = disabled_cause
        if failing_since is not UNSET:
            field_dict["failingSince"] = failing_since

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.webhook_endpoint_links import WebhookEndpointLinks # noqa: PLC0415
        d = dict(src_dict)
        endpoint_id = UUID(d.pop("endpointId"))




        app = d.pop("app")

        url = d.pop("url")

        types = []
        _types = d.pop("types")
        for types_item_data in (_types):
            types_item = WebhookType(types_item_data)



            types.append(types_item)


        enabled = d.pop("enabled")

        registered_at = datetime.datetime.fromisoformat(d.pop("registeredAt"))




        position = d.pop("position")

        links = WebhookEndpointLinks.from_dict(d.pop("links"))




        secret = d.pop("secret")

        description = d.pop("description", UNSET)

        _disabled_cause = d.pop("disabledCause", UNSET)
        disabled_cause: WebhookDisableCause | Unset
        if isinstance(_disabled_cause,  Unset):
            disabled_cause = UNSET
        else:
            disabled_cause = WebhookDisableCause(_disabled_cause)




        _failing_since = d.pop("failingSince", UNSET)
        failing_since: datetime.datetime | Unset
        if isinstance(_failing_since,  Unset):
            failing_since = UNSET
        else:
            failing_since = datetime.datetime.fromisoformat(_failing_since)




        registered_webhook_endpoint = cls(
            endpoint_id=endpoint_id,
            app=app,
            url=url,
            types=types,
            enabled=enabled,
            registered_at=registered_at,
            position=position,
            links=links,
            secret=secret,
            description=description,
            disabled_cause=disabled_cause,
            failing_since=failing_since,
        )


        registered_webhook_endpoint.additional_properties = d
        return registered_webhook_endpoint

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
