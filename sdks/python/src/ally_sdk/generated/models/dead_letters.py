from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.dead_letter_summary import DeadLetterSummary





T = TypeVar("T", bound="DeadLetters")



@_attrs_define
class DeadLetters:
    """ Messages that were given up.

        Attributes:
            letters (list[DeadLetterSummary]): The letters, the oldest first.
            next_ (str | Unset): Send it as `cursor` to get the next page; absent on the last.
     """

    letters: list[DeadLetterSummary]
    next_: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.dead_letter_summary import DeadLetterSummary # noqa: PLC0415
        letters = []
        for letters_item_data in self.letters:
            letters_item = letters_item_data.to_dict()
            letters.append(letters_item)



        next_ = self.next_


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "letters": letters,
        })
        if next_ is not UNSET:
            field_dict["next"] = next_

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.dead_letter_summary import DeadLetterSummary # noqa: PLC0415
        d = dict(src_dict)
        letters = []
        _letters = d.pop("letters")
        for letters_item_data in (_letters):
            letters_item = DeadLetterSummary.from_dict(letters_item_data)



            letters.append(letters_item)


        next_ = d.pop("next", UNSET)

        dead_letters = cls(
            letters=letters,
            next_=next_,
        )


        dead_letters.additional_properties = d
        return dead_letters

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
