//! What people see: the answer on standard output, everything beside it on standard error. The one place that prints.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is what a command line is for")]

use std::io::Write;

use comfy_table::{ContentArrangement, Table, presets};

/// The width of a table where no terminal gives its own.
const WIDTH: u16 = 140;

/// A line of the answer, on standard output. A reader that has gone away (`| head`) is no fault.
pub fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// A line beside the answer, on standard error.
pub fn note(text: &str) {
    eprintln!("{text}");
}

/// What went wrong, on standard error.
pub fn error(text: &str) {
    eprintln!("error: {text}");
}

/// A table with these columns, as wide as the terminal.
pub fn table<const N: usize>(columns: [&str; N]) -> Table {
    let width = rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| size.ws_col);
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width.filter(|width| *width > 0).unwrap_or(WIDTH))
        .set_header(columns);
    table
}
