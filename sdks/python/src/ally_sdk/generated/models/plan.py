from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.purpose import Purpose
from ..models.season import Season
from ..types import UNSET, Unset
from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.adapted import Adapted
  from ..models.plan_score import PlanScore
  from ..models.plan_totals import PlanTotals
  from ..models.plan_validation import PlanValidation
  from ..models.provenance import Provenance
  from ..models.tradeoff import Tradeoff
  from ..models.week import Week





T = TypeVar("T", bound="Plan")



@_attrs_define
class Plan:
    """ A training plan.

        Attributes:
            schema (int): The version of this shape.
            plan_id (UUID): Which plan.
            version (int): From 1.
            provenance (Provenance): Everything that, together with the profile and the request, gives the plan again.
            profile_rev (int): The revision of the profile it was made for.
            goal (Purpose): What the athlete trains for.
            season (Season): Where in the competitive year.
            weeks (list[Week]): Its weeks, in order.
            totals (PlanTotals): What a plan adds up to.
            tradeoffs (list[Tradeoff]): Where it falls short of a soft rule, and why.
            score (PlanScore): Points from 0 to 100: safety counts 60 %, compliance 30 %, performance 10 %.
            validation (PlanValidation): What the validator said.
            parent (int | Unset): The version it was made from, if any.
            adapted (Adapted | Unset): How a version was adapted, and what the next adaptation remembers: evidence counts
                once.
     """

    schema: int
    plan_id: UUID
    version: int
    provenance: Provenance
    profile_rev: int
    goal: Purpose
    season: Season
    weeks: list[Week]
    totals: PlanTotals
    tradeoffs: list[Tradeoff]
    score: PlanScore
    validation: PlanValidation
    parent: int | Unset = UNSET
    adapted: Adapted | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.adapted import Adapted # noqa: PLC0415
        from ..models.plan_score import PlanScore # noqa: PLC0415
        from ..models.plan_totals import PlanTotals # noqa: PLC0415
        from ..models.plan_validation import PlanValidation # noqa: PLC0415
        from ..models.provenance import Provenance # noqa: PLC0415
        from ..models.tradeoff import Tradeoff # noqa: PLC0415
        from ..models.week import Week # noqa: PLC0415
        schema = self.schema

        plan_id = str(self.plan_id)

        version = self.version

        provenance = self.provenance.to_dict()

        profile_rev = self.profile_rev

        goal = self.goal.value

        season = self.season.value

        weeks = []
        for weeks_item_data in self.weeks:
            weeks_item = weeks_item_data.to_dict()
            weeks.append(weeks_item)



        totals = self.totals.to_dict()

        tradeoffs = []
        for tradeoffs_item_data in self.tradeoffs:
            tradeoffs_item = tradeoffs_item_data.to_dict()
            tradeoffs.append(tradeoffs_item)



        score = self.score.to_dict()

        validation = self.validation.to_dict()

        parent = self.parent

        adapted: dict[str, Any] | Unset = UNSET
        if not isinstance(self.adapted, Unset):
            adapted = self.adapted.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "schema": schema,
            "planId": plan_id,
            "version": version,
            "provenance": provenance,
            "profileRev": profile_rev,
            "goal": goal,
            "season": season,
            "weeks": weeks,
            "totals": totals,
            "tradeoffs": tradeoffs,
            "score": score,
            "validation": validation,
        })
        if parent is not UNSET:
            field_dict["parent"] = parent
        if adapted is not UNSET:
            field_dict["adapted"] = adapted

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.adapted import Adapted # noqa: PLC0415
        from ..models.plan_score import PlanScore # noqa: PLC0415
        from ..models.plan_totals import PlanTotals # noqa: PLC0415
        from ..models.plan_validation import PlanValidation # noqa: PLC0415
        from ..models.provenance import Provenance # noqa: PLC0415
        from ..models.tradeoff import Tradeoff # noqa: PLC0415
        from ..models.week import Week # noqa: PLC0415
        d = dict(src_dict)
        schema = d.pop("schema")

        plan_id = UUID(d.pop("planId"))




        version = d.pop("version")

        provenance = Provenance.from_dict(d.pop("provenance"))




        profile_rev = d.pop("profileRev")

        goal = Purpose(d.pop("goal"))




        season = Season(d.pop("season"))




        weeks = []
        _weeks = d.pop("weeks")
        for weeks_item_data in (_weeks):
            weeks_item = Week.from_dict(weeks_item_data)



            weeks.append(weeks_item)


        totals = PlanTotals.from_dict(d.pop("totals"))




        tradeoffs = []
        _tradeoffs = d.pop("tradeoffs")
        for tradeoffs_item_data in (_tradeoffs):
            tradeoffs_item = Tradeoff.from_dict(tradeoffs_item_data)



            tradeoffs.append(tradeoffs_item)


        score = PlanScore.from_dict(d.pop("score"))




        validation = PlanValidation.from_dict(d.pop("validation"))




        parent = d.pop("parent", UNSET)

        _adapted = d.pop("adapted", UNSET)
        adapted: Adapted | Unset
        if isinstance(_adapted,  Unset):
            adapted = UNSET
        else:
            adapted = Adapted.from_dict(_adapted)




        plan = cls(
            schema=schema,
            plan_id=plan_id,
            version=version,
            provenance=provenance,
            profile_rev=profile_rev,
            goal=goal,
            season=season,
            weeks=weeks,
            totals=totals,
            tradeoffs=tradeoffs,
            score=score,
            validation=validation,
            parent=parent,
            adapted=adapted,
        )


        plan.additional_properties = d
        return plan

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
