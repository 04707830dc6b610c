//! The readers of files, fuzzed.

use crate::support::{Table, read_all};
use arrow::array::Array;
use export::csv::{CsvReader, CsvWriter, EmptyMeans, Limits};
use export::ndjson::{NdjsonError, NdjsonReader, Row};
use std::io::Cursor;
use testkit::Fuzz;

const CSV_PIECES: &[&str] = &[
    "\"", "\"\"", "\",\"", ",", "\n", "\r\n", "\r", "\n\n", ",,", "a,b\n", "\"\n", "\u{feff}", " \"a\" ",
    "\0",
];

/// Bounds that small inputs reach.
const SMALL: Limits = Limits { field: 64, record: 256, batch: 512 };

#[test]
fn no_csv_file_breaks_the_reader_and_what_it_reads_is_written_and_read_alike() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/csv");
    Fuzz { name: "csv", corpus, pieces: CSV_PIECES }.run(|bytes| {
        let read = |empty, max_rows| read_all(Cursor::new(bytes), empty, max_rows);
        let (columns, table, error) = read(EmptyMeans::Quoted, 3);
        let words = error.as_ref().map(|error| error.to_string());
        let (again, other, later) = read(EmptyMeans::Quoted, 1_000);
        assert_eq!((&columns, &table, &words), (&again, &other, &later.map(|error| error.to_string())));
        if let Some(place) = error.as_ref().and_then(|error| error.place()) {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            assert!(place.byte <= bytes.len() as u64 && place.line <= lines, "{place:?}");
        }
        let what_empty_means = [EmptyMeans::Null, EmptyMeans::Text].map(|empty| read(empty, 7).1.len());
        bounded(bytes);
        if columns.is_empty() {
            return (words.map(|words| kind_of(&words)), 0, what_empty_means);
        }
        let written = written(&columns, &table);
        let (names, found, error) = read_all(Cursor::new(&written), EmptyMeans::Quoted, 5);
        assert!(error.is_none(), "{error:?}");
        assert_eq!((names, found), (columns, table.clone()));
        (words.map(|words| kind_of(&words)), table.len().min(9), what_empty_means.map(|rows| rows.min(3)))
    });
}

fn written(columns: &[String], table: &Table) -> Vec<u8> {
    let mut writer = CsvWriter::new(Vec::new());
    writer.header(columns).expect("memory");
    for row in table {
        writer.record(row.iter().map(Option::as_deref)).expect("memory");
    }
    writer.into_inner()
}

/// With small bounds no batch is larger than they allow, and every place can be gone back to.
fn bounded(bytes: &[u8]) {
    let Ok(mut reader) = CsvReader::with_limits(Cursor::new(bytes), EmptyMeans::Quoted, SMALL) else {
        return;
    };
    let (mut places, mut records) = (vec![reader.position()], 0);
    while let Ok(Some(batch)) = reader.read_batch(4) {
        let texts: usize = batch.columns().iter().map(|column| column.to_data().buffers()[1].len()).sum();
        assert!(texts <= SMALL.batch + SMALL.record, "{texts} bytes of texts in a batch");
        records += batch.num_rows() as u64;
        places.push(reader.position());
        assert_eq!(reader.position().record, records);
    }
    // Not from every place of a file of thousands of lines: that would be all that is done.
    for place in places.into_iter().take(8) {
        reader.seek_to(place).expect("a place of this file");
        let rest = std::iter::from_fn(|| reader.read_batch(4).ok().flatten());
        assert_eq!(place.record + rest.map(|batch| batch.num_rows() as u64).sum::<u64>(), records);
    }
}

/// The message without its numbers and names.
fn kind_of(words: &str) -> String {
    words.chars().filter(|c| c.is_alphabetic() || *c == ' ').take(60).collect()
}

const JSON_PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\n",
    "\r\n",
    "null",
    "true",
    "{\"_id\":\"1\"}\n",
    "\"a\":",
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "\\ud83d\\ude00",
    "\\n",
    "\\",
    "1.50",
    "-0",
    "1e5",
    " ",
    "\u{feff}",
];

#[test]
fn no_ndjson_file_breaks_the_reader_or_changes_a_value_on_its_way() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/ndjson");
    Fuzz { name: "ndjson", corpus, pieces: JSON_PIECES }.run(|bytes| {
        let mut reader = NdjsonReader::new(Cursor::new(bytes)).line_bytes_max(2_048);
        let (mut good, mut bad) = (0, 0);
        let end = loop {
            let before = reader.position();
            let row = match reader.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => break None,
                Err(error) => break Some(error),
            };
            let after = reader.position();
            assert!(after.byte > before.byte && after.line > before.line && after.byte <= bytes.len() as u64);
            match &row {
                Row::Record(record) => {
                    let lines = &bytes[before.byte as usize..after.byte as usize];
                    same_as_another_parser(lines, reader.fields(), record);
                    good += 1;
                }
                Row::Bad(_) => bad += 1,
            }
            let mut second = NdjsonReader::new(Cursor::new(bytes)).known_fields(reader.fields());
            second.seek_to(before).expect("memory");
            assert_eq!(second.next_row().expect("the same line"), Some(row));
        };
        (end.map(|error| kind(&error)), good.min(5), bad.min(3), reader.fields().len().min(9))
    });
}

/// serde_json's own tree knows nothing of our text.
fn same_as_another_parser(lines: &[u8], fields: &[String], record: &[Option<String>]) {
    let text = String::from_utf8_lossy(lines);
    let text = text.trim_start_matches('\u{feff}');
    let Ok(serde_json::Value::Object(members)) = serde_json::from_str(text) else { return };
    assert_eq!(record.iter().flatten().count(), members.values().filter(|value| !value.is_null()).count());
    for (name, value) in &members {
        let at = fields.iter().position(|field| field == name).expect("a field of the record");
        let ours = record[at].as_deref();
        match value {
            serde_json::Value::Null => assert_eq!(ours, None),
            serde_json::Value::String(text) => assert_eq!(ours, Some(text.as_str())),
            serde_json::Value::Bool(truth) => assert_eq!(ours, Some(if *truth { "true" } else { "false" })),
            other => {
                let ours = serde_json::from_str::<serde_json::Value>(ours.expect("a value"));
                assert_eq!(ours.expect("JSON"), *other);
            }
        }
    }
}

fn kind(error: &NdjsonError) -> u8 {
    match error {
        NdjsonError::NotJson { .. } => 1,
        NdjsonError::NotObject { .. } => 2,
        NdjsonError::FieldTwice { .. } => 3,
        NdjsonError::NotUtf8 { .. } => 4,
        NdjsonError::LineTooLong { .. } => 5,
        _ => 6,
    }
}
