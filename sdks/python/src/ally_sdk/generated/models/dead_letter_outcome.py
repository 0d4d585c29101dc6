from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.dead_letter_treatment import DeadLetterTreatment






T = TypeVar("T", bound="DeadLetterOutcome")



@_attrs_define
class DeadLetterOutcome:
    """ What became of a dead letter.

        Attributes:
            id (str): Which one.
            outcome (DeadLetterTreatment): What became of a dead letter: it was put back, the same was done before, its job
                had ended otherwise, or it was removed for good. Of many at once also: its job is not parked yet, it is not
                there any more, or nothing was to be done.
     """

    id: str
    outcome: DeadLetterTreatment
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        id = self.id

        outcome = self.outcome.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "id": id,
            "outcome": outcome,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        outcome = DeadLetterTreatment(d.pop("outcome"))




        dead_letter_outcome = cls(
            id=id,
            outcome=outcome,
        )


        dead_letter_outcome.additional_properties = d
        return dead_letter_outcome

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
