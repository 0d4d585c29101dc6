//! A session as a FIT workout file: what a watch walks its wearer through, step by step.
//!
//! The library knows the protocol (definitions, checksums, the profile's numbers); here a session becomes its messages:
//! one `file_id`, one `workout`, and `workout_step`s for sets and rests. Equal sets become one step, its rest, and a
//! repeat of both, because devices hold few steps.

mod category;
mod memory;
mod step;

use ally_domain::engine::plan::{Focus, Session};
use rustyfit::profile::{mesgdef, typedef};
use rustyfit::proto::{FIT, Message};
use rustyfit::{Encoder, EncoderError, proto};

use self::memory::Memory;
use super::Export;

/// The most bytes of a text. The protocol takes 255; small screens show fewer.
const MAX_TEXT_BYTES: usize = 200;

/// What the library refused.
pub(super) type Refused = EncoderError<std::convert::Infallible>;

pub(super) fn workout(export: &Export<'_>, session: &Session) -> Result<Vec<u8>, Refused> {
    let steps = step::of_session(session, export.catalogue);
    let mut messages = vec![Message::from(file_id(export, session)), Message::from(header(session, steps.len()))];
    messages.extend(steps.into_iter().map(Message::from));
    let mut fit = FIT { file_header: proto::FileHeader::default(), messages, crc: 0 };
    let mut memory = Memory::default();
    Encoder::new().encode(&mut memory, &mut fit)?;
    Ok(memory.into_bytes())
}

fn file_id(export: &Export<'_>, session: &Session) -> mesgdef::FileId {
    mesgdef::FileId {
        r#type: typedef::File::WORKOUT,
        // What the protocol gives to programs without a number of their own.
        manufacturer: typedef::Manufacturer::DEVELOPMENT,
        product: 0,
        serial_number: serial_number(export, session),
        time_created: typedef::DateTime::from_unix_timestamp(export.created_at.unix_timestamp()),
        product_name: "Ally".into(),
        ..mesgdef::FileId::new()
    }
}

fn header(session: &Session, steps: usize) -> mesgdef::Workout {
    let sub_sport = match session.focus {
        Focus::Conditioning => typedef::SubSport::CARDIO_TRAINING,
        Focus::Recovery => typedef::SubSport::FLEXIBILITY_TRAINING,
        _ => typedef::SubSport::STRENGTH_TRAINING,
    };
    let focus = session.focus.as_str().replace('_', " ");
    mesgdef::Workout {
        sport: typedef::Sport::TRAINING,
        sub_sport,
        num_valid_steps: u16::try_from(steps).unwrap_or(u16::MAX),
        wkt_name: shortened(&format!("{} {focus}", session.date)),
        wkt_description: shortened(&format!("{focus}, about {} min", session.est_min)),
        ..mesgdef::Workout::new()
    }
}

/// The same session of the same plan is the same workout to a device; 0 would mean none.
fn serial_number(export: &Export<'_>, session: &Session) -> u32 {
    let id = [export.plan.plan_id.as_str(), session.id.as_str()].join("/");
    let hash = id.bytes().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash.max(1)
}

/// A text that a field holds, cut between characters.
fn shortened(text: &str) -> Box<str> {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().into()
}
