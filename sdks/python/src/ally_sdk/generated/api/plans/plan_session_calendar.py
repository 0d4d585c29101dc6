from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem import Problem
from ...types import UNSET, Unset
from typing import cast
from uuid import UUID



def _get_kwargs(
    id: UUID,
    session: str,
    *,
    start: str | Unset = '18:00',
    version: int | Unset = UNSET,
    position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match



    

    params: dict[str, Any] = {}

    params["start"] = start

    params["version"] = version

    params["position"] = position


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/plans/{id}/sessions/{session}.ics".format(id=quote(str(id), safe=""),session=quote(str(session), safe=""),),
        "params": params,
    }


    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | Problem | str | None:
    if response.status_code == 200:
        response_200 = response.text
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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | Problem | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: UUID,
    session: str,
    *,
    client: AuthenticatedClient,
    start: str | Unset = '18:00',
    version: int | Unset = UNSET,
    position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Response[Any | Problem | str]:
    """ Read a session, as a calendar

     One session of a plan in its newest version, or in the one that is asked for. The ending of the
    address chooses the form,
    or `Accept` where it has none: `.json`, `.ics`, `.csv`, `.fit` (a workout that a watch walks
    through) or `.md`.

    Args:
        id (UUID):
        session (str):
        start (str | Unset):  Default: '18:00'.
        version (int | Unset):
        position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | str]
     """


    kwargs = _get_kwargs(
        id=id,
session=session,
start=start,
version=version,
position=position,
if_none_match=if_none_match,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    id: UUID,
    session: str,
    *,
    client: AuthenticatedClient,
    start: str | Unset = '18:00',
    version: int | Unset = UNSET,
    position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Any | Problem | str | None:
    """ Read a session, as a calendar

     One session of a plan in its newest version, or in the one that is asked for. The ending of the
    address chooses the form,
    or `Accept` where it has none: `.json`, `.ics`, `.csv`, `.fit` (a workout that a watch walks
    through) or `.md`.

    Args:
        id (UUID):
        session (str):
        start (str | Unset):  Default: '18:00'.
        version (int | Unset):
        position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | str
     """


    return sync_detailed(
        id=id,
session=session,
client=client,
start=start,
version=version,
position=position,
if_none_match=if_none_match,

    ).parsed

async def asyncio_detailed(
    id: UUID,
    session: str,
    *,
    client: AuthenticatedClient,
    start: str | Unset = '18:00',
    version: int | Unset = UNSET,
    position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Response[Any | Problem | str]:
    """ Read a session, as a calendar

     One session of a plan in its newest version, or in the one that is asked for. The ending of the
    address chooses the form,
    or `Accept` where it has none: `.json`, `.ics`, `.csv`, `.fit` (a workout that a watch walks
    through) or `.md`.

    Args:
        id (UUID):
        session (str):
        start (str | Unset):  Default: '18:00'.
        version (int | Unset):
        position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | str]
     """


    kwargs = _get_kwargs(
        id=id,
session=session,
start=start,
version=version,
position=position,
if_none_match=if_none_match,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    id: UUID,
    session: str,
    *,
    client: AuthenticatedClient,
    start: str | Unset = '18:00',
    version: int | Unset = UNSET,
    position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Any | Problem | str | None:
    """ Read a session, as a calendar

     One session of a plan in its newest version, or in the one that is asked for. The ending of the
    address chooses the form,
    or `Accept` where it has none: `.json`, `.ics`, `.csv`, `.fit` (a workout that a watch walks
    through) or `.md`.

    Args:
        id (UUID):
        session (str):
        start (str | Unset):  Default: '18:00'.
        version (int | Unset):
        position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | str
     """


    return (await asyncio_detailed(
        id=id,
session=session,
client=client,
start=start,
version=version,
position=position,
if_none_match=if_none_match,

    )).parsed
