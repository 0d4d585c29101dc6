from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.plan_batch import PlanBatch
from ...models.plan_batch_answer import PlanBatchAnswer
from ...models.problem import Problem
from ...types import UNSET, Unset
from typing import cast



def _get_kwargs(
    *,
    body: PlanBatch,
    idempotency_key: str | Unset = UNSET,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key



    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/jobs/batch",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> PlanBatchAnswer | Problem | None:
    if response.status_code == 200:
        response_200 = PlanBatchAnswer.from_dict(response.json())



        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())



        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())



        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())



        return response_403

    if response.status_code == 406:
        response_406 = Problem.from_dict(response.json())



        return response_406

    if response.status_code == 408:
        response_408 = Problem.from_dict(response.json())



        return response_408

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[PlanBatchAnswer | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: PlanBatch,
    idempotency_key: str | Unset = UNSET,

) -> Response[PlanBatchAnswer | Problem]:
    """ Request plans

     Up to 100 requests for plans in one body, each with a key that names its job for ever: its own, or
    the header `Idempotency-Key`
    with its place in the batch. Each is accepted or refused by itself, and counts by itself in the
    limits; the same batch again gives
    the same jobs. A body that is not valid is refused whole, before anything is stored.

    Args:
        idempotency_key (str | Unset):
        body (PlanBatch): Requests for plans, each a job of its own.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PlanBatchAnswer | Problem]
     """


    kwargs = _get_kwargs(
        body=body,
idempotency_key=idempotency_key,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    *,
    client: AuthenticatedClient,
    body: PlanBatch,
    idempotency_key: str | Unset = UNSET,

) -> PlanBatchAnswer | Problem | None:
    """ Request plans

     Up to 100 requests for plans in one body, each with a key that names its job for ever: its own, or
    the header `Idempotency-Key`
    with its place in the batch. Each is accepted or refused by itself, and counts by itself in the
    limits; the same batch again gives
    the same jobs. A body that is not valid is refused whole, before anything is stored.

    Args:
        idempotency_key (str | Unset):
        body (PlanBatch): Requests for plans, each a job of its own.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PlanBatchAnswer | Problem
     """


    return sync_detailed(
        client=client,
body=body,
idempotency_key=idempotency_key,

    ).parsed

async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: PlanBatch,
    idempotency_key: str | Unset = UNSET,

) -> Response[PlanBatchAnswer | Problem]:
    """ Request plans

     Up to 100 requests for plans in one body, each with a key that names its job for ever: its own, or
    the header `Idempotency-Key`
    with its place in the batch. Each is accepted or refused by itself, and counts by itself in the
    limits; the same batch again gives
    the same jobs. A body that is not valid is refused whole, before anything is stored.

    Args:
        idempotency_key (str | Unset):
        body (PlanBatch): Requests for plans, each a job of its own.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PlanBatchAnswer | Problem]
     """


    kwargs = _get_kwargs(
        body=body,
idempotency_key=idempotency_key,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    *,
    client: AuthenticatedClient,
    body: PlanBatch,
    idempotency_key: str | Unset = UNSET,

) -> PlanBatchAnswer | Problem | None:
    """ Request plans

     Up to 100 requests for plans in one body, each with a key that names its job for ever: its own, or
    the header `Idempotency-Key`
    with its place in the batch. Each is accepted or refused by itself, and counts by itself in the
    limits; the same batch again gives
    the same jobs. A body that is not valid is refused whole, before anything is stored.

    Args:
        idempotency_key (str | Unset):
        body (PlanBatch): Requests for plans, each a job of its own.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PlanBatchAnswer | Problem
     """


    return (await asyncio_detailed(
        client=client,
body=body,
idempotency_key=idempotency_key,

    )).parsed
