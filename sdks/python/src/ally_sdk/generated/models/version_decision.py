from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.action import Action
from typing import cast






T = TypeVar("T", bound="VersionDecision")



@_attrs_define
class VersionDecision:
    """ Something that adaptation decided for a version, and from which facts.

        Attributes:
            version (int): For which version.
            action (Action): What adaptation does, or holds back from doing.
            rule (str): By which rule.
            about (str): What it is about: an exercise's id, a week, a body part.
            facts (list[str]): What in the log led to it.
     """

    version: int
    action: Action
    rule: str
    about: str
    facts: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        version = self.version

        action = self.action.value

        rule = self.rule

        about = self.about

        facts = self.facts




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "version": version,
            "action": action,
            "rule": rule,
            "about": about,
            "facts": facts,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        version = d.pop("version")

        action = Action(d.pop("action"))




        rule = d.pop("rule")

        about = d.pop("about")

        facts = cast(list[str], d.pop("facts"))


        version_decision = cls(
            version=version,
            action=action,
            rule=rule,
            about=about,
            facts=facts,
        )


        version_decision.additional_properties = d
        return version_decision

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
