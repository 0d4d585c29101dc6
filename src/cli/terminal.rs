//! What people see: lines on standard output and error, coloured only in a terminal. The one place that prints.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is what the command line is for")]

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};

/// The width of a table where no terminal tells its own.
const WIDTH: u16 = 140;
/// The width of text that is read from top to bottom, where no terminal tells its own.
const TEXT_WIDTH: u16 = 100;
/// The narrowest text that is still laid out; a narrower terminal wraps it.
const NARROWEST: u16 = 40;

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

/// Empties the terminal for the next picture; what is piped stays as it is.
pub fn clear() {
    let mut out = std::io::stdout().lock();
    if out.is_terminal() {
        let _ = out.write_all(b"\x1b[H\x1b[2J");
    }
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
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(terminal_width().unwrap_or(WIDTH))
        .set_header(columns);
    table
}

/// How wide a line of text may be: as wide as the terminal, 100 columns where there is none.
pub fn text_width() -> u16 {
    terminal_width().unwrap_or(TEXT_WIDTH).max(NARROWEST)
}

/// Cells below each other without lines around them, indented by two, in lines of at most `width` columns.
pub fn columns<const N: usize>(rows: impl IntoIterator<Item = [String; N]>, width: u16) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    for row in rows {
        table.add_row(row);
    }
    if let Some(first) = table.column_mut(0) {
        first.set_padding((2, 1));
    }
    let text = table.to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn terminal_width() -> Option<u16> {
    rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| size.ws_col).filter(|width| *width > 0)
}
