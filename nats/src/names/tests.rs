use super::*;

fn job(id: &str) -> AggregateRef {
    AggregateRef { kind: AggregateKind::Job, id: id.parse().unwrap() }
}

#[test]
fn every_wire_name_is_pinned() {
    let (ally, t1) = (Names::new("ally").unwrap(), Names::new("t1").unwrap());
    let lines = |names: &Names| {
        let mut lines: Vec<String> = StreamName::ALL
            .into_iter()
            .map(|stream| format!("{} = {}", names.stream(stream), names.subjects(stream).join(" ")))
            .collect();
        lines.extend([
            names.event(&job("7"), "requested"),
            names.aggregate(&job("7")),
            names.event_of_all(AggregateKind::Job, "requested"),
            names.event_template(AggregateKind::Plan, "created"),
            names.all_events(),
            names.republished().0,
            names.republished().1,
            names.live_wishes(),
            names.schedule(StreamName::Plans, durable::PLANNER, 42),
            names.due(StreamName::Plans, durable::PLANNER, 42),
            names.all_due(StreamName::Onboarding, durable::ONBOARDING),
            names.archive_segment(StreamName::Plans, "00000000000000000001-00000000000000000009-9-2-0123456789abcdef"),
            names.archive_segments(StreamName::Plans),
            names.dead_letter(durable::PLANNER, StreamName::Plans, 42),
            names.dead_letters(None),
            names.dead_letters(Some(durable::PLANNER)),
            names.dead_letter_audit(durable::PLANNER, StreamName::Plans, 42),
        ]);
        lines.join("\n")
    };
    insta::assert_snapshot!("names_of_ally", lines(&ally));
    insta::assert_snapshot!("names_of_t1", lines(&t1));
}

#[test]
fn only_an_event_subject_is_an_event() {
    let names = Names::new("ally").unwrap();
    assert_eq!(names.parse_event(&names.event(&job("7"), "requested")), Some(job("7")));
    for other in [
        "ally.es.job.7",
        "ally.es.job.7.a.b",
        "ally.es.room.7.joined",
        "t1.es.job.7.requested",
        "ally.due.PLANS.planner.7",
    ] {
        assert_eq!(names.parse_event(other), None, "{other}");
    }
}

#[test]
fn a_prefix_is_one_safe_token() {
    for wrong in ["", "a.b", "a b", "*", ">", &"x".repeat(33)] {
        assert!(Names::new(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_stream_reads_back_under_its_prefix() {
    let names = Names::new("t1").unwrap();
    for stream in StreamName::ALL {
        assert_eq!(names.parse_stream(&names.stream(stream)), Some(stream));
        assert_eq!(stream.as_str().parse(), Ok(stream));
    }
    assert_eq!(names.parse_stream("PLANS"), None);
}
