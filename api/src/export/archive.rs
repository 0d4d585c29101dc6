//! All sessions of a plan as FIT workout files in one archive. Nothing is compressed: the files are small, and stored
//! bytes are the same on every machine.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{Export, ExportError, Form, unwritable};

pub(super) fn of_plan(export: &Export<'_>) -> Result<Vec<u8>, ExportError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::DEFAULT);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let failed = |error: &dyn std::fmt::Display| unwritable(Form::Archive, error);
    for (_, session) in export.sessions() {
        let workout = export.session(session, Form::Fit)?;
        let name = format!("{}-{}.{}", session.date, session.id, Form::Fit);
        archive.start_file(name, options).map_err(|error| failed(&error))?;
        archive.write_all(&workout).map_err(|error| failed(&error))?;
    }
    Ok(archive.finish().map_err(|error| failed(&error))?.into_inner())
}
