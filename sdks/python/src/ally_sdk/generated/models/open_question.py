from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.screening_question_name import ScreeningQuestionName






T = TypeVar("T", bound="OpenQuestion")



@_attrs_define
class OpenQuestion:
    """ A question about health that has no answer yet. Nothing is concluded from that.

        Attributes:
            question (ScreeningQuestionName): A question about health: a field of `screening`.
            asks (str): The question as an athlete reads it.
     """

    question: ScreeningQuestionName
    asks: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        question = self.question.value

        asks = self.asks


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "question": question,
            "asks": asks,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        question = ScreeningQuestionName(d.pop("question"))




        asks = d.pop("asks")

        open_question = cls(
            question=question,
            asks=asks,
        )


        open_question.additional_properties = d
        return open_question

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
