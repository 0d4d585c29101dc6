from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.body_part import BodyPart
from ...models.equipment import Equipment
from ...models.exercise_list import ExerciseList
from ...models.impact import Impact
from ...models.mechanic import Mechanic
from ...models.muscle import Muscle
from ...models.pattern import Pattern
from ...models.problem import Problem
from ...models.proficiency import Proficiency
from ...models.stress_tag import StressTag
from ...types import UNSET, Unset
from typing import cast



def _get_kwargs(
    *,
    pattern: list[Pattern] | Unset = UNSET,
    equipment: list[Equipment] | Unset = UNSET,
    level: Proficiency | Unset = UNSET,
    muscle: list[Muscle] | Unset = UNSET,
    mechanic: Mechanic | Unset = UNSET,
    impact: Impact | Unset = UNSET,
    unilateral: bool | Unset = UNSET,
    without: list[StressTag] | Unset = UNSET,
    safe_for: list[BodyPart] | Unset = UNSET,
    q: str | Unset = UNSET,
    limit: int | Unset = 20,
    cursor: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match



    

    params: dict[str, Any] = {}

    json_pattern: list[str] | Unset = UNSET
    if not isinstance(pattern, Unset):
        json_pattern = []
        for pattern_item_data in pattern:
            pattern_item = pattern_item_data.value
            json_pattern.append(pattern_item)


    params["pattern"] = json_pattern

    json_equipment: list[str] | Unset = UNSET
    if not isinstance(equipment, Unset):
        json_equipment = []
        for equipment_item_data in equipment:
            equipment_item = equipment_item_data.value
            json_equipment.append(equipment_item)


    params["equipment"] = json_equipment

    json_level: str | Unset = UNSET
    if not isinstance(level, Unset):
        json_level = level.value

    params["level"] = json_level

    json_muscle: list[str] | Unset = UNSET
    if not isinstance(muscle, Unset):
        json_muscle = []
        for muscle_item_data in muscle:
            muscle_item = muscle_item_data.value
            json_muscle.append(muscle_item)


    params["muscle"] = json_muscle

    json_mechanic: str | Unset = UNSET
    if not isinstance(mechanic, Unset):
        json_mechanic = mechanic.value

    params["mechanic"] = json_mechanic

    json_impact: str | Unset = UNSET
    if not isinstance(impact, Unset):
        json_impact = impact.value

    params["impact"] = json_impact

    params["unilateral"] = unilateral

    json_without: list[str] | Unset = UNSET
    if not isinstance(without, Unset):
        json_without = []
        for without_item_data in without:
            without_item = without_item_data.value
            json_without.append(without_item)


    params["without"] = json_without

    json_safe_for: list[str] | Unset = UNSET
    if not isinstance(safe_for, Unset):
        json_safe_for = []
        for safe_for_item_data in safe_for:
            safe_for_item = safe_for_item_data.value
            json_safe_for.append(safe_for_item)


    params["safeFor"] = json_safe_for

    params["q"] = q

    params["limit"] = limit

    params["cursor"] = cursor


    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}


    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/exercises",
        "params": params,
    }


    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | ExerciseList | Problem | None:
    if response.status_code == 200:
        response_200 = ExerciseList.from_dict(response.json())



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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | ExerciseList | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    pattern: list[Pattern] | Unset = UNSET,
    equipment: list[Equipment] | Unset = UNSET,
    level: Proficiency | Unset = UNSET,
    muscle: list[Muscle] | Unset = UNSET,
    mechanic: Mechanic | Unset = UNSET,
    impact: Impact | Unset = UNSET,
    unilateral: bool | Unset = UNSET,
    without: list[StressTag] | Unset = UNSET,
    safe_for: list[BodyPart] | Unset = UNSET,
    q: str | Unset = UNSET,
    limit: int | Unset = 20,
    cursor: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Response[Any | ExerciseList | Problem]:
    """ Search exercises

     The exercises that fit every filter, by id, a page at a time. A filter that takes several values may
    be repeated or
    given with commas between.

    Args:
        pattern (list[Pattern] | Unset):
        equipment (list[Equipment] | Unset):
        level (Proficiency | Unset): How far along the athlete is.
        muscle (list[Muscle] | Unset):
        mechanic (Mechanic | Unset): How many joints work.
        impact (Impact | Unset): How hard the ground hits back.
        unilateral (bool | Unset):
        without (list[StressTag] | Unset):
        safe_for (list[BodyPart] | Unset):
        q (str | Unset):
        limit (int | Unset):  Default: 20.
        cursor (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ExerciseList | Problem]
     """


    kwargs = _get_kwargs(
        pattern=pattern,
equipment=equipment,
level=level,
muscle=muscle,
mechanic=mechanic,
impact=impact,
unilateral=unilateral,
without=without,
safe_for=safe_for,
q=q,
limit=limit,
cursor=cursor,
if_none_match=if_none_match,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    *,
    client: AuthenticatedClient,
    pattern: list[Pattern] | Unset = UNSET,
    equipment: list[Equipment] | Unset = UNSET,
    level: Proficiency | Unset = UNSET,
    muscle: list[Muscle] | Unset = UNSET,
    mechanic: Mechanic | Unset = UNSET,
    impact: Impact | Unset = UNSET,
    unilateral: bool | Unset = UNSET,
    without: list[StressTag] | Unset = UNSET,
    safe_for: list[BodyPart] | Unset = UNSET,
    q: str | Unset = UNSET,
    limit: int | Unset = 20,
    cursor: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Any | ExerciseList | Problem | None:
    """ Search exercises

     The exercises that fit every filter, by id, a page at a time. A filter that takes several values may
    be repeated or
    given with commas between.

    Args:
        pattern (list[Pattern] | Unset):
        equipment (list[Equipment] | Unset):
        level (Proficiency | Unset): How far along the athlete is.
        muscle (list[Muscle] | Unset):
        mechanic (Mechanic | Unset): How many joints work.
        impact (Impact | Unset): How hard the ground hits back.
        unilateral (bool | Unset):
        without (list[StressTag] | Unset):
        safe_for (list[BodyPart] | Unset):
        q (str | Unset):
        limit (int | Unset):  Default: 20.
        cursor (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ExerciseList | Problem
     """


    return sync_detailed(
        client=client,
pattern=pattern,
equipment=equipment,
level=level,
muscle=muscle,
mechanic=mechanic,
impact=impact,
unilateral=unilateral,
without=without,
safe_for=safe_for,
q=q,
limit=limit,
cursor=cursor,
if_none_match=if_none_match,

    ).parsed

async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    pattern: list[Pattern] | Unset = UNSET,
    equipment: list[Equipment] | Unset = UNSET,
    level: Proficiency | Unset = UNSET,
    muscle: list[Muscle] | Unset = UNSET,
    mechanic: Mechanic | Unset = UNSET,
    impact: Impact | Unset = UNSET,
    unilateral: bool | Unset = UNSET,
    without: list[StressTag] | Unset = UNSET,
    safe_for: list[BodyPart] | Unset = UNSET,
    q: str | Unset = UNSET,
    limit: int | Unset = 20,
    cursor: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Response[Any | ExerciseList | Problem]:
    """ Search exercises

     The exercises that fit every filter, by id, a page at a time. A filter that takes several values may
    be repeated or
    given with commas between.

    Args:
        pattern (list[Pattern] | Unset):
        equipment (list[Equipment] | Unset):
        level (Proficiency | Unset): How far along the athlete is.
        muscle (list[Muscle] | Unset):
        mechanic (Mechanic | Unset): How many joints work.
        impact (Impact | Unset): How hard the ground hits back.
        unilateral (bool | Unset):
        without (list[StressTag] | Unset):
        safe_for (list[BodyPart] | Unset):
        q (str | Unset):
        limit (int | Unset):  Default: 20.
        cursor (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ExerciseList | Problem]
     """


    kwargs = _get_kwargs(
        pattern=pattern,
equipment=equipment,
level=level,
muscle=muscle,
mechanic=mechanic,
impact=impact,
unilateral=unilateral,
without=without,
safe_for=safe_for,
q=q,
limit=limit,
cursor=cursor,
if_none_match=if_none_match,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    *,
    client: AuthenticatedClient,
    pattern: list[Pattern] | Unset = UNSET,
    equipment: list[Equipment] | Unset = UNSET,
    level: Proficiency | Unset = UNSET,
    muscle: list[Muscle] | Unset = UNSET,
    mechanic: Mechanic | Unset = UNSET,
    impact: Impact | Unset = UNSET,
    unilateral: bool | Unset = UNSET,
    without: list[StressTag] | Unset = UNSET,
    safe_for: list[BodyPart] | Unset = UNSET,
    q: str | Unset = UNSET,
    limit: int | Unset = 20,
    cursor: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,

) -> Any | ExerciseList | Problem | None:
    """ Search exercises

     The exercises that fit every filter, by id, a page at a time. A filter that takes several values may
    be repeated or
    given with commas between.

    Args:
        pattern (list[Pattern] | Unset):
        equipment (list[Equipment] | Unset):
        level (Proficiency | Unset): How far along the athlete is.
        muscle (list[Muscle] | Unset):
        mechanic (Mechanic | Unset): How many joints work.
        impact (Impact | Unset): How hard the ground hits back.
        unilateral (bool | Unset):
        without (list[StressTag] | Unset):
        safe_for (list[BodyPart] | Unset):
        q (str | Unset):
        limit (int | Unset):  Default: 20.
        cursor (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ExerciseList | Problem
     """


    return (await asyncio_detailed(
        client=client,
pattern=pattern,
equipment=equipment,
level=level,
muscle=muscle,
mechanic=mechanic,
impact=impact,
unilateral=unilateral,
without=without,
safe_for=safe_for,
q=q,
limit=limit,
cursor=cursor,
if_none_match=if_none_match,

    )).parsed
