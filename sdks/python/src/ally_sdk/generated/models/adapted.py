from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.adapted_progressed import AdaptedProgressed
  from ..models.decision import Decision
  from ..models.return_to_training import ReturnToTraining





T = TypeVar("T", bound="Adapted")



@_attrs_define
class Adapted:
    """ How a version was adapted, and what the next adaptation remembers: evidence counts once.

        Attributes:
            on (datetime.date): The day on which it was made.
            decisions (list[Decision]): What was decided for this version.
            workouts (int): Workouts that were in the log.
            progressed (AdaptedProgressed | Unset): By exercise: evidence up to this training day has had its effect.
            repeated (list[int] | Unset): The weeks that were repeated already.
            deloaded (datetime.date | Unset): Bad signals up to this day have had their effect.
            away (ReturnToTraining | Unset): A return after days away.
     """

    on: datetime.date
    decisions: list[Decision]
    workouts: int
    progressed: AdaptedProgressed | Unset = UNSET
    repeated: list[int] | Unset = UNSET
    deloaded: datetime.date | Unset = UNSET
    away: ReturnToTraining | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.adapted_progressed import AdaptedProgressed # noqa: PLC0415
        from ..models.decision import Decision # noqa: PLC0415
        from ..models.return_to_training import ReturnToTraining # noqa: PLC0415
        on = self.on.isoformat()

        decisions = []
        for decisions_item_data in self.decisions:
            decisions_item = decisions_item_data.to_dict()
            decisions.append(decisions_item)



        workouts = self.workouts

        progressed: dict[str, Any] | Unset = UNSET
        if not isinstance(self.progressed, Unset):
            progressed = self.progressed.to_dict()

        repeated: list[int] | Unset = UNSET
        if not isinstance(self.repeated, Unset):
            repeated = self.repeated



        deloaded: str | Unset = UNSET
        if not isinstance(self.deloaded, Unset):
            deloaded = self.deloaded.isoformat()

        away: dict[str, Any] | Unset = UNSET
        if not isinstance(self.away, Unset):
            away = self.away.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "on": on,
            "decisions": decisions,
            "workouts": workouts,
        })
        if progressed is not UNSET:
            field_dict["progressed"] = progressed
        if repeated is not UNSET:
            field_dict["repeated"] = repeated
        if deloaded is not UNSET:
            field_dict["deloaded"] = deloaded
        if away is not UNSET:
            field_dict["away"] = away

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.adapted_progressed import AdaptedProgressed # noqa: PLC0415
        from ..models.decision import Decision # noqa: PLC0415
        from ..models.return_to_training import ReturnToTraining # noqa: PLC0415
        d = dict(src_dict)
        on = datetime.date.fromisoformat(d.pop("on"))




        decisions = []
        _decisions = d.pop("decisions")
        for decisions_item_data in (_decisions):
            decisions_item = Decision.from_dict(decisions_item_data)



            decisions.append(decisions_item)


        workouts = d.pop("workouts")

        _progressed = d.pop("progressed", UNSET)
        progressed: AdaptedProgressed | Unset
        if isinstance(_progressed,  Unset):
            progressed = UNSET
        else:
            progressed = AdaptedProgressed.from_dict(_progressed)




        repeated = cast(list[int], d.pop("repeated", UNSET))


        _deloaded = d.pop("deloaded", UNSET)
        deloaded: datetime.date | Unset
        if isinstance(_deloaded,  Unset):
            deloaded = UNSET
        else:
            deloaded = datetime.date.fromisoformat(_deloaded)




        _away = d.pop("away", UNSET)
        away: ReturnToTraining | Unset
        if isinstance(_away,  Unset):
            away = UNSET
        else:
            away = ReturnToTraining.from_dict(_away)




        adapted = cls(
            on=on,
            decisions=decisions,
            workouts=workouts,
            progressed=progressed,
            repeated=repeated,
            deloaded=deloaded,
            away=away,
        )


        adapted.additional_properties = d
        return adapted

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
