from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="SetDone")



@_attrs_define
class SetDone:
    """ A set as it was done: exactly one of `reps`, `seconds` and `metres`, at most one of `rir` and `rpe`.

        Attributes:
            reps (int | None | Unset): Repetitions, a side where the exercise is one-sided.
            seconds (int | None | Unset): Seconds of work.
            metres (int | None | Unset): Metres of way.
            load_kg (float | None | Unset): The load in kilograms, without the body's own weight.
            rir (int | None | Unset): Repetitions that were left in reserve.
            rpe (float | None | Unset): Effort in halves: 10 less the reserve.
     """

    reps: int | None | Unset = UNSET
    seconds: int | None | Unset = UNSET
    metres: int | None | Unset = UNSET
    load_kg: float | None | Unset = UNSET
    rir: int | None | Unset = UNSET
    rpe: float | None | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        reps: int | None | Unset
        if isinstance(self.reps, Unset):
            reps = UNSET
        else:
            reps = self.reps

        seconds: int | None | Unset
        if isinstance(self.seconds, Unset):
            seconds = UNSET
        else:
            seconds = self.seconds

        metres: int | None | Unset
        if isinstance(self.metres, Unset):
            metres = UNSET
        else:
            metres = self.metres

        load_kg: float | None | Unset
        if isinstance(self.load_kg, Unset):
            load_kg = UNSET
        else:
            load_kg = self.load_kg

        rir: int | None | Unset
        if isinstance(self.rir, Unset):
            rir = UNSET
        else:
            rir = self.rir

        rpe: float | None | Unset
        if isinstance(self.rpe, Unset):
            rpe = UNSET
        else:
            rpe = self.rpe


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if reps is not UNSET:
            field_dict["reps"] = reps
        if seconds is not UNSET:
            field_dict["seconds"] = seconds
        if metres is not UNSET:
            field_dict["metres"] = metres
        if load_kg is not UNSET:
            field_dict["loadKg"] = load_kg
        if rir is not UNSET:
            field_dict["rir"] = rir
        if rpe is not UNSET:
            field_dict["rpe"] = rpe

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        def _parse_reps(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        reps = _parse_reps(d.pop("reps", UNSET))


        def _parse_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        seconds = _parse_seconds(d.pop("seconds", UNSET))


        def _parse_metres(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        metres = _parse_metres(d.pop("metres", UNSET))


        def _parse_load_kg(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        load_kg = _parse_load_kg(d.pop("loadKg", UNSET))


        def _parse_rir(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        rir = _parse_rir(d.pop("rir", UNSET))


        def _parse_rpe(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        rpe = _parse_rpe(d.pop("rpe", UNSET))


        set_done = cls(
            reps=reps,
            seconds=seconds,
            metres=metres,
            load_kg=load_kg,
            rir=rir,
            rpe=rpe,
        )

        return set_done

