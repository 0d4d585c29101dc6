//! A plan as an iCalendar: one event a session, in floating local time, because nobody asked for a time zone.
//!
//! The same version of a plan always gives the same bytes: the events' ids come from plan and session, their sequence
//! from the version, their stamps from when it was made. A calendar that reads a newer version changes its events in
//! place. The library carries another date crate inside; dates are written here and handed over as text.

use std::collections::BTreeSet;
use std::fmt;

use ally_domain::engine::plan::Session;
use ally_domain::engine::profile::Day;
use ally_domain::engine::render::session_text;
use ally_domain::engine::room::start_time;
use icalendar::{Calendar, Component, Event, EventStatus};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, PrimitiveDateTime, UtcOffset};

use super::Export;

/// The program that writes, without its version: a release changes no calendar.
const PRODUCT: &str = "-//Ally//Training plans//EN";
/// The most octets of a line, without its end (RFC 5545, section 3.1).
const MAX_OCTETS: usize = 75;
const LOCAL: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]");
const UTC: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");

/// Every session of the plan, and as cancelled those of earlier versions that are gone.
pub(super) fn of_plan(export: &Export<'_>) -> Result<Vec<u8>, fmt::Error> {
    let mut calendar = calendar("Training plan");
    let mut there = BTreeSet::new();
    for (_, session) in export.sessions() {
        there.insert(session.id.as_str());
        calendar.push(event(export, session, EventStatus::Confirmed));
    }
    // The newest version that still held a session tells when it would have been.
    for version in export.earlier.iter().rev() {
        for session in version.weeks.iter().flat_map(|week| &week.sessions) {
            if there.insert(session.id.as_str()) {
                calendar.push(event(export, session, EventStatus::Cancelled));
            }
        }
    }
    written(&calendar)
}

/// One session.
pub(super) fn of_session(export: &Export<'_>, session: &Session) -> Result<Vec<u8>, fmt::Error> {
    let mut calendar = calendar("Training session");
    calendar.push(event(export, session, EventStatus::Confirmed));
    written(&calendar)
}

fn calendar(name: &str) -> Calendar {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", PRODUCT));
    calendar.append_property(("CALSCALE", "GREGORIAN"));
    calendar.append_property(("METHOD", "PUBLISH"));
    calendar.name(name);
    calendar
}

fn written(calendar: &Calendar) -> Result<Vec<u8>, fmt::Error> {
    let mut text = String::new();
    fmt::Write::write_fmt(&mut text, format_args!("{calendar}"))?;
    Ok(folded(&text).into_bytes())
}

/// The lines folded anew: the library's last pieces may be an octet longer than the standard asks.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + text.len() / MAX_OCTETS);
    for line in text.replace("\r\n ", "").split_terminator("\r\n") {
        let (mut rest, mut room) = (line, MAX_OCTETS);
        while rest.len() > room {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(room));
            folded.extend([piece, "\r\n "]);
            // The space in front of a continued line counts.
            (rest, room) = (after, MAX_OCTETS - 1);
        }
        folded.extend([rest, "\r\n"]);
    }
    folded
}

fn event(export: &Export<'_>, session: &Session, status: EventStatus) -> Event {
    let day = Day::ALL.iter().copied().find(|day| time::Weekday::from(*day) == session.date.weekday());
    let wished = export.start;
    let start = day.map_or(wished, |day| start_time(export.schedules, day, session.est_min, wished));
    let starts = PrimitiveDateTime::new(session.date, start);
    let ends = starts.saturating_add(Duration::minutes(session.est_min.into()));
    let created = export.created_at.to_offset(UtcOffset::UTC);
    let stamp = text(created.format(UTC));
    let focus = session.focus.as_str().replace('_', " ");
    let mut event = Event::new();
    event
        .uid(&format!("{}-{}@ally", export.plan.plan_id, session.id))
        .sequence(export.plan.version.saturating_sub(1))
        .add_property("DTSTAMP", &stamp)
        .add_property("LAST-MODIFIED", &stamp)
        .add_property("DTSTART", text(starts.format(LOCAL)))
        .add_property("DTEND", text(ends.format(LOCAL)))
        .summary(&format!("Training: {focus}, {} min", session.est_min))
        .description(&session_text(session, export.catalogue))
        .status(status);
    event.done()
}

/// A date of a plan always fits the format; if not, the property is empty and the reader says so.
fn text(formatted: Result<String, time::error::Format>) -> String {
    formatted.unwrap_or_default()
}
