from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.onboarding_answer import OnboardingAnswer
from ...models.onboarding_answers import OnboardingAnswers
from ...models.problem import Problem
from typing import cast



def _get_kwargs(
    *,
    body: OnboardingAnswers,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/onboarding",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> OnboardingAnswer | Problem | None:
    if response.status_code == 200:
        response_200 = OnboardingAnswer.from_dict(response.json())



        return response_200

    if response.status_code == 202:
        response_202 = OnboardingAnswer.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[OnboardingAnswer | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: OnboardingAnswers,

) -> Response[OnboardingAnswer | Problem]:
    """ Answer onboarding

     Takes answers of the six steps, some of them or all at once, in any order, and of the seven
    questions about health;
    the answer says which of these are open. Once all six are answered there is a
    profile, and the job that makes its first plan is accepted. Answers that change a complete profile
    make its next
    revision and a job for it; answers that change nothing give the job that is there.

    Args:
        body (OnboardingAnswers): Answers of onboarding: some of them or all at once. What is
            absent stays as it was answered before. The six steps
            are `purpose`; `proficiency`; `season`; `availabilityDays` with `weeklyGoalDays`;
            `equipment`; `recoveryHabits`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OnboardingAnswer | Problem]
     """


    kwargs = _get_kwargs(
        body=body,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    *,
    client: AuthenticatedClient,
    body: OnboardingAnswers,

) -> OnboardingAnswer | Problem | None:
    """ Answer onboarding

     Takes answers of the six steps, some of them or all at once, in any order, and of the seven
    questions about health;
    the answer says which of these are open. Once all six are answered there is a
    profile, and the job that makes its first plan is accepted. Answers that change a complete profile
    make its next
    revision and a job for it; answers that change nothing give the job that is there.

    Args:
        body (OnboardingAnswers): Answers of onboarding: some of them or all at once. What is
            absent stays as it was answered before. The six steps
            are `purpose`; `proficiency`; `season`; `availabilityDays` with `weeklyGoalDays`;
            `equipment`; `recoveryHabits`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OnboardingAnswer | Problem
     """


    return sync_detailed(
        client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: OnboardingAnswers,

) -> Response[OnboardingAnswer | Problem]:
    """ Answer onboarding

     Takes answers of the six steps, some of them or all at once, in any order, and of the seven
    questions about health;
    the answer says which of these are open. Once all six are answered there is a
    profile, and the job that makes its first plan is accepted. Answers that change a complete profile
    make its next
    revision and a job for it; answers that change nothing give the job that is there.

    Args:
        body (OnboardingAnswers): Answers of onboarding: some of them or all at once. What is
            absent stays as it was answered before. The six steps
            are `purpose`; `proficiency`; `season`; `availabilityDays` with `weeklyGoalDays`;
            `equipment`; `recoveryHabits`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OnboardingAnswer | Problem]
     """


    kwargs = _get_kwargs(
        body=body,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    *,
    client: AuthenticatedClient,
    body: OnboardingAnswers,

) -> OnboardingAnswer | Problem | None:
    """ Answer onboarding

     Takes answers of the six steps, some of them or all at once, in any order, and of the seven
    questions about health;
    the answer says which of these are open. Once all six are answered there is a
    profile, and the job that makes its first plan is accepted. Answers that change a complete profile
    make its next
    revision and a job for it; answers that change nothing give the job that is there.

    Args:
        body (OnboardingAnswers): Answers of onboarding: some of them or all at once. What is
            absent stays as it was answered before. The six steps
            are `purpose`; `proficiency`; `season`; `availabilityDays` with `weeklyGoalDays`;
            `equipment`; `recoveryHabits`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OnboardingAnswer | Problem
     """


    return (await asyncio_detailed(
        client=client,
body=body,

    )).parsed
