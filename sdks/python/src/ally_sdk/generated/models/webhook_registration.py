from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.webhook_type import WebhookType
from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="WebhookRegistration")



@_attrs_define
class WebhookRegistration:
    """ An endpoint to be registered.

        Attributes:
            app (str): The app that it belongs to.
            url (str): Where its messages go: an address of `https`, without user, password and fragment.
            types (list[WebhookType]): Which messages it gets.
            description (None | str | Unset): What it is, for people.
     """

    app: str
    url: str
    types: list[WebhookType]
    description: None | str | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        app = self.app

        url = self.url

        types = []
        for types_item_data in self.types:
            types_item = types_item_data.value
            types.append(types_item)



        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "app": app,
            "url": url,
            "types": types,
        })
        if description is not UNSET:
            field_dict["description"] = description

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        app = d.pop("app")

        url = d.pop("url")

        types = []
        _types = d.pop("types")
        for types_item_data in (_types):
            types_item = WebhookType(types_item_data)



            types.append(types_item)


        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))


        webhook_registration = cls(
            app=app,
            url=url,
            types=types,
            description=description,
        )

        return webhook_registration

