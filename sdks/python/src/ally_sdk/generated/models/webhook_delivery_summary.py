from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.webhook_delivery_status import WebhookDeliveryStatus
from ..models.webhook_message_type import WebhookMessageType
from ..types import UNSET, Unset
from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.webhook_delivery_links import WebhookDeliveryLinks





T = TypeVar("T", bound="WebhookDeliverySummary")



@_attrs_define
class WebhookDeliverySummary:
    """ A message on its way to an endpoint, or at its end, as lists show it.

        Attributes:
            delivery_id (UUID): Which delivery.
            endpoint_id (UUID): To which endpoint.
            message_id (str): The message's `webhook-id`, by which a receiver tells a repeat.
            type_ (WebhookMessageType): What a webhook is about: what happened to a job, a test, or how another endpoint of
                the app stands.
            status (WebhookDeliveryStatus): Where a delivery stands: it is to be sent, or sent again (`waiting`), the
                endpoint took it, or nobody tries any more.
            round_ (int): How often it was begun to be sent: once, and once more for each time that it was to be sent again.
            attempts (int): The attempts of this round that ended.
            queued_at (datetime.datetime): When it was queued.
            position (str): The newest event that this answer holds.
            links (WebhookDeliveryLinks): Where to go from a delivery.
            ended_at (datetime.datetime | Unset): When it was delivered or given up.
            next_attempt_at (datetime.datetime | Unset): When the next attempt is due, while it waits for one.
            last_status (int | Unset): The HTTP status of the last attempt, where there was an answer.
            last_reason (str | Unset): Why the last attempt failed, or why nobody tries any more.
     """

    delivery_id: UUID
    endpoint_id: UUID
    message_id: str
    type_: WebhookMessageType
    status: WebhookDeliveryStatus
    round_: int
    attempts: int
    queued_at: datetime.datetime
    position: str
    links: WebhookDeliveryLinks
    ended_at: datetime.datetime | Unset = UNSET
    next_attempt_at: datetime.datetime | Unset = UNSET
    last_status: int | Unset = UNSET
    last_reason: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.webhook_delivery_links import WebhookDeliveryLinks # noqa: PLC0415
        delivery_id = str(self.delivery_id)

        endpoint_id = str(self.endpoint_id)

        message_id = self.message_id

        type_ = self.type_.value

        status = self.status.value

        round_ = self.round_

        attempts = self.attempts

        queued_at = self.queued_at.isoformat()

        position = self.position

        links = self.links.to_dict()

        ended_at: str | Unset = UNSET
        if not isinstance(self.ended_at, Unset):
            ended_at = self.ended_at.isoformat()

        next_attempt_at: str | Unset = UNSET
        if not isinstance(self.next_attempt_at, Unset):
            next_attempt_at = self.next_attempt_at.isoformat()

        last_status = self.last_status

        last_reason = self.last_reason


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "deliveryId": delivery_id,
            "endpointId": endpoint_id,
            "messageId": message_id,
            "type": type_,
            "status": status,
            "round": round_,
            "attempts": attempts,
            "queuedAt": queued_at,
            "position": position,
            "links": links,
        })
        if ended_at is not UNSET:
            field_dict["endedAt"] = ended_at
        if next_attempt_at is not UNSET:
            field_dict["nextAttemptAt"] = next_attempt_at
        if last_status is not UNSET:
            field_dict["lastStatus"] = last_status
        if last_reason is not UNSET:
            field_dict["lastReason"] = last_reason

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.webhook_delivery_links import WebhookDeliveryLinks # noqa: PLC0415
        d = dict(src_dict)
        delivery_id = UUID(d.pop("deliveryId"))




        endpoint_id = UUID(d.pop("endpointId"))




        message_id = d.pop("messageId")

        type_ = WebhookMessageType(d.pop("type"))




        status = WebhookDeliveryStatus(d.pop("status"))




        round_ = d.pop("round")

        attempts = d.pop("attempts")

        queued_at = datetime.datetime.fromisoformat(d.pop("queuedAt"))




        position = d.pop("position")

        links = WebhookDeliveryLinks.from_dict(d.pop("links"))




        _ended_at = d.pop("endedAt", UNSET)
        ended_at: datetime.datetime | Unset
        if isinstance(_ended_at,  Unset):
            ended_at = UNSET
        else:
            ended_at = datetime.datetime.fromisoformat(_ended_at)




        _next_attempt_at = d.pop("nextAttemptAt", UNSET)
        next_attempt_at: datetime.datetime | Unset
        if isinstance(_next_attempt_at,  Unset):
            next_attempt_at = UNSET
        else:
            next_attempt_at = datetime.datetime.fromisoformat(_next_attempt_at)




        last_status = d.pop("lastStatus", UNSET)

        last_reason = d.pop("lastReason", UNSET)

        webhook_delivery_summary = cls(
            delivery_id=delivery_id,
            endpoint_id=endpoint_id,
            message_id=message_id,
            type_=type_,
            status=status,
            round_=round_,
            attempts=attempts,
            queued_at=queued_at,
            position=position,
            links=links,
            ended_at=ended_at,
            next_attempt_at=next_attempt_at,
            last_status=last_status,
            last_reason=last_reason,
        )


        webhook_delivery_summary.additional_properties = d
        return webhook_delivery_summary

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
