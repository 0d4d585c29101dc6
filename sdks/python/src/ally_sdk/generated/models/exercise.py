from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.eccentric import Eccentric
from ..models.force import Force
from ..models.impact import Impact
from ..models.measure import Measure
from ..models.mechanic import Mechanic
from ..models.muscle import Muscle
from ..models.pattern import Pattern
from ..models.proficiency import Proficiency
from ..models.stress_tag import StressTag
from typing import cast

if TYPE_CHECKING:
  from ..models.exercise_needs import ExerciseNeeds
  from ..models.exercise_summary import ExerciseSummary





T = TypeVar("T", bound="Exercise")



@_attrs_define
class Exercise:
    """ An exercise, whole.

        Attributes:
            id (str): Its id, as plans name it.
            name (str): Its name, for people.
            cue (str): How to do it well, in one sentence.
            pattern (Pattern): How the body moves.
            equipment (ExerciseNeeds): What must be at hand: everything in `allOf`, and one of `anyOf` when it names any. A
                floor and a mat are always there.
            primary (list[Muscle]): The muscles that do the main work; a set counts in full for each.
            secondary (list[Muscle]): The muscles that assist; a set counts half.
            level (Proficiency): How far along the athlete is.
            mechanic (Mechanic): How many joints work.
            force (Force): What the muscles do.
            unilateral (bool): Whether it is done one side after the other.
            loadable (bool): Whether load can be added in small steps.
            percent_based (bool): Whether its load is known as a percentage of a one-repetition maximum.
            impact (Impact): How hard the ground hits back.
            eccentric (Eccentric): How much a muscle brakes while it lengthens, which is what makes it sore.
            ballistic (bool): Whether it is done at full speed, jumped, thrown or caught: a place with pain of 4 is spared
                it.
            stress_tags (list[StressTag]): What it asks of joints.
            contacts_per_rep (int): Ground contacts of a repetition.
            measure (Measure): What a set counts.
            tempo (list[int]): Seconds down, pause, up, pause.
            substitutions (list[ExerciseSummary]): What may stand in for it: the same movement, a main muscle in common, the
                nearest first.
            progressions (list[ExerciseSummary]): What to do when it is too easy.
            regressions (list[ExerciseSummary]): What to do when it is too hard.
            catalogue (str): The SHA-256 of the catalogue, as plans name it in their provenance.
     """

    id: str
    name: str
    cue: str
    pattern: Pattern
    equipment: ExerciseNeeds
    primary: list[Muscle]
    secondary: list[Muscle]
    level: Proficiency
    mechanic: Mechanic
    force: Force
    unilateral: bool
    loadable: bool
    percent_based: bool
    impact: Impact
    eccentric: Eccentric
    ballistic: bool
    stress_tags: list[StressTag]
    contacts_per_rep: int
    measure: Measure
    tempo: list[int]
    substitutions: list[ExerciseSummary]
    progressions: list[ExerciseSummary]
    regressions: list[ExerciseSummary]
    catalogue: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.exercise_needs import ExerciseNeeds # noqa: PLC0415
        from ..models.exercise_summary import ExerciseSummary # noqa: PLC0415
        id = self.id

        name = self.name

        cue = self.cue

        pattern = self.pattern.value

        equipment = self.equipment.to_dict()

        primary = []
        for primary_item_data in self.primary:
            primary_item = primary_item_data.value
            primary.append(primary_item)



        secondary = []
        for secondary_item_data in self.secondary:
            secondary_item = secondary_item_data.value
            secondary.append(secondary_item)



        level = self.level.value

        mechanic = self.mechanic.value

        force = self.force.value

        unilateral = self.unilateral

        loadable = self.loadable

        percent_based = self.percent_based

        impact = self.impact.value

        eccentric = self.eccentric.value

        ballistic = self.ballistic

        stress_tags = []
        for stress_tags_item_data in self.stress_tags:
            stress_tags_item = stress_tags_item_data.value
            stress_tags.append(stress_tags_item)



        contacts_per_rep = self.contacts_per_rep

        measure = self.measure.value

        tempo = self.tempo



        substitutions = []
        for substitutions_item_data in self.substitutions:
            substitutions_item = substitutions_item_data.to_dict()
            substitutions.append(substitutions_item)



        progressions = []
        for progressions_item_data in self.progressions:
            progressions_item = progressions_item_data.to_dict()
            progressions.append(progressions_item)



        regressions = []
        for regressions_item_data in self.regressions:
            regressions_item = regressions_item_data.to_dict()
            regressions.append(regressions_item)



        catalogue = self.catalogue


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "id": id,
            "name": name,
            "cue": cue,
            "pattern": pattern,
            "equipment": equipment,
            "primary": primary,
            "secondary": secondary,
            "level": level,
            "mechanic": mechanic,
            "force": force,
            "unilateral": unilateral,
            "loadable": loadable,
            "percentBased": percent_based,
            "impact": impact,
            "eccentric": eccentric,
            "ballistic": ballistic,
            "stressTags": stress_tags,
            "contactsPerRep": contacts_per_rep,
            "measure": measure,
            "tempo": tempo,
            "substitutions": substitutions,
            "progressions": progressions,
            "regressions": regressions,
            "catalogue": catalogue,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.exercise_needs import ExerciseNeeds # noqa: PLC0415
        from ..models.exercise_summary import ExerciseSummary # noqa: PLC0415
        d = dict(src_dict)
        id = d.pop("id")

        name = d.pop("name")

        cue = d.pop("cue")

        pattern = Pattern(d.pop("pattern"))




        equipment = ExerciseNeeds.from_dict(d.pop("equipment"))




        primary = []
        _primary = d.pop("primary")
        for primary_item_data in (_primary):
            primary_item = Muscle(primary_item_data)



            primary.append(primary_item)


        secondary = []
        _secondary = d.pop("secondary")
        for secondary_item_data in (_secondary):
            secondary_item = Muscle(secondary_item_data)



            secondary.append(secondary_item)


        level = Proficiency(d.pop("level"))




        mechanic = Mechanic(d.pop("mechanic"))




        force = Force(d.pop("force"))




        unilateral = d.pop("unilateral")

        loadable = d.pop("loadable")

        percent_based = d.pop("percentBased")

        impact = Impact(d.pop("impact"))




        eccentric = Eccentric(d.pop("eccentric"))




        ballistic = d.pop("ballistic")

        stress_tags = []
        _stress_tags = d.pop("stressTags")
        for stress_tags_item_data in (_stress_tags):
            stress_tags_item = StressTag(stress_tags_item_data)



            stress_tags.append(stress_tags_item)


        contacts_per_rep = d.pop("contactsPerRep")

        measure = Measure(d.pop("measure"))




        tempo = cast(list[int], d.pop("tempo"))


        substitutions = []
        _substitutions = d.pop("substitutions")
        for substitutions_item_data in (_substitutions):
            substitutions_item = ExerciseSummary.from_dict(substitutions_item_data)



            substitutions.append(substitutions_item)


        progressions = []
        _progressions = d.pop("progressions")
        for progressions_item_data in (_progressions):
            progressions_item = ExerciseSummary.from_dict(progressions_item_data)



            progressions.append(progressions_item)


        regressions = []
        _regressions = d.pop("regressions")
        for regressions_item_data in (_regressions):
            regressions_item = ExerciseSummary.from_dict(regressions_item_data)



            regressions.append(regressions_item)


        catalogue = d.pop("catalogue")

        exercise = cls(
            id=id,
            name=name,
            cue=cue,
            pattern=pattern,
            equipment=equipment,
            primary=primary,
            secondary=secondary,
            level=level,
            mechanic=mechanic,
            force=force,
            unilateral=unilateral,
            loadable=loadable,
            percent_based=percent_based,
            impact=impact,
            eccentric=eccentric,
            ballistic=ballistic,
            stress_tags=stress_tags,
            contacts_per_rep=contacts_per_rep,
            measure=measure,
            tempo=tempo,
            substitutions=substitutions,
            progressions=progressions,
            regressions=regressions,
            catalogue=catalogue,
        )


        exercise.additional_properties = d
        return exercise

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
