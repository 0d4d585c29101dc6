from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.item_done import ItemDone
  from ..models.pain import Pain





T = TypeVar("T", bound="Workout")



@_attrs_define
class Workout:
    """ A session as it was done.

        Attributes:
            plan_id (UUID): Which plan.
            session_id (str): Which session of it: `w1d2`. A later workout of the same session counts in its place.
            performed_at (datetime.datetime): When, with the athlete's own offset: the date it has there is the training
                day, not before the session's.
            items (list[ItemDone]): What was done, in order, without warming up.
            session_rpe (int | None | Unset): How hard the whole session was.
            pain (list[Pain] | None | Unset): What hurt. A level of 0 says that a place does not hurt any more.
            note (None | str | Unset): In the athlete's own words.
     """

    plan_id: UUID
    session_id: str
    performed_at: datetime.datetime
    items: list[ItemDone]
    session_rpe: int | None | Unset = UNSET
    pain: list[Pain] | None | Unset = UNSET
    note: None | str | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.item_done import ItemDone # noqa: PLC0415
        from ..models.pain import Pain # noqa: PLC0415
        plan_id = str(self.plan_id)

        session_id = self.session_id

        performed_at = self.performed_at.isoformat()

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)



        session_rpe: int | None | Unset
        if isinstance(self.session_rpe, Unset):
            session_rpe = UNSET
        else:
            session_rpe = self.session_rpe

        pain: list[dict[str, Any]] | None | Unset
        if isinstance(self.pain, Unset):
            pain = UNSET
        elif isinstance(self.pain, list):
            pain = []
            for pain_type_0_item_data in self.pain:
                pain_type_0_item = pain_type_0_item_data.to_dict()
                pain.append(pain_type_0_item)


        else:
            pain = self.pain

        note: None | str | Unset
        if isinstance(self.note, Unset):
            note = UNSET
        else:
            note = self.note


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "planId": plan_id,
            "sessionId": session_id,
            "performedAt": performed_at,
            "items": items,
        })
        if session_rpe is not UNSET:
            field_dict["sessionRpe"] = session_rpe
        if pain is not UNSET:
            field_dict["pain"] = pain
        if note is not UNSET:
            field_dict["note"] = note

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.item_done import ItemDone # noqa: PLC0415
        from ..models.pain import Pain # noqa: PLC0415
        d = dict(src_dict)
        plan_id = UUID(d.pop("planId"))




        session_id = d.pop("sessionId")

        performed_at = datetime.datetime.fromisoformat(d.pop("performedAt"))




        items = []
        _items = d.pop("items")
        for items_item_data in (_items):
            items_item = ItemDone.from_dict(items_item_data)



            items.append(items_item)


        def _parse_session_rpe(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        session_rpe = _parse_session_rpe(d.pop("sessionRpe", UNSET))


        def _parse_pain(data: object) -> list[Pain] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                pain_type_0 = []
                _pain_type_0 = data
                for pain_type_0_item_data in (_pain_type_0):
                    pain_type_0_item = Pain.from_dict(pain_type_0_item_data)



                    pain_type_0.append(pain_type_0_item)

                return pain_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Pain] | None | Unset, data)

        pain = _parse_pain(d.pop("pain", UNSET))


        def _parse_note(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        note = _parse_note(d.pop("note", UNSET))


        workout = cls(
            plan_id=plan_id,
            session_id=session_id,
            performed_at=performed_at,
            items=items,
            session_rpe=session_rpe,
            pain=pain,
            note=note,
        )

        return workout

