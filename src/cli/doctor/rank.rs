//! Causes before their symptoms: of all that is not well, what explains the rest.

use super::finding::Finding;

/// Something that is not well and that nothing else explains, with what it explains.
#[derive(Debug)]
pub struct Cause {
    pub finding: Finding,
    pub symptoms: Vec<Finding>,
}

/// All findings, in the order in which somebody wants to read them.
#[derive(Debug)]
pub struct Diagnosis {
    pub causes: Vec<Cause>,
    pub others: Vec<Finding>,
}

/// Puts each symptom below its cause. The causes come in the order of their subjects.
pub fn rank(findings: Vec<Finding>) -> Diagnosis {
    let (mut unwell, others): (Vec<_>, Vec<_>) = findings.into_iter().partition(Finding::is_unwell);
    unwell.sort_by(|a, b| a.subject.cmp(&b.subject));
    let mut causes: Vec<Cause> = Vec::new();
    for finding in unwell {
        // What explains it stands before it, and is a cause or below one already.
        let explained = causes.iter_mut().find(|cause| {
            let mut above = std::iter::once(&cause.finding).chain(&cause.symptoms);
            above.any(|it| it.subject.explains(&finding.subject))
        });
        match explained {
            Some(cause) => cause.symptoms.push(finding),
            None => causes.push(Cause { finding, symptoms: Vec::new() }),
        }
    }
    Diagnosis { causes, others }
}

#[cfg(test)]
mod tests {
    use super::super::subject::Subject;
    use super::*;
    use crate::config::Role;

    fn causes(unwell: &[Subject]) -> Vec<(Subject, usize)> {
        let mut findings = vec![Finding::well(Subject::Versions, "versions", "alike")];
        findings.extend(unwell.iter().map(|subject| Finding::unwell(subject.clone(), "", "", "")));
        let diagnosis = rank(findings);
        assert_eq!(diagnosis.others.len(), 1);
        diagnosis.causes.into_iter().map(|cause| (cause.finding.subject, cause.symptoms.len())).collect()
    }

    fn part(role: Role, name: &str) -> Subject {
        Subject::Component(role, name.to_owned())
    }

    #[test]
    fn a_server_that_is_away_is_the_one_cause_of_all_that_needs_it() {
        let unwell = [
            Subject::Lag("plan_jobs".to_owned()),
            Subject::Readiness(Role::Projector),
            part(Role::Projector, "postgres"),
            part(Role::Gateway, "postgres"),
            Subject::Postgres,
        ];
        assert_eq!(causes(&unwell), [(Subject::Postgres, 4)]);
    }

    #[test]
    fn a_paused_queue_is_why_its_messages_wait_and_the_other_queue_is_another_matter() {
        let [paused, waits] = ["planner", "onboarding"].map(str::to_owned);
        let unwell =
            [Subject::Backlog(paused.clone()), Subject::Backlog(waits.clone()), Subject::Pause(paused.clone())];
        assert_eq!(causes(&unwell), [(Subject::Pause(paused), 1), (Subject::Backlog(waits), 0)]);
    }

    #[test]
    fn what_nothing_explains_is_a_cause_by_itself() {
        let unwell = [Subject::DeadLetters, part(Role::Planner, "background"), Subject::Readiness(Role::Planner)];
        assert_eq!(causes(&unwell), [(part(Role::Planner, "background"), 1), (Subject::DeadLetters, 0)]);
    }

    #[test]
    fn a_symptom_of_a_symptom_is_below_the_first_cause() {
        let unwell =
            [Subject::Nats, Subject::Streams, part(Role::Planner, "streams"), Subject::Readiness(Role::Planner)];
        assert_eq!(causes(&unwell), [(Subject::Nats, 3)]);
    }
}
