from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="DeadLetterSelection")



@_attrs_define
class DeadLetterSelection:
    """ Which dead letters, what of them, and why.

        Attributes:
            fingerprint (None | str | Unset): Those of one cause, as the groups name it.
            consumer (None | str | Unset): Those of one consumer.
            all_ (bool | None | Unset): All of them, where no cause and no consumer is named: nobody changes all by leaving
                something out.
            note (None | str | Unset): Why, for the audit: what was the cause, and what has been done about it. Needed
                unless nothing is to be done.
            dry_run (bool | None | Unset): Show what would be done, and do nothing.
            per_second (int | None | Unset): At most so many a second; 20 unless told.
            limit (int | None | Unset): At most so many in all; 100 unless told. What a request's time does not suffice for
                is left as well.
     """

    fingerprint: None | str | Unset = UNSET
    consumer: None | str | Unset = UNSET
    all_: bool | None | Unset = UNSET
    note: None | str | Unset = UNSET
    dry_run: bool | None | Unset = UNSET
    per_second: int | None | Unset = UNSET
    limit: int | None | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        fingerprint: None | str | Unset
        if isinstance(self.fingerprint, Unset):
            fingerprint = UNSET
        else:
            fingerprint = self.fingerprint

        consumer: None | str | Unset
        if isinstance(self.consumer, Unset):
            consumer = UNSET
        else:
            consumer = self.consumer

        all_: bool | None | Unset
        if isinstance(self.all_, Unset):
            all_ = UNSET
        else:
            all_ = self.all_

        note: None | str | Unset
        if isinstance(self.note, Unset):
            note = UNSET
        else:
            note = self.note

        dry_run: bool | None | Unset
        if isinstance(self.dry_run, Unset):
            dry_run = UNSET
        else:
            dry_run = self.dry_run

        per_second: int | None | Unset
        if isinstance(self.per_second, Unset):
            per_second = UNSET
        else:
            per_second = self.per_second

        limit: int | None | Unset
        if isinstance(self.limit, Unset):
            limit = UNSET
        else:
            limit = self.limit


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if fingerprint is not UNSET:
            field_dict["fingerprint"] = fingerprint
        if consumer is not UNSET:
            field_dict["consumer"] = consumer
        if all_ is not UNSET:
            field_dict["all"] = all_
        if note is not UNSET:
            field_dict["note"] = note
        if dry_run is not UNSET:
            field_dict["dryRun"] = dry_run
        if per_second is not UNSET:
            field_dict["perSecond"] = per_second
        if limit is not UNSET:
            field_dict["limit"] = limit

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        def _parse_fingerprint(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        fingerprint = _parse_fingerprint(d.pop("fingerprint", UNSET))


        def _parse_consumer(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        consumer = _parse_consumer(d.pop("consumer", UNSET))


        def _parse_all_(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        all_ = _parse_all_(d.pop("all", UNSET))


        def _parse_note(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        note = _parse_note(d.pop("note", UNSET))


        def _parse_dry_run(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        dry_run = _parse_dry_run(d.pop("dryRun", UNSET))


        def _parse_per_second(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        per_second = _parse_per_second(d.pop("perSecond", UNSET))


        def _parse_limit(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        limit = _parse_limit(d.pop("limit", UNSET))


        dead_letter_selection = cls(
            fingerprint=fingerprint,
            consumer=consumer,
            all_=all_,
            note=note,
            dry_run=dry_run,
            per_second=per_second,
            limit=limit,
        )

        return dead_letter_selection

