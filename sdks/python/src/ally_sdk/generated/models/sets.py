from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="Sets")



@_attrs_define
class Sets:
    """ `n` equal sets, by exactly one of `reps`, `seconds` and `metres`.

        Attributes:
            n (int): How many.
            rest_s (int): Seconds of rest after a set; in a superset after the round.
            reps (list[int] | Unset): Lowest and highest repetitions, a side where the exercise is one-sided.
            seconds (int | Unset): Seconds of work.
            metres (int | Unset): Metres of way.
            rir (int | Unset): Repetitions in reserve at the end of a set.
            rpe (int | Unset): Effort from 1 to 10, for conditioning.
            pct1rm (int | Unset): Percent of the one-repetition maximum: a starting point where the reserve decides.
            load_kg (float | Unset): Kilograms, once workouts have told them.
            ramp (bool | Unset): Whether these sets only lead up to the working load.
     """

    n: int
    rest_s: int
    reps: list[int] | Unset = UNSET
    seconds: int | Unset = UNSET
    metres: int | Unset = UNSET
    rir: int | Unset = UNSET
    rpe: int | Unset = UNSET
    pct1rm: int | Unset = UNSET
    load_kg: float | Unset = UNSET
    ramp: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        n = self.n

        rest_s = self.rest_s

        reps: list[int] | Unset = UNSET
        if not isinstance(self.reps, Unset):
            reps = self.reps



        seconds = self.seconds

        metres = self.metres

        rir = self.rir

        rpe = self.rpe

        pct1rm = self.pct1rm

        load_kg = self.load_kg

        ramp = self.ramp


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "n": n,
            "restS": rest_s,
        })
        if reps is not UNSET:
            field_dict["reps"] = reps
        if seconds is not UNSET:
            field_dict["seconds"] = seconds
        if metres is not UNSET:
            field_dict["metres"] = metres
        if rir is not UNSET:
            field_dict["rir"] = rir
        if rpe is not UNSET:
            field_dict["rpe"] = rpe
        if pct1rm is not UNSET:
            field_dict["pct1rm"] = pct1rm
        if load_kg is not UNSET:
            field_dict["loadKg"] = load_kg
        if ramp is not UNSET:
            field_dict["ramp"] = ramp

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        n = d.pop("n")

        rest_s = d.pop("restS")

        reps = cast(list[int], d.pop("reps", UNSET))


        seconds = d.pop("seconds", UNSET)

        metres = d.pop("metres", UNSET)

        rir = d.pop("rir", UNSET)

        rpe = d.pop("rpe", UNSET)

        pct1rm = d.pop("pct1rm", UNSET)

        load_kg = d.pop("loadKg", UNSET)

        ramp = d.pop("ramp", UNSET)

        sets = cls(
            n=n,
            rest_s=rest_s,
            reps=reps,
            seconds=seconds,
            metres=metres,
            rir=rir,
            rpe=rpe,
            pct1rm=pct1rm,
            load_kg=load_kg,
            ramp=ramp,
        )


        sets.additional_properties = d
        return sets

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
