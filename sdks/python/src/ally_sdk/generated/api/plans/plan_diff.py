from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.plan_diff import PlanDiff
from ...models.problem import Problem
from ...types import UNSET, Unset
from typing import cast
from uuid import UUID



def _get_kwargs(
    id: UUID,
    *,
    from_: int,
    to: int | Unset = UNSET,
    position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match



    

    params: dict[str, Any] = {}

    params["from"] = from_

    params["to"] = to

    params["position"] = position


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/plans/{id}/diff".format(id=quote(str(id), safe=""),),
        "params": params,
    }


    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | PlanDiff | Problem | None:
    if response.status_code == 200:
        response_200 = PlanDiff.from_dict(response.json())



        return response_200

    if response.status_code == 304:
        response_304 = cast(Any, None)
        return response_304

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())



        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())



        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())



        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())



        return response_404

    if response.status_code == 406:
        response_406 = Problem.from_dict(response.json())



        return response_406

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())



        return response_413

    if response.status_code == 414:
        response_414 = Problem.from_dict(response.json())



        return response_414

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())



        return response_429

    if response.status_code == 431:
        response_431 = Problem.from_dict(response.json())



        return response_431

    if response.status_code == 500:
        response_500 = Problem.from_dict(response.json())



        return response_500

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())



        return response_503

    if response.status_code == 504:
        response_504 = Problem.from_dict(response.json())



        return response_504

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | PlanDiff | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    from_: int,
    to: int | Unset = UNSET,
    position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Response[Any | PlanDiff | Problem]:
    """ Compare two versions

     What changed from one version of a plan to a later one, session by session, and what was decided on
    the way.

    Args:
        id (UUID):
        from_ (int):
        to (int | Unset):
        position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | PlanDiff | Problem]
     """


    kwargs = _get_kwargs(
        id=id,
from_=from_,
to=to,
position=position,
if_none_match=if_none_match,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    id: UUID,
    *,
    client: AuthenticatedClient,
    from_: int,
    to: int | Unset = UNSET,
    position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Any | PlanDiff | Problem | None:
    """ Compare two versions

     What changed from one version of a plan to a later one, session by session, and what was decided on
    the way.

    Args:
        id (UUID):
        from_ (int):
        to (int | Unset):
        position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | PlanDiff | Problem
     """


    return sync_detailed(
        id=id,
client=client,
from_=from_,
to=to,
position=position,
if_none_match=if_none_match,

    ).parsed

async def asyncio_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    from_: int,
    to: int | Unset = UNSET,
    position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Response[Any | PlanDiff | Problem]:
    """ Compare two versions

     What changed from one version of a plan to a later one, session by session, and what was decided on
    the way.

    Args:
        id (UUID):
        from_ (int):
        to (int | Unset):
        position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | PlanDiff | Problem]
     """


    kwargs = _get_kwargs(
        id=id,
from_=from_,
to=to,
position=position,
if_none_match=if_none_match,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    id: UUID,
    *,
    client: AuthenticatedClient,
    from_: int,
    to: int | Unset = UNSET,
    position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Any | PlanDiff | Problem | None:
    """ Compare two versions

     What changed from one version of a plan to a later one, session by session, and what was decided on
    the way.

    Args:
        id (UUID):
        from_ (int):
        to (int | Unset):
        position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | PlanDiff | Problem
     """


    return (await asyncio_detailed(
        id=id,
client=client,
from_=from_,
to=to,
position=position,
if_none_match=if_none_match,

    )).parsed
