//! Calendars, read by another parser.

use ally_api::{Export, Form};
use ally_domain::engine::plan::Session;
use ally_domain::engine::render::session_text;
use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarValue};
use time::macros::{format_description, time};
use time::{Duration, PrimitiveDateTime};

use super::{each_plan, sessions};

fn read(bytes: Vec<u8>) -> ICalendar {
    ICalendar::parse(String::from_utf8(bytes).unwrap()).unwrap()
}

fn events(calendar: &ICalendar) -> Vec<&ICalendarComponent> {
    let events = calendar.components.iter();
    events.filter(|component| component.component_type == ICalendarComponentType::VEvent).collect()
}

fn value<'a>(event: &'a ICalendarComponent, property: &ICalendarProperty) -> &'a ICalendarValue {
    let entry = event.entries.iter().find(|entry| entry.name == *property).unwrap_or_else(|| panic!("{property:?}"));
    &entry.values[0]
}

fn text<'a>(event: &'a ICalendarComponent, property: &ICalendarProperty) -> &'a str {
    match value(event, property) {
        ICalendarValue::Text(text) => text,
        other => panic!("{property:?} is {other:?}"),
    }
}

/// A time as the calendar has it, and whether it floats.
fn moment(event: &ICalendarComponent, property: &ICalendarProperty) -> (PrimitiveDateTime, bool) {
    let ICalendarValue::PartialDateTime(at) = value(event, property) else { panic!("{property:?} is no time") };
    let date =
        time::Date::from_calendar_date(at.year.unwrap().into(), at.month.unwrap().try_into().unwrap(), at.day.unwrap());
    let time = time::Time::from_hms(at.hour.unwrap(), at.minute.unwrap(), at.second.unwrap());
    (PrimitiveDateTime::new(date.unwrap(), time.unwrap()), at.tz_hour.is_none())
}

fn uid(session: &Session) -> String {
    format!("plan-1-{}@ally", session.id)
}

#[test]
fn every_session_is_an_event_that_says_it_in_words() {
    each_plan(|export, profile| {
        let calendar = read(export.plan(Form::Calendar).unwrap());
        let events = events(&calendar);
        let expected: Vec<_> = sessions(export.plan).collect();
        assert_eq!(events.len(), expected.len());
        for (event, session) in events.iter().zip(expected) {
            let (starts, floats) = moment(event, &ICalendarProperty::Dtstart);
            let (ends, _) = moment(event, &ICalendarProperty::Dtend);
            assert_eq!(text(event, &ICalendarProperty::Uid), uid(session));
            assert!(floats, "nobody told a time zone");
            assert_eq!(starts.date(), session.date);
            assert_eq!(ends - starts, Duration::minutes(session.est_min.into()));
            assert_eq!(text(event, &ICalendarProperty::Description), session_text(session, export.catalogue));
            assert_eq!(*value(event, &ICalendarProperty::Sequence), ICalendarValue::Integer(0));
            let taken = profile.fixed_schedules.iter().filter(|taken| {
                time::Weekday::from(taken.day) == session.date.weekday()
                    && taken.start < ends.time()
                    && starts.time() < taken.end
            });
            assert_eq!(taken.count(), 0, "the session keeps off what is fixed");
        }
    });
}

#[test]
fn lines_are_folded_ended_and_escaped_as_the_standard_says() {
    each_plan(|export, _| {
        let text = String::from_utf8(export.plan(Form::Calendar).unwrap()).unwrap();
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        assert!(text.ends_with("END:VCALENDAR\r\n"));
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "octets, not characters");
        assert!(text.contains("METHOD:PUBLISH\r\n") && text.contains("PRODID:-//Ally//"));
        let stamp =
            export.created_at.format(format_description!("[year][month][day]T[hour][minute][second]Z")).unwrap();
        assert_eq!(text.matches(&format!("DTSTAMP:{stamp}\r\n")).count(), sessions(export.plan).count());
    });
}

#[test]
fn a_newer_version_changes_events_in_place_and_cancels_what_is_gone() {
    each_plan(|export, _| {
        let mut newer = export.plan.clone();
        newer.version = 2;
        let last = newer.weeks.iter_mut().rev().find(|week| !week.sessions.is_empty()).unwrap();
        let gone = last.sessions.pop().unwrap();
        let earlier = [export.plan.clone()];
        let again = Export { plan: &newer, earlier: &earlier, ..export.clone() };
        let calendar = read(again.plan(Form::Calendar).unwrap());
        let of = |event: &&&ICalendarComponent| text(event, &ICalendarProperty::Uid).to_owned();
        let events = events(&calendar);
        assert_eq!(events.len(), sessions(export.plan).count());
        for event in &events {
            assert_eq!(*value(event, &ICalendarProperty::Sequence), ICalendarValue::Integer(1));
        }
        let cancelled = events.iter().filter(|event| {
            let status = format!("{:?}", value(event, &ICalendarProperty::Status));
            status.to_lowercase().contains("cancelled")
        });
        assert_eq!(cancelled.map(|event| of(&event)).collect::<Vec<_>>(), [uid(&gone)]);
    });
}

#[test]
fn the_wish_for_a_start_is_heard() {
    each_plan(|export, _| {
        let wished = Export { start: time!(07:30), schedules: &[], ..export.clone() };
        let session = sessions(export.plan).next().unwrap();
        let calendar = read(wished.session(session, Form::Calendar).unwrap());
        let events = events(&calendar);
        assert_eq!(events.len(), 1);
        assert_eq!(
            moment(events[0], &ICalendarProperty::Dtstart).0,
            PrimitiveDateTime::new(session.date, time!(07:30))
        );
    });
}
