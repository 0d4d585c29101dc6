//! Short lives with a plan, for the tests of adaptation: log this, feel that, ask for the next version.

use ally_domain::engine::adapt::{Action, AdaptError, AdaptInput, Adaptation, Decision, adapt};
use ally_domain::engine::amount::Amount;
use ally_domain::engine::plan::{Item, Plan, Session, Sets};
use ally_domain::engine::profile::{Availability, BodyPart, Profile};
use ally_domain::engine::rule::Rule;
use ally_domain::engine::rules::{Since, next_version};
use ally_domain::engine::workout::{ItemDone, Pain, PainReport, SetDone, TrainingLog, Workout};
use ally_domain::engine::{Catalogue, adapt::Adapted};
use time::{Date, Duration, Time};

use super::athletes::{example, plan, weeks};

/// Somebody with a plan.
pub struct Life {
    pub catalogue: Catalogue,
    pub profile: Profile,
    pub plan: Plan,
    pub log: TrainingLog,
}

/// How a session went.
#[derive(Clone, Copy)]
pub struct Went {
    /// Added to the top of the range; below zero falls short of it.
    pub reps: i8,
    /// Added to the reserve that was asked for.
    pub reserve: i8,
    pub kg: Option<f64>,
    pub felt: u8,
}

/// To the top, as asked, with 40 kg.
pub const WELL: Went = Went { reps: 0, reserve: 0, kg: Some(40.0), felt: 7 };

impl Life {
    /// The life of an example athlete with a plan of so many weeks.
    pub fn of(name: &str, length: u8) -> Self {
        let catalogue = Catalogue::embedded().unwrap();
        let profile = example(name);
        let plan = plan(&profile, &weeks(length), &catalogue).unwrap();
        Self { catalogue, profile, plan, log: TrainingLog::default() }
    }

    /// The life of somebody who runs half a marathon at the end of so many weeks.
    pub fn of_runner(length: u8) -> Self {
        let catalogue = Catalogue::embedded().unwrap();
        let profile = Profile {
            purpose_details: Some("a half marathon".to_owned()),
            competition_date: Some(weeks(length).start + Duration::days(7 * i64::from(length) - 1)),
            minutes_per_session: 75,
            weekly_goal_days: 4,
            availability_days: Availability::Count(4),
            fixed_schedules: Vec::new(),
            ..example("intermediate-team-sport")
        };
        let plan = plan(&profile, &weeks(length), &catalogue).unwrap();
        Self { catalogue, profile, plan, log: TrainingLog::default() }
    }

    /// The Monday of a week, counted from 1.
    pub fn monday(&self, week: i64) -> Date {
        weeks(1).start + Duration::weeks(week - 1)
    }

    /// Does all sessions of a week.
    pub fn trains(mut self, week: usize, went: Went) -> Self {
        for session in self.plan.weeks[week - 1].sessions.clone() {
            self = self.does(&session.id, went);
        }
        self
    }

    /// Does one session.
    pub fn does(mut self, id: &str, went: Went) -> Self {
        let session = self.session(id).clone();
        self.log.log(Workout {
            session_id: id.to_owned(),
            performed_at: session.date.with_time(Time::MIDNIGHT).assume_utc() + Duration::hours(18),
            items: items(&session).map(|item| done(item, went)).collect(),
            session_rpe: Some(went.felt),
            pain: Vec::new(),
            note: None,
        });
        self
    }

    /// Reports pain on a day.
    pub fn feels(mut self, body_part: BodyPart, level: u8, on: Date) -> Self {
        let at = on.with_time(Time::MIDNIGHT).assume_utc() + Duration::hours(7);
        self.log.report(PainReport { at, pain: vec![Pain { body_part, level }], note: None });
        self
    }

    pub fn session(&self, id: &str) -> &Session {
        self.plan.weeks.iter().flat_map(|week| &week.sessions).find(|session| session.id == id).unwrap()
    }

    /// Asks for the next version on a day.
    pub fn asks(&self, on: Date) -> Result<Adaptation, AdaptError> {
        adapt(&AdaptInput::new(&self.plan, &self.profile, &self.log, on), &self.catalogue)
    }

    /// The next version, judged; the life goes on with it.
    pub fn adapts(mut self, on: Date) -> (Self, Vec<Decision>) {
        let Ok(Adaptation::Next(next)) = self.asks(on) else { panic!("nothing changed: {:?}", self.asks(on)) };
        self.is_sound(&next, on);
        let decisions = next.adapted.iter().flat_map(|Adapted { decisions, .. }| decisions.clone()).collect();
        self.plan = *next;
        (self, decisions)
    }

    /// What is decided when nothing changes.
    pub fn stays(&self, on: Date) -> Vec<Decision> {
        match self.asks(on) {
            Ok(Adaptation::Same(decisions)) => decisions,
            _ => panic!("something changed: {:?}", self.decides(on)),
        }
    }

    /// What is decided, whether anything changes or not.
    pub fn decides(&self, on: Date) -> Vec<Decision> {
        match self.asks(on).unwrap() {
            Adaptation::Same(decisions) => decisions,
            Adaptation::Next(next) => next.adapted.map(|adapted| adapted.decisions).unwrap_or_default(),
        }
    }

    fn is_sound(&self, next: &Plan, on: Date) {
        let request = AdaptInput::new(&self.plan, &self.profile, &self.log, on).request;
        let since = Since { today: on, log: &self.log };
        let found = next_version([&self.plan, next], &since, &self.profile, &request, &self.catalogue);
        let hard: Vec<_> = found.iter().filter(|finding| finding.hard).collect();
        assert!(hard.is_empty(), "{hard:#?}");
        assert!(next.validation.passed && next.validation.rules.contains(&Rule::R28));
        for session in self.plan.weeks.iter().flat_map(|week| &week.sessions).filter(|session| session.date < on) {
            let after = next.weeks.iter().flat_map(|week| &week.sessions).find(|other| other.id == session.id);
            let bytes = |session: &Session| serde_json::to_string(session).unwrap();
            assert_eq!(after.map(bytes), Some(bytes(session)), "{} is past", session.id);
        }
    }
}

/// The items of a session in order.
pub fn items(session: &Session) -> impl Iterator<Item = &Item> {
    session.blocks.iter().flat_map(|block| &block.items)
}

/// The working sets of an exercise in a session.
pub fn working<'a>(session: &'a Session, exercise: &str) -> Option<&'a Sets> {
    items(session).find(|item| item.ex.as_str() == exercise)?.sets.iter().find(|sets| !sets.ramp)
}

/// Whether something of this kind was decided.
pub fn decided(decisions: &[Decision], action: Action) -> bool {
    decisions.iter().any(|decision| decision.action == action)
}

fn done(item: &Item, went: Went) -> ItemDone {
    let sets = item.sets.iter().filter(|sets| !sets.ramp).flat_map(|planned| {
        let set = SetDone {
            reps: planned.reps.map(|[_, high]| u16::try_from(i16::from(high) + i16::from(went.reps)).unwrap_or(0)),
            seconds: planned.seconds.map(|seconds| if went.reps < -4 { seconds - 1 } else { seconds }),
            metres: planned.metres.map(|metres| u32::from(if went.reps < -4 { metres - 1 } else { metres })),
            load_kg: went.kg.and_then(Amount::nearest),
            rir: planned.rir.map(|rir| rir.saturating_add_signed(went.reserve)),
            rpe: None,
        };
        std::iter::repeat_n(set, planned.n.into())
    });
    ItemDone { exercise: item.ex.clone(), sets: sets.collect() }
}
