from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="Links")



@_attrs_define
class Links:
    """ Where to go from here.

        Attributes:
            self_ (str): The job.
            plan (str | Unset): The plan, once it is there.
            cancel (str | Unset): Stops the job (POST), while it can be stopped.
            retry (str | Unset): Requests it again as a new job (POST), where it failed.
     """

    self_: str
    plan: str | Unset = UNSET
    cancel: str | Unset = UNSET
    retry: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        self_ = self.self_

        plan = self.plan

        cancel = self.cancel

        retry = self.retry


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "self": self_,
        })
        if plan is not UNSET:
            field_dict["plan"] = plan
        if cancel is not UNSET:
            field_dict["cancel"] = cancel
        if retry is not UNSET:
            field_dict["retry"] = retry

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        self_ = d.pop("self")

        plan = d.pop("plan", UNSET)

        cancel = d.pop("cancel", UNSET)

        retry = d.pop("retry", UNSET)

        links = cls(
            self_=self_,
            plan=plan,
            cancel=cancel,
            retry=retry,
        )


        links.additional_properties = d
        return links

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
