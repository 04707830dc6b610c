//! NDJSON in: one JSON object a line.

use crate::text::{BadText, export_text};
use connect::{Record, Unreadable};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// Bytes that one line may have; without a bound a file that is no NDJSON would be read into memory whole.
pub const LINE_BYTES_MAX: usize = 64 << 20;

/// What is wrong with a file. No variant holds a value of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NdjsonError {
    /// A line is no JSON; the last line of a file that was cut off, too.
    #[error("line {line}, column {column}: no valid JSON")]
    NotJson {
        /// The line, from 1.
        line: u64,
        /// The byte in the line, from 1.
        column: usize,
    },
    /// A line is JSON, but no object.
    #[error("line {line}: no JSON object")]
    NotObject {
        /// The line, from 1.
        line: u64,
    },
    /// An object names a field twice, and nothing says which value counts.
    #[error("line {line}: field {field:?} stands there twice")]
    FieldTwice {
        /// The line, from 1.
        line: u64,
        /// The field.
        field: String,
    },
    /// A line is not UTF-8.
    #[error("line {line}: not UTF-8")]
    NotUtf8 {
        /// The line, from 1.
        line: u64,
    },
    /// A line is longer than [`LINE_BYTES_MAX`].
    #[error("line {line}: longer than {max} bytes")]
    LineTooLong {
        /// The line, from 1.
        line: u64,
        /// The limit.
        max: usize,
    },
    /// Reading failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A record: values in the order of [`NdjsonReader::fields`]; it may be shorter than a later one.
    Record(Record),
    /// A record with something that no text can hold.
    Bad(BadRow),
}

/// A record with something that no text can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its values that can be read; the others are `None`.
    pub record: Record,
    /// The first field that cannot be read, as the file names it.
    pub field: String,
    /// What it holds.
    pub bad: BadText,
}

impl BadRow {
    /// The reject of it, with the record's id and the field's normalised name.
    pub fn into_unreadable(self, id: String) -> Unreadable {
        let field = base::names::normalise(&self.field);
        Unreadable { id, field, value: self.bad.escaped, code: base::RejectCode::BadText }
    }
}

/// Where reading can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinePosition {
    /// The byte at which the next line begins.
    pub byte: u64,
    /// The number of lines before it.
    pub line: u64,
}

/// Reads a file line by line. A blank line is no record (as the NDJSON specification allows); any other line
/// is a record or an error. Memory does not grow with the file.
pub struct NdjsonReader<R> {
    read: R,
    buffer: Vec<u8>,
    next: LinePosition,
    fields: Vec<String>,
    index: HashMap<String, usize>,
    line_max: usize,
}

impl<R: BufRead> NdjsonReader<R> {
    /// Begins at the place where `read` stands, which is the start of the file.
    pub fn new(read: R) -> Self {
        Self {
            read,
            buffer: Vec::new(),
            next: LinePosition::default(),
            fields: Vec::new(),
            index: HashMap::new(),
            line_max: LINE_BYTES_MAX,
        }
    }

    /// With another bound for a line.
    #[must_use]
    pub fn line_bytes_max(mut self, max: usize) -> Self {
        self.line_max = max;
        self
    }

    /// Names fields that were seen before, so that they keep their places when reading goes on later.
    #[must_use]
    pub fn known_fields(mut self, fields: &[String]) -> Self {
        self.index = fields.iter().enumerate().map(|(at, field)| (field.clone(), at)).collect();
        self.fields = fields.to_vec();
        self
    }

    /// The fields seen so far, as the file names them, in the order of their first appearance.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Where the next line begins.
    pub fn position(&self) -> LinePosition {
        self.next
    }

    /// The next record, `None` at the end. After an error the reader stands behind the wrong line.
    pub fn next_row(&mut self) -> Result<Option<Row>, NdjsonError> {
        loop {
            if !self.next_line()? {
                return Ok(None);
            }
            let line = self.next.line;
            let mut bytes = self.buffer.as_slice();
            if line == 1 {
                bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            }
            let text = std::str::from_utf8(bytes).map_err(|_| NdjsonError::NotUtf8 { line })?;
            if text.bytes().all(|b| b.is_ascii_whitespace()) {
                continue;
            }
            let Pairs(pairs) = serde_json::from_str(text).map_err(|error| {
                if error.is_data() {
                    NdjsonError::NotObject { line }
                } else {
                    NdjsonError::NotJson { line, column: error.column() }
                }
            })?;
            return row(&pairs, line, &mut self.fields, &mut self.index).map(Some);
        }
    }

    /// Brings the next line into the buffer.
    fn next_line(&mut self) -> Result<bool, NdjsonError> {
        self.buffer.clear();
        let limit = self.line_max as u64 + 1;
        let count = (&mut self.read).take(limit).read_until(b'\n', &mut self.buffer)?;
        if count == 0 {
            return Ok(false);
        }
        self.next.byte += count as u64;
        self.next.line += 1;
        if count > self.line_max && self.buffer.last() != Some(&b'\n') {
            return Err(NdjsonError::LineTooLong { line: self.next.line, max: self.line_max });
        }
        Ok(true)
    }
}

impl<R: BufRead + Seek> NdjsonReader<R> {
    /// Goes to a position that [`position`](Self::position) gave for the same file.
    pub fn seek_to(&mut self, position: LinePosition) -> io::Result<()> {
        self.read.seek(SeekFrom::Start(position.byte))?;
        self.next = position;
        Ok(())
    }
}

/// An object's members as they are written, so that no digit and no repeated name is lost.
struct Pairs<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

fn row(
    pairs: &[(&RawValue, &RawValue)],
    line: u64,
    fields: &mut Vec<String>,
    index: &mut HashMap<String, usize>,
) -> Result<Row, NdjsonError> {
    let mut record: Record = vec![None; fields.len()];
    let mut seen = vec![false; fields.len()];
    let mut first_bad = None;
    for (key, value) in pairs {
        let name = match export_text(key) {
            Ok(name) => name.unwrap_or_default(),
            Err(bad) => {
                first_bad.get_or_insert((bad.escaped.clone(), bad));
                continue;
            }
        };
        let at = *index.entry(name.clone()).or_insert_with(|| {
            fields.push(name.clone());
            fields.len() - 1
        });
        if at >= record.len() {
            record.resize(at + 1, None);
            seen.resize(at + 1, false);
        }
        if std::mem::replace(&mut seen[at], true) {
            return Err(NdjsonError::FieldTwice { line, field: name });
        }
        match export_text(value) {
            Ok(text) => record[at] = text,
            Err(bad) => {
                first_bad.get_or_insert((name, bad));
            }
        }
    }
    Ok(match first_bad {
        Some((field, bad)) => Row::Bad(BadRow { record, field, bad }),
        None => Row::Record(record),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(text: &[u8]) -> (Vec<String>, Vec<Result<Row, String>>) {
        let mut reader = NdjsonReader::new(Cursor::new(text)).line_bytes_max(80);
        let mut rows = Vec::new();
        loop {
            match reader.next_row() {
                Ok(Some(row)) => rows.push(Ok(row)),
                Ok(None) => return (reader.fields().to_vec(), rows),
                Err(error) => {
                    rows.push(Err(error.to_string()));
                    return (reader.fields().to_vec(), rows);
                }
            }
        }
    }

    fn record(values: &[Option<&str>]) -> Result<Row, String> {
        Ok(Row::Record(values.iter().map(|v| v.map(str::to_owned)).collect()))
    }

    #[test]
    fn lines_become_records_and_fields_grow() {
        let text = b"\xEF\xBB\xBF{\"_id\":\"1\",\"n\":1.50}\r\n\n{\"x\": [1, 2], \"_id\": null}\n\
            {}\n  \n{\"n\":true}";
        let (fields, rows) = read(text);
        assert_eq!(fields, ["_id", "n", "x"]);
        assert_eq!(
            rows,
            [
                record(&[Some("1"), Some("1.50")]),
                record(&[None, None, Some("[1,2]")]),
                record(&[None, None, None]),
                record(&[None, Some("true"), None]),
            ]
        );
    }

    #[test]
    fn wrong_lines_are_errors_with_their_number_and_without_their_text() {
        let long = format!("{{}}\n{{\"a\":\"{}\"}}\n", "x".repeat(100));
        for (text, expected) in [
            ("{\"a\":1}\n{\"a\":\"sec", "line 2, column 9: no valid JSON"),
            ("{\"a\":tru}\n", "line 1, column 9: no valid JSON"),
            ("{\"a\":1} {}\n", "line 1, column 9: no valid JSON"),
            ("\n\n[1]\n", "line 3: no JSON object"),
            ("\"secret\"\n", "line 1: no JSON object"),
            ("{\"a\":1,\"b\":2,\"a\":3}\n", "line 1: field \"a\" stands there twice"),
            (long.as_str(), "line 2: longer than 80 bytes"),
        ] {
            let (_, rows) = read(text.as_bytes());
            assert_eq!(rows.last(), Some(&Err(expected.to_owned())), "{text:?}");
        }
        assert_eq!(read(b"{}\n{\"a\":\"\xff\"}\n").1[1], Err("line 2: not UTF-8".to_owned()));
    }

    #[test]
    fn a_record_that_no_text_can_hold_keeps_its_id() {
        let (fields, rows) =
            read(b"{\"Note\":\"a\\u0000\",\"_id\":\"7\",\"b\":\"\\ud83d\"}\n{\"a\\ud83d\":1}\n");
        assert_eq!(fields, ["Note", "_id", "b"]);
        let Ok(Row::Bad(first)) = rows[0].clone() else { panic!("{rows:?}") };
        assert_eq!(first.record, [None, Some("7".to_owned()), None]);
        let unreadable = first.into_unreadable("7".to_owned());
        assert_eq!((unreadable.field.as_str(), unreadable.value.as_str()), ("note", "a\\u0000"));
        assert!(matches!(&rows[1], Ok(Row::Bad(bad)) if bad.field == "a\\ud83d"));
    }

    #[test]
    fn reading_goes_on_from_any_line() {
        let text = "{\"a\":1}\n\n{\"a\":2}\r\n{\"a\":3}";
        let mut reader = NdjsonReader::new(Cursor::new(text));
        let mut stops = vec![reader.position()];
        while reader.next_row().unwrap().is_some() {
            stops.push(reader.position());
        }
        for (read, stop) in stops.iter().enumerate() {
            let mut again = NdjsonReader::new(Cursor::new(text));
            again.seek_to(*stop).unwrap();
            let mut rest = 0;
            while again.next_row().unwrap().is_some() {
                rest += 1;
            }
            assert_eq!(read + rest, 3, "from {stop:?}");
            assert_eq!(again.position(), reader.position());
        }
    }
}
