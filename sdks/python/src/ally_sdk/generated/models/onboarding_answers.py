from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.availability_count import AvailabilityCount
from ..models.equipment import Equipment
from ..models.proficiency import Proficiency
from ..models.purpose import Purpose
from ..models.recovery_habit import RecoveryHabit
from ..models.season import Season
from ..models.weekday import Weekday
from ..types import UNSET, Unset
from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.fixed_schedule import FixedSchedule
  from ..models.injury import Injury
  from ..models.screening import Screening





T = TypeVar("T", bound="OnboardingAnswers")



@_attrs_define
class OnboardingAnswers:
    """ Answers of onboarding: some of them or all at once. What is absent stays as it was answered before. The six steps
    are `purpose`; `proficiency`; `season`; `availabilityDays` with `weeklyGoalDays`; `equipment`; `recoveryHabits`.

        Attributes:
            purpose (None | Purpose | Unset): Step 1: what for.
            purpose_details (None | str | Unset): Step 1, optional: in the athlete's own words.
            proficiency (None | Proficiency | Unset): Step 2: how far along.
            season (None | Season | Unset): Step 3: where in the year.
            competition_date (datetime.date | None | Unset): Step 3, optional: the day that counts, today or later.
            availability_days (AvailabilityCount | list[Weekday] | None | Unset): Step 4: how many days a week, 1 to 7, or
                which; the names of days are taken in any case.
            weekly_goal_days (int | None | Unset): Step 4: on how many days a week to train; no more than are available.
            minutes_per_session (int | None | Unset): Step 4, optional: minutes a session; 60 unless told.
            equipment (list[Equipment] | None | Unset): Step 5: what there is to train with; an empty list is a body and a
                floor.
            fixed_schedules (list[FixedSchedule] | None | Unset): Step 5, optional: hours of the week that are taken.
            recovery_habits (list[RecoveryHabit] | None | Unset): Step 6: how the athlete recovers; an empty list is an
                answer too.
            injuries (list[Injury] | None | Unset): Step 6, optional: what hurts, and how much.
            age (int | None | Unset): Step 6, optional: years.
            pregnant (bool | None | Unset): Step 6, optional: whether pregnant.
            weeks_since_birth (int | None | Unset): Step 6, optional: weeks since the birth of a child. Under 12 weeks a
                professional's yes is asked for.
            screening (None | Screening | Unset): Step 6, optional: seven questions about health, each with yes or no. A yes
                asks for `clearedByProfessional`.
            cleared_by_professional (bool | None | Unset): Step 6, optional: a professional has said yes to training. It
                covers what is known by then: when a later answer
                calls for a yes anew and brings none, this becomes false.
     """

    purpose: None | Purpose | Unset = UNSET
    purpose_details: None | str | Unset = UNSET
    proficiency: None | Proficiency | Unset = UNSET
    season: None | Season | Unset = UNSET
    competition_date: datetime.date | None | Unset = UNSET
    availability_days: AvailabilityCount | list[Weekday] | None | Unset = UNSET
    weekly_goal_days: int | None | Unset = UNSET
    minutes_per_session: int | None | Unset = UNSET
    equipment: list[Equipment] | None | Unset = UNSET
    fixed_schedules: list[FixedSchedule] | None | Unset = UNSET
    recovery_habits: list[RecoveryHabit] | None | Unset = UNSET
    injuries: list[Injury] | None | Unset = UNSET
    age: int | None | Unset = UNSET
    pregnant: bool | None | Unset = UNSET
    weeks_since_birth: int | None | Unset = UNSET
    screening: None | Screening | Unset = UNSET
    cleared_by_professional: bool | None | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.fixed_schedule import FixedSchedule # noqa: PLC0415
        from ..models.injury import Injury # noqa: PLC0415
        from ..models.screening import Screening # noqa: PLC0415
        purpose: None | str | Unset
        if isinstance(self.purpose, Unset):
            purpose = UNSET
        elif isinstance(self.purpose, Purpose):
            purpose = self.purpose.value
        else:
            purpose = self.purpose

        purpose_details: None | str | Unset
        if isinstance(self.purpose_details, Unset):
            purpose_details = UNSET
        else:
            purpose_details = self.purpose_details

        proficiency: None | str | Unset
        if isinstance(self.proficiency, Unset):
            proficiency = UNSET
        elif isinstance(self.proficiency, Proficiency):
            proficiency = self.proficiency.value
        else:
            proficiency = self.proficiency

        season: None | str | Unset
        if isinstance(self.season, Unset):
            season = UNSET
        elif isinstance(self.season, Season):
            season = self.season.value
        else:
            season = self.season

        competition_date: None | str | Unset
        if isinstance(self.competition_date, Unset):
            competition_date = UNSET
        elif isinstance(self.competition_date, datetime.date):
            competition_date = self.competition_date.isoformat()
        else:
            competition_date = self.competition_date

        availability_days: int | list[str] | None | Unset
        if isinstance(self.availability_days, Unset):
            availability_days = UNSET
        elif isinstance(self.availability_days, AvailabilityCount):
            availability_days = self.availability_days.value
        elif isinstance(self.availability_days, list):
            availability_days = []
            for componentsschemas_availability_type_1_item_data in self.availability_days:
                componentsschemas_availability_type_1_item = componentsschemas_availability_type_1_item_data.value
                availability_days.append(componentsschemas_availability_type_1_item)


        else:
            availability_days = self.availability_days

        weekly_goal_days: int | None | Unset
        if isinstance(self.weekly_goal_days, Unset):
            weekly_goal_days = UNSET
        else:
            weekly_goal_days = self.weekly_goal_days

        minutes_per_session: int | None | Unset
        if isinstance(self.minutes_per_session, Unset):
            minutes_per_session = UNSET
        else:
            minutes_per_session = self.minutes_per_session

        equipment: list[str] | None | Unset
        if isinstance(self.equipment, Unset):
            equipment = UNSET
        elif isinstance(self.equipment, list):
            equipment = []
            for equipment_type_0_item_data in self.equipment:
                equipment_type_0_item = equipment_type_0_item_data.value
                equipment.append(equipment_type_0_item)


        else:
            equipment = self.equipment

        fixed_schedules: list[dict[str, Any]] | None | Unset
        if isinstance(self.fixed_schedules, Unset):
            fixed_schedules = UNSET
        elif isinstance(self.fixed_schedules, list):
            fixed_schedules = []
            for fixed_schedules_type_0_item_data in self.fixed_schedules:
                fixed_schedules_type_0_item = fixed_schedules_type_0_item_data.to_dict()
                fixed_schedules.append(fixed_schedules_type_0_item)


        else:
            fixed_schedules = self.fixed_schedules

        recovery_habits: list[str] | None | Unset
        if isinstance(self.recovery_habits, Unset):
            recovery_habits = UNSET
        elif isinstance(self.recovery_habits, list):
            recovery_habits = []
            for recovery_habits_type_0_item_data in self.recovery_habits:
                recovery_habits_type_0_item = recovery_habits_type_0_item_data.value
                recovery_habits.append(recovery_habits_type_0_item)


        else:
            recovery_habits = self.recovery_habits

        injuries: list[dict[str, Any]] | None | Unset
        if isinstance(self.injuries, Unset):
            injuries = UNSET
        elif isinstance(self.injuries, list):
            injuries = []
            for injuries_type_0_item_data in self.injuries:
                injuries_type_0_item = injuries_type_0_item_data.to_dict()
                injuries.append(injuries_type_0_item)


        else:
            injuries = self.injuries

        age: int | None | Unset
        if isinstance(self.age, Unset):
            age = UNSET
        else:
            age = self.age

        pregnant: bool | None | Unset
        if isinstance(self.pregnant, Unset):
            pregnant = UNSET
        else:
            pregnant = self.pregnant

        weeks_since_birth: int | None | Unset
        if isinstance(self.weeks_since_birth, Unset):
            weeks_since_birth = UNSET
        else:
            weeks_since_birth = self.weeks_since_birth

        screening: dict[str, Any] | None | Unset
        if isinstance(self.screening, Unset):
            screening = UNSET
        elif isinstance(self.screening, Screening):
            screening = self.screening.to_dict()
        else:
            screening = self.screening

        cleared_by_professional: bool | None | Unset
        if isinstance(self.cleared_by_professional, Unset):
            cleared_by_professional = UNSET
        else:
            cleared_by_professional = self.cleared_by_professional


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if purpose is not UNSET:
            field_dict["purpose"] = purpose
        if purpose_details is not UNSET:
            field_dict["purposeDetails"] = purpose_details
        if proficiency is not UNSET:
            field_dict["proficiency"] = proficiency
        if season is not UNSET:
            field_dict["season"] = season
        if competition_date is not UNSET:
            field_dict["competitionDate"] = competition_date
        if availability_days is not UNSET:
            field_dict["availabilityDays"] = availability_days
        if weekly_goal_days is not UNSET:
            field_dict["weeklyGoalDays"] = weekly_goal_days
        if minutes_per_session is not UNSET:
            field_dict["minutesPerSession"] = minutes_per_session
        if equipment is not UNSET:
            field_dict["equipment"] = equipment
        if fixed_schedules is not UNSET:
            field_dict["fixedSchedules"] = fixed_schedules
        if recovery_habits is not UNSET:
            field_dict["recoveryHabits"] = recovery_habits
        if injuries is not UNSET:
            field_dict["injuries"] = injuries
        if age is not UNSET:
            field_dict["age"] = age
        if pregnant is not UNSET:
            field_dict["pregnant"] = pregnant
        if weeks_since_birth is not UNSET:
            field_dict["weeksSinceBirth"] = weeks_since_birth
        if screening is not UNSET:
            field_dict["screening"] = screening
        if cleared_by_professional is not UNSET:
            field_dict["clearedByProfessional"] = cleared_by_professional

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.fixed_schedule import FixedSchedule # noqa: PLC0415
        from ..models.injury import Injury # noqa: PLC0415
        from ..models.screening import Screening # noqa: PLC0415
        d = dict(src_dict)
        def _parse_purpose(data: object) -> None | Purpose | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                purpose_type_0 = Purpose(data)



                return purpose_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Purpose | Unset, data)

        purpose = _parse_purpose(d.pop("purpose", UNSET))


        def _parse_purpose_details(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        purpose_details = _parse_purpose_details(d.pop("purposeDetails", UNSET))


        def _parse_proficiency(data: object) -> None | Proficiency | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                proficiency_type_0 = Proficiency(data)



                return proficiency_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Proficiency | Unset, data)

        proficiency = _parse_proficiency(d.pop("proficiency", UNSET))


        def _parse_season(data: object) -> None | Season | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                season_type_0 = Season(data)



                return season_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Season | Unset, data)

        season = _parse_season(d.pop("season", UNSET))


        def _parse_competition_date(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                competition_date_type_0 = datetime.date.fromisoformat(data)



                return competition_date_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        competition_date = _parse_competition_date(d.pop("competitionDate", UNSET))


        def _parse_availability_days(data: object) -> AvailabilityCount | list[Weekday] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, int):
                    raise TypeError()
                componentsschemas_availability_type_0 = AvailabilityCount(data)



                return componentsschemas_availability_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, list):
                    raise TypeError()
                componentsschemas_availability_type_1 = []
                _componentsschemas_availability_type_1 = data
                for componentsschemas_availability_type_1_item_data in (_componentsschemas_availability_type_1):
                    componentsschemas_availability_type_1_item = Weekday(componentsschemas_availability_type_1_item_data)



                    componentsschemas_availability_type_1.append(componentsschemas_availability_type_1_item)

                return componentsschemas_availability_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AvailabilityCount | list[Weekday] | None | Unset, data)

        availability_days = _parse_availability_days(d.pop("availabilityDays", UNSET))


        def _parse_weekly_goal_days(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        weekly_goal_days = _parse_weekly_goal_days(d.pop("weeklyGoalDays", UNSET))


        def _parse_minutes_per_session(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        minutes_per_session = _parse_minutes_per_session(d.pop("minutesPerSession", UNSET))


        def _parse_equipment(data: object) -> list[Equipment] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                equipment_type_0 = []
                _equipment_type_0 = data
                for equipment_type_0_item_data in (_equipment_type_0):
                    equipment_type_0_item = Equipment(equipment_type_0_item_data)



                    equipment_type_0.append(equipment_type_0_item)

                return equipment_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Equipment] | None | Unset, data)

        equipment = _parse_equipment(d.pop("equipment", UNSET))


        def _parse_fixed_schedules(data: object) -> list[FixedSchedule] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                fixed_schedules_type_0 = []
                _fixed_schedules_type_0 = data
                for fixed_schedules_type_0_item_data in (_fixed_schedules_type_0):
                    fixed_schedules_type_0_item = FixedSchedule.from_dict(fixed_schedules_type_0_item_data)



                    fixed_schedules_type_0.append(fixed_schedules_type_0_item)

                return fixed_schedules_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[FixedSchedule] | None | Unset, data)

        fixed_schedules = _parse_fixed_schedules(d.pop("fixedSchedules", UNSET))


        def _parse_recovery_habits(data: object) -> list[RecoveryHabit] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                recovery_habits_type_0 = []
                _recovery_habits_type_0 = data
                for recovery_habits_type_0_item_data in (_recovery_habits_type_0):
                    recovery_habits_type_0_item = RecoveryHabit(recovery_habits_type_0_item_data)



                    recovery_habits_type_0.append(recovery_habits_type_0_item)

                return recovery_habits_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[RecoveryHabit] | None | Unset, data)

        recovery_habits = _parse_recovery_habits(d.pop("recoveryHabits", UNSET))


        def _parse_injuries(data: object) -> list[Injury] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                injuries_type_0 = []
                _injuries_type_0 = data
                for injuries_type_0_item_data in (_injuries_type_0):
                    injuries_type_0_item = Injury.from_dict(injuries_type_0_item_data)



                    injuries_type_0.append(injuries_type_0_item)

                return injuries_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Injury] | None | Unset, data)

        injuries = _parse_injuries(d.pop("injuries", UNSET))


        def _parse_age(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        age = _parse_age(d.pop("age", UNSET))


        def _parse_pregnant(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        pregnant = _parse_pregnant(d.pop("pregnant", UNSET))


        def _parse_weeks_since_birth(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        weeks_since_birth = _parse_weeks_since_birth(d.pop("weeksSinceBirth", UNSET))


        def _parse_screening(data: object) -> None | Screening | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                screening_type_0 = Screening.from_dict(data)



                return screening_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Screening | Unset, data)

        screening = _parse_screening(d.pop("screening", UNSET))


        def _parse_cleared_by_professional(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        cleared_by_professional = _parse_cleared_by_professional(d.pop("clearedByProfessional", UNSET))


        onboarding_answers = cls(
            purpose=purpose,
            purpose_details=purpose_details,
            proficiency=proficiency,
            season=season,
            competition_date=competition_date,
            availability_days=availability_days,
            weekly_goal_days=weekly_goal_days,
            minutes_per_session=minutes_per_session,
            equipment=equipment,
            fixed_schedules=fixed_schedules,
            recovery_habits=recovery_habits,
            injuries=injuries,
            age=age,
            pregnant=pregnant,
            weeks_since_birth=weeks_since_birth,
            screening=screening,
            cleared_by_professional=cleared_by_professional,
        )

        return onboarding_answers

