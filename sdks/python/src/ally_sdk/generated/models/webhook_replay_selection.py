from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.webhook_replayed_status import WebhookReplayedStatus
from ..types import UNSET, Unset
from typing import cast
import datetime






T = TypeVar("T", bound="WebhookReplaySelection")



@_attrs_define
class WebhookReplaySelection:
    """ Which deliveries are to be sent again.

        Attributes:
            since (datetime.datetime): Those that were queued at or after a moment.
            status (None | Unset | WebhookReplayedStatus): Those that stand so; those that were given up where it is absent.
            cursor (None | str | Unset): The `next` of an earlier answer, to go on behind the deliveries that it was about.
     """

    since: datetime.datetime
    status: None | Unset | WebhookReplayedStatus = UNSET
    cursor: None | str | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        since = self.since.isoformat()

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        elif isinstance(self.status, WebhookReplayedStatus):
            status = self.status.value
        else:
            status = self.status

        cursor: None | str | Unset
        if isinstance(self.cursor, Unset):
            cursor = UNSET
        else:
            cursor = self.cursor


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "since": since,
        })
        if status is not UNSET:
            field_dict["status"] = status
        if cursor is not UNSET:
            field_dict["cursor"] = cursor

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        since = datetime.datetime.fromisoformat(d.pop("since"))




        def _parse_status(data: object) -> None | Unset | WebhookReplayedStatus:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = WebhookReplayedStatus(data)



                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | WebhookReplayedStatus, data)

        status = _parse_status(d.pop("status", UNSET))


        def _parse_cursor(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        cursor = _parse_cursor(d.pop("cursor", UNSET))


        webhook_replay_selection = cls(
            since=since,
            status=status,
            cursor=cursor,
        )

        return webhook_replay_selection

