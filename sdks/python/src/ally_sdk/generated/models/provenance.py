from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.fallback import Fallback





T = TypeVar("T", bound="Provenance")



@_attrs_define
class Provenance:
    """ Everything that, together with the profile and the request, gives the plan again.

        Attributes:
            provider (str): `builtin`, or the name of another provider.
            engine (str): The engine's version.
            catalogue (str): The SHA-256 of the catalogue, hex.
            seed (int): The seed of its choices.
            model (str | Unset): The model that drafted it, where one did.
            repairs (int | Unset): How often a draft went back for repair before it kept the rules, where a model drafted
                it.
            fallback (Fallback | Unset): A provider that was asked first and made no plan.
     """

    provider: str
    engine: str
    catalogue: str
    seed: int
    model: str | Unset = UNSET
    repairs: int | Unset = UNSET
    fallback: Fallback | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.fallback import Fallback # noqa: PLC0415
        provider = self.provider

        engine = self.engine

        catalogue = self.catalogue

        seed = self.seed

        model = self.model

        repairs = self.repairs

        fallback: dict[str, Any] | Unset = UNSET
        if not isinstance(self.fallback, Unset):
            fallback = self.fallback.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "provider": provider,
            "engine": engine,
            "catalogue": catalogue,
            "seed": seed,
        })
        if model is not UNSET:
            field_dict["model"] = model
        if repairs is not UNSET:
            field_dict["repairs"] = repairs
        if fallback is not UNSET:
            field_dict["fallback"] = fallback

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.fallback import Fallback # noqa: PLC0415
        d = dict(src_dict)
        provider = d.pop("provider")

        engine = d.pop("engine")

        catalogue = d.pop("catalogue")

        seed = d.pop("seed")

        model = d.pop("model", UNSET)

        repairs = d.pop("repairs", UNSET)

        _fallback = d.pop("fallback", UNSET)
        fallback: Fallback | Unset
        if isinstance(_fallback,  Unset):
            fallback = UNSET
        else:
            fallback = Fallback.from_dict(_fallback)




        provenance = cls(
            provider=provider,
            engine=engine,
            catalogue=catalogue,
            seed=seed,
            model=model,
            repairs=repairs,
            fallback=fallback,
        )


        provenance.additional_properties = d
        return provenance

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
