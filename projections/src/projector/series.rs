//! What projectors count, shown at zero before it happens.

use ally_telemetry::names::{self, label};
use ally_telemetry::series;

use crate::failure;
use crate::projection::{STREAMS, for_stream, types_of};

pub(super) fn begin() {
    for stream in STREAMS {
        let types = types_of(stream);
        for projection in for_stream(stream) {
            let read = types.iter().filter(|event_type| projection.reads(event_type));
            let read: Vec<String> = read.map(ToString::to_string).collect();
            let read: Vec<&str> = read.iter().map(String::as_str).collect();
            let projection = (label::PROJECTION, &[projection.name()][..]);
            series::begin(names::PROJECTION_EVENTS_TOTAL, &[projection, (label::TYPE, &read)]);
        }
        failure::begin_series(stream);
    }
}
