//! Comma-separated values that a spreadsheet can open without running anything.
//!
//! RFC 4180, UTF-8, lines end in CR LF, newlines inside a cell are kept and quoted. Lists of
//! words are joined with `; `, objects and lists of objects are JSON. To undo the safety
//! measure, take one leading `'` off a cell whose second character is one of `= + - @`, tab or
//! carriage return. Control characters other than tab and line ends, and the two characters
//! that override the direction of all that follows (U+202D, U+202E), are left out.

use super::{Exporter, Record};
use csv::{Terminator, Writer, WriterBuilder};
use serde_json::Value;
use std::io::{self, Write};

/// A sheet with a line of column names.
pub struct Sheet<W: Write>(Writer<W>);

impl<W: Write> Sheet<W> {
    /// Begins with the line of names.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn new(out: W, names: &[&str]) -> io::Result<Self> {
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(out);
        writer.write_record(names).map_err(io_error)?;
        Ok(Self(writer))
    }

    /// Adds a line, one value a column.
    ///
    /// # Errors
    /// When the output cannot be written, or the columns are not as many as the names.
    pub fn row<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) -> io::Result<()> {
        let cells = values.into_iter().map(cell);
        self.0.write_record(cells).map_err(io_error)
    }
}

impl<W: Write> Exporter for Sheet<W> {
    fn record(&mut self, record: &Record) -> io::Result<()> {
        self.row(record.values())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The crate wraps the system's errors; a closed pipe must still be told from others.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => safe(text),
        Value::Array(items) if !items.is_empty() && items.iter().all(is_plain) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            safe(&items.join("; "))
        }
        Value::Array(items) if items.is_empty() => String::new(),
        other => other.to_string(),
    }
}

fn is_plain(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Text that no spreadsheet takes for a formula.
fn safe(text: &str) -> String {
    let kept = text.chars().filter(|c| !is_unsafe(*c));
    let mut cell = String::with_capacity(text.len() + 1);
    cell.extend(kept);
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        cell.insert(0, '\'');
    }
    cell
}

fn is_unsafe(c: char) -> bool {
    let control = c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r');
    control || matches!(c, '\u{202d}' | '\u{202e}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_safe_and_otherwise_as_they_were() {
        for (value, wanted) in [
            (json!("=1+1"), "'=1+1"),
            (json!("+Desk"), "'+Desk"),
            (json!("-"), "'-"),
            (json!("@council"), "'@council"),
            (json!("\t=1"), "'\t=1"),
            (json!("\r\n=1"), "'\r\n=1"),
            (json!("\u{0}=1"), "'=1"),
            (json!("a\u{0}b\u{7}\u{202e}c\n\td"), "abc\n\td"),
            (
                json!("قال: \u{200f}«نعم»\u{2028}"),
                "قال: \u{200f}«نعم»\u{2028}",
            ),
            (json!("3 = 3"), "3 = 3"),
            (json!(["-a", "b"]), "'-a; b"),
            (json!([]), ""),
            (json!(null), ""),
            (json!(-5), "-5"),
            (json!(true), "true"),
            (json!([{"kind": "paragraph"}]), r#"[{"kind":"paragraph"}]"#),
        ] {
            assert_eq!(cell(&value), wanted, "{value}");
        }
    }

    #[test]
    fn lines_breaks_quotes_and_commas_come_back_from_a_standard_reader() {
        let rows = [
            json!(["Line one\nLine two, with \"quotes\" and a comma", "سلمى"]),
            json!(["السطر الأول\r\nالسطر الثاني\t؛ نهاية", ""]),
        ];
        let mut bytes = Vec::new();
        let mut sheet = Sheet::new(&mut bytes, &["text", "author"]).unwrap();
        for row in &rows {
            sheet.row(row.as_array().unwrap()).unwrap();
        }
        sheet.finish().unwrap();
        drop(sheet);
        assert!(bytes.starts_with(b"text,author\r\n"));
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        for (found, row) in reader.records().zip(&rows) {
            let found: Vec<String> = found.unwrap().iter().map(str::to_owned).collect();
            assert_eq!(json!(found), *row);
        }
    }
}
