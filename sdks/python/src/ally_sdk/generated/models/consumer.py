from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="Consumer")



@_attrs_define
class Consumer:
    """ How a consumer of workers stands.

        Attributes:
            name (str): Its name.
            paused (bool): Whether deliveries are stopped.
            pause_left_seconds (int): Seconds until a pause ends by itself; 0 when there is none.
            pending (int): Messages that wait for their first delivery.
            in_hand (int): Messages that a worker has in hand.
            redelivered (int): Messages that were delivered more than once and are not settled.
            free_pulls (int): Requests of workers for more.
            oldest_age_seconds (int): Seconds that the oldest unsettled message waits.
            paused_by (str | Unset): Who stopped them: `operator:kim`.
     """

    name: str
    paused: bool
    pause_left_seconds: int
    pending: int
    in_hand: int
    redelivered: int
    free_pulls: int
    oldest_age_seconds: int
    paused_by: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        name = self.name

        paused = self.paused

        pause_left_seconds = self.pause_left_seconds

        pending = self.pending

        in_hand = self.in_hand

        redelivered = self.redelivered

        free_pulls = self.free_pulls

        oldest_age_seconds = self.oldest_age_seconds

        paused_by = self.paused_by


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "name": name,
            "paused": paused,
            "pauseLeftSeconds": pause_left_seconds,
            "pending": pending,
            "inHand": in_hand,
            "redelivered": redelivered,
            "freePulls": free_pulls,
            "oldestAgeSeconds": oldest_age_seconds,
        })
        if paused_by is not UNSET:
            field_dict["pausedBy"] = paused_by

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        paused = d.pop("paused")

        pause_left_seconds = d.pop("pauseLeftSeconds")

        pending = d.pop("pending")

        in_hand = d.pop("inHand")

        redelivered = d.pop("redelivered")

        free_pulls = d.pop("freePulls")

        oldest_age_seconds = d.pop("oldestAgeSeconds")

        paused_by = d.pop("pausedBy", UNSET)

        consumer = cls(
            name=name,
            paused=paused,
            pause_left_seconds=pause_left_seconds,
            pending=pending,
            in_hand=in_hand,
            redelivered=redelivered,
            free_pulls=free_pulls,
            oldest_age_seconds=oldest_age_seconds,
            paused_by=paused_by,
        )


        consumer.additional_properties = d
        return consumer

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
