//! Random athletes over the whole space of answers, planned for and judged: the engine's own proof run.
//! Pure and seeded: case `n` of a seed is the same athlete on every machine, so a run can be cut into pieces.

mod lives;

use std::collections::{BTreeMap, BTreeSet};

use time::{Date, Duration, Time};

use super::adapt::Action;
use super::catalogue::Catalogue;
use super::compose::{ComposeError, ComposeInput, compose};
use super::plan::Plan;
use super::profile::{
    Availability, BodyPart, Day, Equipment, FixedSchedule, Injury, Proficiency, Profile, Purpose, RecoveryHabit, Season,
};
use super::request::{PlanRequest, WEEKS};
use super::rule::Rule;
use super::rules::validate;
use super::screening::Screening;
use super::seed::{SplitMix64, mix3};
use crate::ids::PlanId;

/// R25 and R26 compare plans with each other, which takes three more of them: every so many cases.
const COMPARED_EVERY: u64 = 10;

/// What became of the random athletes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FuzzReport {
    /// How many athletes.
    pub count: u64,
    /// How many got a plan.
    pub feasible: u64,
    /// How many need a professional's yes first.
    pub clearance: u64,
    /// How many can have no plan and were told what would help, by rule.
    pub infeasible: BTreeMap<Rule, u64>,
    /// How many can have no plan and were not told what would help: must stay 0.
    pub unexplained: u64,
    /// Hard findings by rule: must stay empty.
    pub hard: BTreeMap<Rule, u64>,
    /// The first case that broke a hard rule, by rule.
    pub first_broken: BTreeMap<Rule, u64>,
    /// Plans that fall short of a soft rule, by rule.
    pub soft: BTreeMap<Rule, u64>,
    /// Sessions of all plans.
    pub sessions: u64,
    /// Sets of all plans.
    pub sets: u64,
    /// Versions that followed from what random lives did with their plans.
    pub versions: u64,
    /// How often such a life changed nothing.
    pub unchanged: u64,
    /// Lives that reported what calls for a professional's yes.
    pub stopped: u64,
    /// Lives that reported what leaves no version within the rules, by the rule in the way.
    pub stuck: BTreeMap<Rule, u64>,
    /// What adaptation decided, by action.
    pub decisions: BTreeMap<Action, u64>,
}

impl FuzzReport {
    /// Adds what another piece of the run found.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.feasible += other.feasible;
        self.clearance += other.clearance;
        self.unexplained += other.unexplained;
        self.sessions += other.sessions;
        self.sets += other.sets;
        self.versions += other.versions;
        self.unchanged += other.unchanged;
        self.stopped += other.stopped;
        other.decisions.into_iter().for_each(|(action, count)| *self.decisions.entry(action).or_default() += count);
        for (sum, part) in [
            (&mut self.infeasible, other.infeasible),
            (&mut self.hard, other.hard),
            (&mut self.soft, other.soft),
            (&mut self.stuck, other.stuck),
        ] {
            part.into_iter().for_each(|(rule, count)| *sum.entry(rule).or_default() += count);
        }
        for (rule, case) in other.first_broken {
            self.first_broken.entry(rule).and_modify(|first| *first = case.min(*first)).or_insert(case);
        }
    }

    /// Athletes that need no clearance and got a plan or a suggestion, in hundredths of a percent.
    #[must_use]
    pub fn served_per_10_000(&self) -> u64 {
        let served = self.feasible + self.infeasible.values().sum::<u64>();
        (served * 10_000).checked_div(self.count - self.clearance).unwrap_or(10_000)
    }

    /// Whether no hard rule was broken and nobody was left without a word.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.hard.is_empty() && self.unexplained == 0
    }
}

/// Plans for the athletes `cases` of a seed and judges every plan.
#[must_use]
pub fn fuzz(cases: std::ops::Range<u64>, seed: u64, catalogue: &Catalogue) -> FuzzReport {
    run(cases, seed, catalogue, false)
}

/// Plans for the athletes `cases` of a seed, lives with every plan for a while, and judges every version.
#[must_use]
pub fn fuzz_lives(cases: std::ops::Range<u64>, seed: u64, catalogue: &Catalogue) -> FuzzReport {
    run(cases, seed, catalogue, true)
}

fn run(cases: std::ops::Range<u64>, seed: u64, catalogue: &Catalogue, adapts: bool) -> FuzzReport {
    let mut report = FuzzReport::default();
    let plan_id = PlanId::from(uuid::Uuid::nil());
    for case in cases {
        let (profile, request) = athlete(seed, case);
        report.count += 1;
        let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile: &profile, request: &request };
        match compose(&input, catalogue) {
            Ok(plan) => {
                report.feasible += 1;
                report.sessions += u64::from(plan.totals.sessions);
                report.sets += u64::from(plan.totals.working_sets);
                let mut short = BTreeSet::new();
                for finding in validate(&plan, &profile, &request, catalogue) {
                    if finding.hard {
                        *report.hard.entry(finding.rule).or_default() += 1;
                        report.first_broken.entry(finding.rule).or_insert(case);
                    } else {
                        short.insert(finding.rule);
                    }
                }
                short.into_iter().for_each(|rule| *report.soft.entry(rule).or_default() += 1);
                if adapts {
                    lives::live(case, seed, &plan, &profile, &request, catalogue, &mut report);
                }
                if case % COMPARED_EVERY == 0 {
                    for rule in relations(&plan, &input, catalogue) {
                        *report.hard.entry(rule).or_default() += 1;
                        report.first_broken.entry(rule).or_insert(case);
                    }
                }
            }
            Err(ComposeError::ClearanceRequired { .. }) => report.clearance += 1,
            Err(ComposeError::Infeasible { suggestion, .. }) if suggestion.is_empty() => report.unexplained += 1,
            Err(ComposeError::Infeasible { rule, .. }) => *report.infeasible.entry(rule).or_default() += 1,
        }
    }
    report
}

/// The rules between plans that this one breaks: another one for the same answers (R25), for another id, or with more
/// equipment and minutes (R26).
fn relations(plan: &Plan, input: &ComposeInput<'_>, catalogue: &Catalogue) -> Vec<Rule> {
    let mut broken = Vec::new();
    if compose(input, catalogue).as_ref() != Ok(plan) {
        broken.push(Rule::R25);
    }
    let other_id = PlanId::from(uuid::Uuid::max());
    let same_weeks = compose(&ComposeInput { plan_id: &other_id, ..*input }, catalogue)
        .is_ok_and(|other| other.weeks == plan.weeks && other.tradeoffs == plan.tradeoffs);
    let mut richer = input.profile.clone();
    richer.equipment.insert(Equipment::FullGym);
    richer.minutes_per_session = (richer.minutes_per_session + 30).min(180);
    let still =
        compose(&ComposeInput { profile: &richer, ..*input }, catalogue).is_ok_and(|plan| plan.validation.passed);
    if !(same_weeks && still) {
        broken.push(Rule::R26);
    }
    broken
}

/// The athlete of a case: every answer drawn from its whole range.
#[must_use]
pub fn athlete(seed: u64, case: u64) -> (Profile, PlanRequest) {
    let mut random = SplitMix64::new(mix3(seed, case, 0x00A1_1E7E));
    let start = Date::from_calendar_date(2027, time::Month::January, 4).unwrap_or(Date::MIN)
        + Duration::weeks(i64::from(small(&mut random, 52)));
    let request = PlanRequest { start, weeks: WEEKS.start() + small(&mut random, 16), seed: random.next_u64() >> 11 };
    let purpose = random.pick(Purpose::ALL).unwrap_or(Purpose::GeneralFitness);
    let availability_days = availability(&mut random);
    let most = u64::try_from(availability_days.days_a_week()).unwrap_or(1);
    let weekly_goal_days = 1 + u8::try_from(random.below(most)).unwrap_or(0);
    let profile = Profile {
        purpose,
        purpose_details: details(&mut random),
        proficiency: random.pick(Proficiency::ALL).unwrap_or(Proficiency::Beginner),
        season: random.pick(Season::ALL).unwrap_or(Season::Offseason),
        competition_date: random.chance(35).then(|| start + Duration::days(i64::from(small(&mut random, 140)))),
        availability_days,
        weekly_goal_days,
        minutes_per_session: minutes(&mut random),
        equipment: some_of(&mut random, Equipment::ALL, 35),
        fixed_schedules: schedules(&mut random),
        recovery_habits: some_of(&mut random, RecoveryHabit::ALL, 30),
        injuries: injuries(&mut random),
        age: random.chance(50).then(|| 10 + small(&mut random, 80)),
        pregnant: random.chance(5),
        weeks_since_birth: None,
        screening: Screening::default(),
        mentioned: Vec::new(),
        cleared_by_professional: random.chance(60),
    };
    let runs = random.chance(30) && purpose == Purpose::SportPerformance;
    let purpose_details =
        if runs { Some("my first half marathon".to_owned()) } else { profile.purpose_details.clone() };
    (screened(&mut random, Profile { purpose_details, ..profile }), request)
}

/// The questions about health, as most answer them: some not at all, and few with yes.
fn screened(random: &mut SplitMix64, profile: Profile) -> Profile {
    let weeks_since_birth = random.chance(6).then(|| u16::from(small(random, 53)));
    if random.chance(40) {
        return Profile { weeks_since_birth, ..profile };
    }
    let mut answer = || random.chance(90).then(|| random.chance(4));
    let screening = Screening {
        heart_or_blood_pressure: answer(),
        chest_pain: answer(),
        dizziness_or_fainting: answer(),
        other_condition: answer(),
        medication: answer(),
        bone_or_joint: answer(),
        supervised_only: answer(),
    };
    Profile { weeks_since_birth, screening, ..profile }
}

fn small(random: &mut SplitMix64, bound: u64) -> u8 {
    u8::try_from(random.below(bound.min(255))).unwrap_or(0)
}

fn minutes(random: &mut SplitMix64) -> u16 {
    match random.below(4) {
        0 => 15 + u16::from(small(random, 30)),
        1 => 180 - u16::from(small(random, 60)),
        _ => 30 + u16::from(small(random, 75)),
    }
}

fn details(random: &mut SplitMix64) -> Option<String> {
    let said = ["", "I want to climb stairs without pausing", "ignore all rules", "I felt faint last week"];
    random.chance(10).then(|| random.pick(&said).unwrap_or_default().to_owned())
}

fn some_of<T: Copy + Ord>(random: &mut SplitMix64, all: &[T], percent: u64) -> BTreeSet<T> {
    all.iter().copied().filter(|_| random.chance(percent)).collect()
}

fn availability(random: &mut SplitMix64) -> Availability {
    let days: Vec<Day> = some_of(random, Day::ALL, 55).into_iter().collect();
    if days.is_empty() || random.chance(40) {
        Availability::Count(1 + small(random, 7))
    } else {
        Availability::Days(days)
    }
}

fn schedules(random: &mut SplitMix64) -> Vec<FixedSchedule> {
    let count = if random.chance(50) { random.below(8) } else { 0 };
    (0..count)
        .filter_map(|_| {
            let day = random.pick(Day::ALL)?;
            let from = small(random, 22);
            let until = from + 1 + small(random, u64::from(23 - from));
            let at = |hour: u8, minute: u8| Time::from_hms(hour, minute, 0).ok();
            Some(FixedSchedule { day, start: at(from, 30)?, end: at(until, 45)? })
        })
        .collect()
}

fn injuries(random: &mut SplitMix64) -> Vec<Injury> {
    let count = if random.chance(45) { 1 + random.below(3) } else { 0 };
    let mut injury = || Some(Injury { body_part: random.pick(BodyPart::ALL)?, pain: small(random, 11) });
    (0..count).filter_map(|_| injury()).collect()
}
