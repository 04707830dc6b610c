//! Records out, as CSV.

use memchr::{memchr, memchr3};
use std::io::{self, Write};

/// Writes records; the line end is LF. Each record is one call of `Write`, so hand in something that buffers.
pub struct CsvWriter<W> {
    write: W,
    columns: usize,
    line: Vec<u8>,
}

impl<W: Write> CsvWriter<W> {
    /// A writer; [`header`](Self::header) comes first.
    pub fn new(write: W) -> Self {
        Self { write, columns: 0, line: Vec::new() }
    }

    /// The header row.
    pub fn header<S: AsRef<str>>(&mut self, columns: &[S]) -> io::Result<()> {
        if columns.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a CSV file without columns"));
        }
        self.columns = columns.len();
        self.record(columns.iter().map(|name| Some(name.as_ref())))
    }

    /// One record: as many values as the header has names, `None` for NULL.
    pub fn record<'a>(&mut self, values: impl IntoIterator<Item = Option<&'a str>>) -> io::Result<()> {
        self.line.clear();
        let mut count = 0;
        for value in values {
            if count > 0 {
                self.line.push(b',');
            }
            put_field(&mut self.line, value);
            count += 1;
        }
        if count != self.columns {
            let what = format!("a record of {count} values where the header has {}", self.columns);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        self.line.push(b'\n');
        self.write.write_all(&self.line)
    }

    /// Hands on what the sink may hold back.
    pub fn flush(&mut self) -> io::Result<()> {
        self.write.flush()
    }

    /// The sink.
    pub fn into_inner(self) -> W {
        self.write
    }
}

/// Appends one field, quoted only when it must be.
pub(crate) fn put_field(out: &mut Vec<u8>, value: Option<&str>) {
    let Some(value) = value else { return };
    let bytes = value.as_bytes();
    if !needs_quotes(bytes) {
        out.extend_from_slice(bytes);
        return;
    }
    out.push(b'"');
    let mut rest = bytes;
    while let Some(quote) = memchr(b'"', rest) {
        out.extend_from_slice(&rest[..=quote]);
        out.push(b'"');
        rest = &rest[quote + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Comma, quote, CR, LF; the empty string (unquoted it is NULL); blanks at the ends, which other programs
/// strip; a byte order mark at the start, which readers skip at the start of a file.
fn needs_quotes(bytes: &[u8]) -> bool {
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return true };
    matches!(first, b' ' | b'\t')
        || matches!(last, b' ' | b'\t')
        || memchr3(b',', b'"', b'\n', bytes).is_some()
        || memchr(b'\r', bytes).is_some()
        || bytes.starts_with(b"\xEF\xBB\xBF")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_stand_only_where_they_mean_something() {
        for (value, expected) in [
            (None, ""),
            (Some(""), "\"\""),
            (Some("a"), "a"),
            (Some("a b"), "a b"),
            (Some(" a"), "\" a\""),
            (Some("a\t"), "\"a\t\""),
            (Some("a,b"), "\"a,b\""),
            (Some("a\"b"), "\"a\"\"b\""),
            (Some("\""), "\"\"\"\""),
            (Some("a\nb"), "\"a\nb\""),
            (Some("a\rb"), "\"a\rb\""),
            (Some("é ✓"), "é ✓"),
            (Some("\u{feff}a"), "\"\u{feff}a\""),
            (Some("[1,2]"), "\"[1,2]\""),
        ] {
            let mut out = Vec::new();
            put_field(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{value:?}");
        }
    }

    #[test]
    fn a_record_of_the_wrong_width_is_refused() {
        let mut writer = CsvWriter::new(Vec::new());
        writer.header(&["a", "b"]).unwrap();
        for values in [vec![], vec![None], vec![None, None, None]] {
            assert!(writer.record(values).is_err());
        }
        assert!(CsvWriter::new(Vec::new()).header::<&str>(&[]).is_err());
        assert_eq!(writer.into_inner(), b"a,b\n");
    }
}
