from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="Screening")



@_attrs_define
class Screening:
    """ Seven questions about health. What is absent stays as it was answered before; a question without an answer was not
    asked.

        Attributes:
            heart_or_blood_pressure (bool | None | Unset): Has a doctor ever found a heart condition or high blood pressure?
            chest_pain (bool | None | Unset): Does your chest hurt or feel tight, at rest, in daily life or when you are
                active?
            dizziness_or_fainting (bool | None | Unset): Have you fainted in the last year, or do you lose your balance
                because you are dizzy?
            other_condition (bool | None | Unset): Do you have any other lasting condition that a doctor found, such as
                diabetes, asthma or epilepsy?
            medication (bool | None | Unset): Do you take prescribed medication for a lasting condition?
            bone_or_joint (bool | None | Unset): Do you have, or have you had within a year, a problem of bone, joint,
                muscle or ligament that more activity could
                make worse?
            supervised_only (bool | None | Unset): Has a doctor told you to be active only under medical supervision?
     """

    heart_or_blood_pressure: bool | None | Unset = UNSET
    chest_pain: bool | None | Unset = UNSET
    dizziness_or_fainting: bool | None | Unset = UNSET
    other_condition: bool | None | Unset = UNSET
    medication: bool | None | Unset = UNSET
    bone_or_joint: bool | None | Unset = UNSET
    supervised_only: bool | None | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        heart_or_blood_pressure: bool | None | Unset
        if isinstance(self.heart_or_blood_pressure, Unset):
            heart_or_blood_pressure = UNSET
        else:
            heart_or_blood_pressure = self.heart_or_blood_pressure

        chest_pain: bool | None | Unset
        if isinstance(self.chest_pain, Unset):
            chest_pain = UNSET
        else:
            chest_pain = self.chest_pain

        dizziness_or_fainting: bool | None | Unset
        if isinstance(self.dizziness_or_fainting, Unset):
            dizziness_or_fainting = UNSET
        else:
            dizziness_or_fainting = self.dizziness_or_fainting

        other_condition: bool | None | Unset
        if isinstance(self.other_condition, Unset):
            other_condition = UNSET
        else:
            other_condition = self.other_condition

        medication: bool | None | Unset
        if isinstance(self.medication, Unset):
            medication = UNSET
        else:
            medication = self.medication

        bone_or_joint: bool | None | Unset
        if isinstance(self.bone_or_joint, Unset):
            bone_or_joint = UNSET
        else:
            bone_or_joint = self.bone_or_joint

        supervised_only: bool | None | Unset
        if isinstance(self.supervised_only, Unset):
            supervised_only = UNSET
        else:
            supervised_only = self.supervised_only


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if heart_or_blood_pressure is not UNSET:
            field_dict["heartOrBloodPressure"] = heart_or_blood_pressure
        if chest_pain is not UNSET:
            field_dict["chestPain"] = chest_pain
        if dizziness_or_fainting is not UNSET:
            field_dict["dizzinessOrFainting"] = dizziness_or_fainting
        if other_condition is not UNSET:
            field_dict["otherCondition"] = other_condition
        if medication is not UNSET:
            field_dict["medication"] = medication
        if bone_or_joint is not UNSET:
            field_dict["boneOrJoint"] = bone_or_joint
        if supervised_only is not UNSET:
            field_dict["supervisedOnly"] = supervised_only

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        def _parse_heart_or_blood_pressure(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        heart_or_blood_pressure = _parse_heart_or_blood_pressure(d.pop("heartOrBloodPressure", UNSET))


        def _parse_chest_pain(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        chest_pain = _parse_chest_pain(d.pop("chestPain", UNSET))


        def _parse_dizziness_or_fainting(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        dizziness_or_fainting = _parse_dizziness_or_fainting(d.pop("dizzinessOrFainting", UNSET))


        def _parse_other_condition(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        other_condition = _parse_other_condition(d.pop("otherCondition", UNSET))


        def _parse_medication(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        medication = _parse_medication(d.pop("medication", UNSET))


        def _parse_bone_or_joint(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        bone_or_joint = _parse_bone_or_joint(d.pop("boneOrJoint", UNSET))


        def _parse_supervised_only(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        supervised_only = _parse_supervised_only(d.pop("supervisedOnly", UNSET))


        screening = cls(
            heart_or_blood_pressure=heart_or_blood_pressure,
            chest_pain=chest_pain,
            dizziness_or_fainting=dizziness_or_fainting,
            other_condition=other_condition,
            medication=medication,
            bone_or_joint=bone_or_joint,
            supervised_only=supervised_only,
        )

        return screening

