//! What breaks, how it is mended, and how somebody on call gets to know of it.

use rustix::process::Signal;

use super::pager::Call;
use super::site::{Site, signal_nats};

/// One thing that breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    PlannerKilled,
    PlannerStopped,
    OnboardingKilled,
    PostgresStopped,
    NatsStopped,
    ProjectorKilled,
    QueuesPaused,
    ModelFails,
    CollectorGone,
}

/// The workers' queues.
const QUEUES: [&str; 3] = ["planner", "planner-express", "onboarding"];

impl Break {
    /// The collector last: it is not started again. The planner is not stopped right after it was killed: the same alert within
    /// minutes is told later, on purpose.
    pub const ALL: [Self; 9] = [
        Self::PlannerKilled,
        Self::OnboardingKilled,
        Self::PostgresStopped,
        Self::NatsStopped,
        Self::ProjectorKilled,
        Self::QueuesPaused,
        Self::ModelFails,
        Self::PlannerStopped,
        Self::CollectorGone,
    ];

    /// The alert, and a label of it that says what it is about.
    const fn alert(self) -> (&'static str, Option<(&'static str, &'static str)>) {
        match self {
            Self::PlannerKilled | Self::PlannerStopped => ("RoleDown", Some(("job", "planning-engine"))),
            Self::OnboardingKilled => ("RoleDown", Some(("job", "profile-onboarding"))),
            Self::PostgresStopped => ("DependencyDown", Some(("dependency", "postgres"))),
            Self::NatsStopped => ("DependencyDown", Some(("dependency", "nats"))),
            Self::ProjectorKilled => ("RoleDown", Some(("job", "projector"))),
            Self::QueuesPaused => ("ConsumerPaused", Some(("consumer", "planner"))),
            Self::ModelFails => ("DependencyDown", Some(("dependency", "llm"))),
            Self::CollectorGone => ("SpansLost", None),
        }
    }

    pub fn is_told_by(self, call: &Call) -> bool {
        let (alert, label) = self.alert();
        call.alert == alert && label.is_none_or(|(name, value)| call.labels[name] == value)
    }

    /// What the doctor's first line must name.
    pub const fn cause(self) -> &'static [&'static str] {
        match self {
            Self::PlannerKilled => &["planning-engine", "does not run"],
            Self::PlannerStopped => &["planning-engine", "hangs"],
            Self::OnboardingKilled => &["profile-onboarding", "does not run"],
            Self::PostgresStopped => &["PostgreSQL", "hangs"],
            Self::NatsStopped => &["NATS", "hangs"],
            Self::ProjectorKilled => &["projector", "does not run"],
            Self::QueuesPaused => &["pause of", "stopped by operator:kim until"],
            Self::ModelFails => &["model"],
            Self::CollectorGone => &["trace collector", "nothing answers"],
        }
    }

    pub async fn strike(self, site: &mut Site) {
        match self {
            Self::PlannerKilled => site.kill("planner"),
            Self::PlannerStopped => site.role("planner").suspend(),
            Self::OnboardingKilled => site.kill("onboarding"),
            Self::PostgresStopped => site.postgres.suspend(),
            Self::NatsStopped => signal_nats(&site.node, Signal::STOP),
            Self::ProjectorKilled => site.kill("projector"),
            Self::QueuesPaused => {
                for queue in QUEUES {
                    let paused = site.command(&["consumers", "pause", queue, "--for", "10m", "--as", "kim"]).await;
                    assert!(paused.status.success(), "{paused:?}");
                }
            }
            Self::ModelFails => site.set_model(true),
            Self::CollectorGone => drop(site.collector.take()),
        }
    }

    pub async fn mend(self, site: &mut Site) {
        match self {
            Self::PlannerKilled => site.start("planner").await,
            Self::PlannerStopped => site.role("planner").wake(),
            Self::OnboardingKilled => site.start("onboarding").await,
            Self::PostgresStopped => site.postgres.wake(),
            Self::NatsStopped => signal_nats(&site.node, Signal::CONT),
            Self::ProjectorKilled => site.start("projector").await,
            Self::QueuesPaused => {
                for queue in QUEUES {
                    assert!(site.command(&["consumers", "resume", queue]).await.status.success());
                }
            }
            Self::ModelFails => site.set_model(false),
            Self::CollectorGone => {}
        }
    }
}
