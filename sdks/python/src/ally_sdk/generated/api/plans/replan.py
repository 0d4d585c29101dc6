from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.accepted_job import AcceptedJob
from ...models.problem import Problem
from ...models.replan_wish import ReplanWish
from ...types import UNSET, Unset
from typing import cast
from uuid import UUID



def _get_kwargs(
    id: UUID,
    *,
    body: ReplanWish | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key



    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/plans/{id}/replan".format(id=quote(str(id), safe=""),),
    }

    
    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> AcceptedJob | Problem | None:
    if response.status_code == 202:
        response_202 = AcceptedJob.from_dict(response.json())



        return response_202

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

    if response.status_code == 408:
        response_408 = Problem.from_dict(response.json())



        return response_408

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())



        return response_409

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())



        return response_413

    if response.status_code == 414:
        response_414 = Problem.from_dict(response.json())



        return response_414

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())



        return response_415

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())



        return response_422

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[AcceptedJob | Problem]:
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
    body: ReplanWish | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,

) -> Response[AcceptedJob | Problem]:
    """ Ask for the next version

     Makes the next version of a plan from its training log, for the athlete as the newest answers and
    reports have them, as a
    job like any other. What is past never changes. Answers, pain or words that call for a
    professional's yes fail the job with
    `clearance_required`. A job that finds nothing to change completes with the version that there is:
    `planVersion` is the newest version
    either way, and `note` says what became of it. With an `Idempotency-Key` the request names its job
    for ever.

    Args:
        id (UUID):
        idempotency_key (str | Unset):
        body (ReplanWish | Unset): Why a next version is wanted. Everything is optional.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AcceptedJob | Problem]
     """


    kwargs = _get_kwargs(
        id=id,
body=body,
idempotency_key=idempotency_key,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    id: UUID,
    *,
    client: AuthenticatedClient,
    body: ReplanWish | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,

) -> AcceptedJob | Problem | None:
    """ Ask for the next version

     Makes the next version of a plan from its training log, for the athlete as the newest answers and
    reports have them, as a
    job like any other. What is past never changes. Answers, pain or words that call for a
    professional's yes fail the job with
    `clearance_required`. A job that finds nothing to change completes with the version that there is:
    `planVersion` is the newest version
    either way, and `note` says what became of it. With an `Idempotency-Key` the request names its job
    for ever.

    Args:
        id (UUID):
        idempotency_key (str | Unset):
        body (ReplanWish | Unset): Why a next version is wanted. Everything is optional.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AcceptedJob | Problem
     """


    return sync_detailed(
        id=id,
client=client,
body=body,
idempotency_key=idempotency_key,

    ).parsed

async def asyncio_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    body: ReplanWish | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,

) -> Response[AcceptedJob | Problem]:
    """ Ask for the next version

     Makes the next version of a plan from its training log, for the athlete as the newest answers and
    reports have them, as a
    job like any other. What is past never changes. Answers, pain or words that call for a
    professional's yes fail the job with
    `clearance_required`. A job that finds nothing to change completes with the version that there is:
    `planVersion` is the newest version
    either way, and `note` says what became of it. With an `Idempotency-Key` the request names its job
    for ever.

    Args:
        id (UUID):
        idempotency_key (str | Unset):
        body (ReplanWish | Unset): Why a next version is wanted. Everything is optional.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AcceptedJob | Problem]
     """


    kwargs = _get_kwargs(
        id=id,
body=body,
idempotency_key=idempotency_key,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    id: UUID,
    *,
    client: AuthenticatedClient,
    body: ReplanWish | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,

) -> AcceptedJob | Problem | None:
    """ Ask for the next version

     Makes the next version of a plan from its training log, for the athlete as the newest answers and
    reports have them, as a
    job like any other. What is past never changes. Answers, pain or words that call for a
    professional's yes fail the job with
    `clearance_required`. A job that finds nothing to change completes with the version that there is:
    `planVersion` is the newest version
    either way, and `note` says what became of it. With an `Idempotency-Key` the request names its job
    for ever.

    Args:
        id (UUID):
        idempotency_key (str | Unset):
        body (ReplanWish | Unset): Why a next version is wanted. Everything is optional.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AcceptedJob | Problem
     """


    return (await asyncio_detailed(
        id=id,
client=client,
body=body,
idempotency_key=idempotency_key,

    )).parsed
