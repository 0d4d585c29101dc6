use ally_domain::athlete::AthleteEvent;
use ally_domain::event_data::EventData;
use ally_domain::job::JobEvent;
use ally_domain::plan::PlanEvent;
use ally_domain::room::ConnId;
use ally_domain::webhook::{DeliveryEvent, EndpointEvent};

use super::*;

fn job(id: &str) -> AggregateRef {
    AggregateRef { kind: AggregateKind::Job, id: id.parse().unwrap() }
}

fn channel(id: &str) -> AggregateRef {
    AggregateRef { kind: AggregateKind::Channel, id: id.parse().unwrap() }
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
            names.due(StreamName::Plans, durable::PLANNER, 42, "requested"),
            names.event(&job("7"), "redriven"),
            names.due(StreamName::Plans, durable::PLANNER, 42, "redriven"),
            names.given("requested"),
            names.archive_segment(StreamName::Plans, "00000000000000000001-00000000000000000009-9-2-0123456789abcdef"),
            names.archive_segments(StreamName::Plans),
            names.dead_letter(durable::PLANNER, StreamName::Plans, 42),
            names.dead_letters(None),
            names.dead_letters(Some(durable::PLANNER)),
            names.dead_letter_audit(durable::PLANNER, StreamName::Plans, 42),
            format!("{} = {}", names.lease_stream(), names.all_leases()),
            names.lease(ConnId::from(uuid::Uuid::nil())),
            names.lease_bucket_mark(),
            names.event(&channel("room==lobby"), "metadata_set"),
            names.event(&channel("room==lobby"), "metadata_removed"),
            format!("{} = {}", names.lock_stream(), names.all_locks()),
            names.lock(&"the editor".parse().unwrap()),
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
        "ally.es.squad.7.joined",
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

/// Whether the server would give a message on a subject to a consumer with a filter.
fn fits(filter: &str, subject: &str) -> bool {
    let (filter, subject): (Vec<_>, Vec<_>) = (filter.split('.').collect(), subject.split('.').collect());
    filter.len() == subject.len() && filter.iter().zip(subject).all(|(token, its)| *token == "*" || *token == its)
}

#[test]
fn a_consumer_is_given_its_event_and_what_comes_back_to_it_and_nothing_else() {
    let names = Names::new("ally").unwrap();
    let of = |kind, types: &[(&'static str, u32)]| types.iter().map(|(name, _)| (kind, *name)).collect::<Vec<_>>();
    let events = [
        of(AggregateKind::Job, JobEvent::TYPES),
        of(AggregateKind::Plan, PlanEvent::TYPES),
        of(AggregateKind::Athlete, AthleteEvent::TYPES),
        of(AggregateKind::Webhook, EndpointEvent::TYPES),
        of(AggregateKind::Delivery, DeliveryEvent::TYPES),
    ]
    .concat();
    for (consumer, stream, event) in durable::GIVEN {
        let filter = names.given(event);
        let given: Vec<_> = events
            .iter()
            .filter(|(kind, name)| {
                let aggregate = AggregateRef { kind: *kind, id: "7".parse().unwrap() };
                StreamName::of(*kind) == stream && fits(&filter, &names.event(&aggregate, name))
            })
            .map(|(_, name)| *name)
            .collect();
        match consumer {
            durable::PLANNER => assert_eq!(given, ["requested", "redriven"]),
            durable::WEBHOOKS => assert_eq!(given, ["queued", "replayed"]),
            durable::WEBHOOK_NOTICES => assert_eq!(given.len(), EndpointEvent::TYPES.len()),
            _ => assert_eq!(given, [event]),
        }
        for (other, its_stream, its_event) in durable::GIVEN {
            let comes_back = fits(&filter, &names.due(its_stream, other, 42, its_event));
            assert_eq!(comes_back, other == consumer, "{consumer} and what comes back to {other}");
        }
        let archived = names.archive_segment(stream, "1-9-9-2-0123456789abcdef");
        for other in [names.schedule(stream, consumer, 42), archived] {
            assert!(!fits(&filter, &other), "{other}");
        }
    }
}
