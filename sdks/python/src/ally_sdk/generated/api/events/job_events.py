from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.job_event import JobEvent
from ...models.jobs_end import JobsEnd
from ...models.jobs_resync import JobsResync
from ...models.jobs_snapshot import JobsSnapshot
from ...models.problem import Problem
from ...types import UNSET, Unset
from typing import cast
from uuid import UUID



def _get_kwargs(
    id: UUID,
    *,
    last_event_id_query: str | Unset = UNSET,
    last_event_id_header: str | Unset = UNSET,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id_header, Unset):
        headers["Last-Event-ID"] = last_event_id_header



    

    params: dict[str, Any] = {}

    params["lastEventId"] = last_event_id_query


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/jobs/{id}/events".format(id=quote(str(id), safe=""),),
        "params": params,
    }


    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | Problem | list[JobEvent | JobsEnd | JobsResync | JobsSnapshot] | None:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.text
        for response_200_item_data in (_response_200):
            def _parse_response_200_item(data: object) -> JobEvent | JobsEnd | JobsResync | JobsSnapshot:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    componentsschemas_job_news_type_0 = JobsSnapshot.from_dict(data)



                    return componentsschemas_job_news_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    componentsschemas_job_news_type_1 = JobEvent.from_dict(data)



                    return componentsschemas_job_news_type_1
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    componentsschemas_job_news_type_2 = JobsResync.from_dict(data)



                    return componentsschemas_job_news_type_2
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_job_news_type_3 = JobsEnd.from_dict(data)



                return componentsschemas_job_news_type_3

            response_200_item = _parse_response_200_item(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    if response.status_code == 204:
        response_204 = cast(Any, None)
        return response_204

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | Problem | list[JobEvent | JobsEnd | JobsResync | JobsSnapshot]]:
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
    last_event_id_query: str | Unset = UNSET,
    last_event_id_header: str | Unset = UNSET,

) -> Response[Any | Problem | list[JobEvent | JobsEnd | JobsResync | JobsSnapshot]]:
    """ Follow a job

     Where the job stands, and then each of its events, once and in order, until it ends. A client that
    comes back with the id that it
    had last gets exactly what it missed and no snapshot, from whichever server. An id that tells
    nothing is answered with `resync`
    and a snapshot.

    Args:
        id (UUID):
        last_event_id_query (str | Unset):
        last_event_id_header (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | list[JobEvent | JobsEnd | JobsResync | JobsSnapshot]]
     """


    kwargs = _get_kwargs(
        id=id,
last_event_id_query=last_event_id_query,
last_event_id_header=last_event_id_header,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    id: UUID,
    *,
    client: AuthenticatedClient,
    last_event_id_query: str | Unset = UNSET,
    last_event_id_header: str | Unset = UNSET,

) -> Any | Problem | list[JobEvent | JobsEnd | JobsResync | JobsSnapshot] | None:
    """ Follow a job

     Where the job stands, and then each of its events, once and in order, until it ends. A client that
    comes back with the id that it
    had last gets exactly what it missed and no snapshot, from whichever server. An id that tells
    nothing is answered with `resync`
    and a snapshot.

    Args:
        id (UUID):
        last_event_id_query (str | Unset):
        last_event_id_header (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | list[JobEvent | JobsEnd | JobsResync | JobsSnapshot]
     """


    return sync_detailed(
        id=id,
client=client,
last_event_id_query=last_event_id_query,
last_event_id_header=last_event_id_header,

    ).parsed

async def asyncio_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    last_event_id_query: str | Unset = UNSET,
    last_event_id_header: str | Unset = UNSET,

) -> Response[Any | Problem | list[JobEvent | JobsEnd | JobsResync | JobsSnapshot]]:
    """ Follow a job

     Where the job stands, and then each of its events, once and in order, until it ends. A client that
    comes back with the id that it
    had last gets exactly what it missed and no snapshot, from whichever server. An id that tells
    nothing is answered with `resync`
    and a snapshot.

    Args:
        id (UUID):
        last_event_id_query (str | Unset):
        last_event_id_header (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | list[JobEvent | JobsEnd | JobsResync | JobsSnapshot]]
     """


    kwargs = _get_kwargs(
        id=id,
last_event_id_query=last_event_id_query,
last_event_id_header=last_event_id_header,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    id: UUID,
    *,
    client: AuthenticatedClient,
    last_event_id_query: str | Unset = UNSET,
    last_event_id_header: str | Unset = UNSET,

) -> Any | Problem | list[JobEvent | JobsEnd | JobsResync | JobsSnapshot] | None:
    """ Follow a job

     Where the job stands, and then each of its events, once and in order, until it ends. A client that
    comes back with the id that it
    had last gets exactly what it missed and no snapshot, from whichever server. An id that tells
    nothing is answered with `resync`
    and a snapshot.

    Args:
        id (UUID):
        last_event_id_query (str | Unset):
        last_event_id_header (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | list[JobEvent | JobsEnd | JobsResync | JobsSnapshot]
     """


    return (await asyncio_detailed(
        id=id,
client=client,
last_event_id_query=last_event_id_query,
last_event_id_header=last_event_id_header,

    )).parsed
