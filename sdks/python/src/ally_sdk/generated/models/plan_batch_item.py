from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.plan_wish import PlanWish





T = TypeVar("T", bound="PlanBatchItem")



@_attrs_define
class PlanBatchItem:
    """ A request of a batch.

        Attributes:
            idempotency_key (None | str | Unset): Names the job of this request for ever, as the header `Idempotency-Key`
                does for a single one. Where the batch has that header
                itself, the header and the place in the batch name the jobs of requests without a key.
            request (None | PlanWish | Unset): The plan that is asked for; nothing said of it is a request, too.
     """

    idempotency_key: None | str | Unset = UNSET
    request: None | PlanWish | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.plan_wish import PlanWish # noqa: PLC0415
        idempotency_key: None | str | Unset
        if isinstance(self.idempotency_key, Unset):
            idempotency_key = UNSET
        else:
            idempotency_key = self.idempotency_key

        request: dict[str, Any] | None | Unset
        if isinstance(self.request, Unset):
            request = UNSET
        elif isinstance(self.request, PlanWish):
            request = self.request.to_dict()
        else:
            request = self.request


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if idempotency_key is not UNSET:
            field_dict["idempotencyKey"] = idempotency_key
        if request is not UNSET:
            field_dict["request"] = request

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_wish import PlanWish # noqa: PLC0415
        d = dict(src_dict)
        def _parse_idempotency_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        idempotency_key = _parse_idempotency_key(d.pop("idempotencyKey", UNSET))


        def _parse_request(data: object) -> None | PlanWish | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                request_type_0 = PlanWish.from_dict(data)



                return request_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PlanWish | Unset, data)

        request = _parse_request(d.pop("request", UNSET))


        plan_batch_item = cls(
            idempotency_key=idempotency_key,
            request=request,
        )

        return plan_batch_item

