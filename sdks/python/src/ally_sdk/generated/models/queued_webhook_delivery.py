from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.webhook_delivery_status import WebhookDeliveryStatus
from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.webhook_delivery_links import WebhookDeliveryLinks





T = TypeVar("T", bound="QueuedWebhookDelivery")



@_attrs_define
class QueuedWebhookDelivery:
    """ A delivery that waits to be sent.

        Attributes:
            delivery_id (UUID): Which delivery.
            endpoint_id (UUID): To which endpoint.
            status (WebhookDeliveryStatus): Where a delivery stands: it is to be sent, or sent again (`waiting`), the
                endpoint took it, or nobody tries any more.
            position (str): Where it stands in the log; name it in a listing to see it there.
            links (WebhookDeliveryLinks): Where to go from a delivery.
     """

    delivery_id: UUID
    endpoint_id: UUID
    status: WebhookDeliveryStatus
    position: str
    links: WebhookDeliveryLinks
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.webhook_delivery_links import WebhookDeliveryLinks # noqa: PLC0415
        delivery_id = str(self.delivery_id)

        endpoint_id = str(self.endpoint_id)

        status = self.status.value

        position = self.position

        links = self.links.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "deliveryId": delivery_id,
            "endpointId": endpoint_id,
            "status": status,
            "position": position,
            "links": links,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.webhook_delivery_links import WebhookDeliveryLinks # noqa: PLC0415
        d = dict(src_dict)
        delivery_id = UUID(d.pop("deliveryId"))




        endpoint_id = UUID(d.pop("endpointId"))




        status = WebhookDeliveryStatus(d.pop("status"))




        position = d.pop("position")

        links = WebhookDeliveryLinks.from_dict(d.pop("links"))




        queued_webhook_delivery = cls(
            delivery_id=delivery_id,
            endpoint_id=endpoint_id,
            status=status,
            position=position,
            links=links,
        )


        queued_webhook_delivery.additional_properties = d
        return queued_webhook_delivery

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
