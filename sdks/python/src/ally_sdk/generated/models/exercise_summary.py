from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.impact import Impact
from ..models.mechanic import Mechanic
from ..models.muscle import Muscle
from ..models.pattern import Pattern
from ..models.proficiency import Proficiency
from typing import cast

if TYPE_CHECKING:
  from ..models.exercise_needs import ExerciseNeeds





T = TypeVar("T", bound="ExerciseSummary")



@_attrs_define
class ExerciseSummary:
    """ An exercise in a list.

        Attributes:
            id (str): Its id, as plans name it.
            name (str): Its name, for people.
            pattern (Pattern): How the body moves.
            level (Proficiency): How far along the athlete is.
            mechanic (Mechanic): How many joints work.
            primary (list[Muscle]): The muscles that do the main work.
            equipment (ExerciseNeeds): What must be at hand: everything in `allOf`, and one of `anyOf` when it names any. A
                floor and a mat are always there.
            impact (Impact): How hard the ground hits back.
            unilateral (bool): Whether it is done one side after the other.
            link (str): Where it is read whole.
     """

    id: str
    name: str
    pattern: Pattern
    level: Proficiency
    mechanic: Mechanic
    primary: list[Muscle]
    equipment: ExerciseNeeds
    impact: Impact
    unilateral: bool
    link: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.exercise_needs import ExerciseNeeds # noqa: PLC0415
        id = self.id

        name = self.name

        pattern = self.pattern.value

        level = self.level.value

        mechanic = self.mechanic.value

        primary = []
        for primary_item_data in self.primary:
            primary_item = primary_item_data.value
            primary.append(primary_item)



        equipment = self.equipment.to_dict()

        impact = self.impact.value

        unilateral = self.unilateral

        link = self.link


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "id": id,
            "name": name,
            "pattern": pattern,
            "level": level,
            "mechanic": mechanic,
            "primary": primary,
            "equipment": equipment,
            "impact": impact,
            "unilateral": unilateral,
            "link": link,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.exercise_needs import ExerciseNeeds # noqa: PLC0415
        d = dict(src_dict)
        id = d.pop("id")

        name = d.pop("name")

        pattern = Pattern(d.pop("pattern"))




        level = Proficiency(d.pop("level"))




        mechanic = Mechanic(d.pop("mechanic"))




        primary = []
        _primary = d.pop("primary")
        for primary_item_data in (_primary):
            primary_item = Muscle(primary_item_data)



            primary.append(primary_item)


        equipment = ExerciseNeeds.from_dict(d.pop("equipment"))




        impact = Impact(d.pop("impact"))




        unilateral = d.pop("unilateral")

        link = d.pop("link")

        exercise_summary = cls(
            id=id,
            name=name,
            pattern=pattern,
            level=level,
            mechanic=mechanic,
            primary=primary,
            equipment=equipment,
            impact=impact,
            unilateral=unilateral,
            link=link,
        )


        exercise_summary.additional_properties = d
        return exercise_summary

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
