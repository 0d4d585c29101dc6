//! What people see: lines on standard output and error, coloured only in a terminal. The one place that prints.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is what the command line is for")]

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};

/// The width of a table where no terminal tells its own.
const WIDTH: u16 = 140;

/// A line of the answer, on standard output. A reader that has gone away (`| head`) is no fault.
pub fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// A line of the answer; false when nobody reads it any more.
pub fn is_read(text: &str) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).is_ok()
}

/// A line of the answer for programs: one JSON object.
pub fn object(value: &impl serde::Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?);
    Ok(())
}

/// A line beside the answer, on standard error.
pub fn note(text: &str) {
    eprintln!("{text}");
}

/// What went wrong, on standard error.
pub fn error(text: &str) {
    eprintln!("{} {text}", paint("error:", "1;31"));
}

/// Text in a colour of the terminal, where there is one. The code is that of SGR: `1;32` is bold green.
pub fn paint(text: &str, code: &str) -> String {
    if std::io::stdout().is_terminal() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// A table with these columns, as wide as the terminal.
pub fn table<const N: usize>(columns: [&str; N]) -> Table {
    let width =
        rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| size.ws_col).filter(|width| *width > 0);
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width.unwrap_or(WIDTH))
        .set_header(columns);
    table
}
