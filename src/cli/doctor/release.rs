//! What must be so after a release: each role is of this version, somebody walks from their answers to their plan and the trace shows
//! it, and the figures that then move have moved. Unlike the rest of the doctor this does something: it makes one plan.

use std::time::Duration;

use ally_telemetry::names;

use super::finding::Finding;
use super::roles::Seen;
use super::subject::Subject;
use crate::cli::trace;
use crate::config::{Config, Role};

/// A plan and its trace are there by then.
const WALK_DEADLINE: Duration = Duration::from_secs(80);

/// The figures that a walk moves, each with the role that counts it.
const MOVED: [(Role, &str); 5] = [
    (Role::Gateway, names::API_REQUESTS_TOTAL),
    (Role::Gateway, names::MESSAGES_PUBLISHED_TOTAL),
    (Role::Planner, names::MESSAGES_CONSUMED_TOTAL),
    (Role::Planner, names::PLAN_GENERATION_SUCCESS_TOTAL),
    (Role::Projector, names::PROJECTION_EVENTS_TOTAL),
];

/// An athlete of this check's own walks from their answers to their plan.
pub async fn walk(config: &Config) -> Finding {
    let (subject, what) = (Subject::Release("walk".to_owned()), "release: a walk to a plan");
    let remedy = "`ally jobs why ID` says what a job waits for, `ally trace ID` how far it came";
    match tokio::time::timeout(WALK_DEADLINE, trace::check::walk(config)).await {
        Err(_) => Finding::unwell(subject, what, format!("not done within {} s", WALK_DEADLINE.as_secs()), remedy),
        Ok(Err(error)) => Finding::unwell(subject, what, format!("{error:#}"), remedy),
        Ok(Ok((job, trace, None))) => {
            let found = format!("job {job} is completed; its trace {trace} is not kept here");
            Finding::note(subject, what, found, "look for it in Jaeger, where the roles send theirs")
        }
        Ok(Ok((job, trace, Some(lacks)))) if lacks.is_empty() => {
            Finding::well(subject, what, format!("job {job} is completed, and its trace {trace} shows every step"))
        }
        Ok(Ok((job, trace, Some(lacks)))) => {
            let found = format!("job {job} is completed, and its trace {trace} does not show: {}", lacks.join("; "));
            Finding::unwell(subject, what, found, remedy)
        }
    }
}

/// Whether the figures have moved, and whether every role is of this version.
pub fn look(seen: &[Seen]) -> Vec<Finding> {
    let mut findings: Vec<_> = MOVED.iter().map(|(role, name)| moved(seen, *role, name)).collect();
    let own = env!("CARGO_PKG_VERSION");
    let others = seen.iter().filter(|seen| seen.answers).filter_map(|seen| match &seen.about {
        Some(about) if about.version == own => None,
        Some(about) => Some(format!("{} is {}", seen.role.service(), about.version)),
        // Those of before this question say nothing.
        None => Some(format!("{} does not say its version", seen.role.service())),
    });
    let others: Vec<_> = others.collect();
    let (subject, what) = (Subject::Release("versions".to_owned()), "release: versions");
    findings.push(match others.is_empty() {
        true => Finding::well(subject, what, format!("{own} wherever a role answers")),
        false => {
            let found = format!("this program is {own}; {}", others.join(", "));
            Finding::unwell(subject, what, found, "start the roles that are left behind again, with the new version")
        }
    });
    findings
}

fn moved(seen: &[Seen], role: Role, name: &str) -> Finding {
    let (subject, what) = (Subject::Release(name.to_owned()), format!("release: {name}"));
    let page = seen.iter().find(|seen| seen.role == role).map(|seen| &seen.page);
    let sum = page.and_then(|page| page.sum(name, &[])).unwrap_or_default();
    match sum > 0.0 {
        true => Finding::well(subject, what, format!("{sum} by {}", role.service())),
        false => Finding::unwell(
            subject,
            what,
            format!("still 0 at {}", role.service()),
            "nothing came to it since it began: look at the walk, or at another node of the same role",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::Page;
    use super::*;

    #[test]
    fn a_figure_that_has_not_moved_is_told_with_its_role() {
        let page = |text: &str| Page::new(text.to_owned());
        let seen = |role, page| Seen { role, answers: true, page, about: None, ahead: None };
        let seen = [
            seen(Role::Gateway, page("api_requests_total 3\nmessages_published_total{stream=\"PLANS\"} 0\n")),
            seen(Role::Planner, Page::default()),
        ];
        let unwell: Vec<_> = look(&seen).into_iter().filter(Finding::is_unwell).map(|it| it.what).collect();
        assert_eq!(unwell.len(), 5, "{unwell:?}");
        assert!(unwell[0].ends_with(names::MESSAGES_PUBLISHED_TOTAL));
        assert_eq!(unwell[4], "release: versions", "a role that does not say which it is was left behind");
    }
}
