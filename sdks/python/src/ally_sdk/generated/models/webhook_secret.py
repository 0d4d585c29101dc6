from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="WebhookSecret")



@_attrs_define
class WebhookSecret:
    """ The secret of an endpoint.

        Attributes:
            endpoint_id (UUID): Which endpoint.
            secret (str): What its messages are signed with: `whsec_` and Base64.
            position (str): The newest event that this answer holds.
            previous_until (datetime.datetime | Unset): Until when the secret before signs too, where it does.
     """

    endpoint_id: UUID
    secret: str
    position: str
    previous_until: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        endpoint_id = str(self.endpoint_id)

        secret = self.secret

        position = self.position

        previous_until: str | Unset = UNSET
        if not isinstance(self.previous_until, Unset):
            previous_until = self.previous_until.isoformat()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "endpointId": endpoint_id,
            "secret": secret,
            "position": position,
        })
        if previous_until is not UNSET:
            field_dict["previousUntil"] = previous_until

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        endpoint_id = UUID(d.pop("endpointId"))




        secret = d.pop("secret")

        position = d.pop("position")

        _previous_until = d.pop("previousUntil", UNSET)
        previous_until: datetime.datetime | Unset
        if isinstance(_previous_until,  Unset):
            previous_until = UNSET
        else:
            previous_until = datetime.datetime.fromisoformat(_previous_until)




        webhook_secret = cls(
            endpoint_id=endpoint_id,
            secret=secret,
            position=position,
            previous_until=previous_until,
        )


        webhook_secret.additional_properties = d
        return webhook_secret

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
