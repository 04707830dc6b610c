//! What the reader makes of a file.

use crate::support::{read_all, record, rows};
use export::csv::{CsvError, CsvReader, EmptyMeans, Limits, Position};
use std::io::{Cursor, Read, Seek, SeekFrom};

const BOM: &str = "\u{feff}";

#[test]
fn files_become_the_records_that_rfc_4180_says() {
    type Texts = &'static [&'static str];
    let cases: &[(&str, Texts, &[Texts])] = &[
        ("a,b\n", &["a", "b"], &[]),
        ("a,b", &["a", "b"], &[]),
        ("a,b\n1,2\n", &["a", "b"], &[&["1", "2"]]),
        ("a,b\n1,2", &["a", "b"], &[&["1", "2"]]),
        ("a,b\r\n1,2\r\n3,4\n", &["a", "b"], &[&["1", "2"], &["3", "4"]]),
        ("a,b\n1,2\n\n", &["a", "b"], &[&["1", "2"]]),
        ("a,b\n1,2\r\n\r\n\n", &["a", "b"], &[&["1", "2"]]),
        ("a,b\n,\"\"\n", &["a", "b"], &[&["~", ""]]),
        ("a,b\n\"x,\"\"y\"\"\r\nz\", w \n", &["a", "b"], &[&["x,\"y\"\r\nz", " w "]]),
        ("a,b\n\"\",\n", &["a", "b"], &[&["", "~"]]),
        ("\"a b\",\"c\"\"d\"\n1,2\n", &["a b", "c\"d"], &[&["1", "2"]]),
        ("a\n\nx\n\n", &["a"], &[&["~"], &["x"], &["~"]]),
        ("a\n\"\"\n", &["a"], &[&[""]]),
        ("a,b\n\0,é✓😀\n", &["a", "b"], &[&["\0", "é✓😀"]]),
    ];
    for (text, columns, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|row| record(row)).collect();
        for text in [(*text).to_owned(), format!("{BOM}{text}")] {
            for max_rows in [1, 2, 8192] {
                let (found, table, error) = read_all(Cursor::new(&text), EmptyMeans::Quoted, max_rows);
                assert!(error.is_none(), "{text:?}: {error:?}");
                assert_eq!(found, *columns, "{text:?}");
                assert_eq!(table, expected, "{text:?}, {max_rows} at a time");
            }
        }
    }
}

#[test]
fn empty_fields_mean_what_was_asked_for() {
    let text = "a,b\n,\"\"\n\"\",x\n";
    for (empty, expected) in [
        (EmptyMeans::Quoted, [["~", ""], ["", "x"]]),
        (EmptyMeans::Null, [["~", "~"], ["~", "x"]]),
        (EmptyMeans::Text, [["", ""], ["", "x"]]),
    ] {
        let expected: Vec<_> = expected.iter().map(|row| record(row)).collect();
        assert_eq!(read_all(Cursor::new(text), empty, 10).1, expected, "{empty:?}");
    }
    // In a file of one column from elsewhere, blank lines at the end are no records either.
    let (_, table, _) = read_all(Cursor::new("a\n1\n\n2\n\n\n"), EmptyMeans::Null, 10);
    assert_eq!(table, [record(&["1"]), record(&["~"]), record(&["2"])]);
}

/// The records before a wrong one are delivered; the error names its place and shows no value.
#[test]
fn a_wrong_record_is_named_and_never_stepped_over() {
    let cases: &[(&[u8], usize, &str)] = &[
        (b"a,b\n1,2\n1\n", 1, "line 3 (record 2): 1 fields where the header has 2"),
        (b"a,b\n1,2,3\n", 0, "line 2 (record 1): 3 fields where the header has 2"),
        (b"a,b\n1,2\n\n3,4\n", 1, "line 3 (record 2): 1 fields where the header has 2"),
        (b"a,b\n\"x\ny\",2\nse\"cret,2\n", 1, "line 4 (record 2): a quote in the wrong place"),
        (b"a,b\n\"secret\"x,2\n", 0, "line 2 (record 1): a quote in the wrong place"),
        (b"a,b\n1,2\n1,\"secret\n,\n", 1, "line 3 (record 2): a quote is opened and never closed"),
        (b"a,b\n1,2\r3,4\n", 0, "line 2 (record 1): a carriage return that ends no line"),
        (b"a,b\r1,2\r", 0, "line 1 (header): a carriage return that ends no line"),
        (b"a,b\n1,2\n3,4\n5,se\xff\n7,8\n", 2, "line 4 (record 3): field 2 is not UTF-8"),
        (b"a,b\n\xc3,\xa9\n", 0, "line 2 (record 1): field 1 is not UTF-8"),
        (b"a,\xff\n", 0, "line 1 (header): field 2 is not UTF-8"),
        (b"", 0, "the file has no header row"),
        (b"\n1\n", 0, "the file has no header row"),
        (b"\xef\xbb\xbf", 0, "the file has no header row"),
        (b"a,b,a\n", 0, "the header names column \"a\" twice"),
        (b"a\"b\n", 0, "line 1 (header): a quote in the wrong place"),
    ];
    for (text, good, expected) in cases {
        for max_rows in [1, 2, 100] {
            let (_, table, error) = read_all(Cursor::new(text), EmptyMeans::Quoted, max_rows);
            let what = String::from_utf8_lossy(text);
            assert_eq!(table.len(), *good, "{what:?}");
            let error = error.unwrap_or_else(|| panic!("{what:?} was read"));
            assert_eq!(error.to_string(), *expected, "{what:?}");
            assert!(!error.to_string().contains("cret"), "{what:?}");
        }
    }
}

#[test]
fn an_error_stays_until_the_reader_is_sent_elsewhere() {
    let text = "a,b\n1,2\n1\n3,4\n";
    let mut reader = CsvReader::new(Cursor::new(text), EmptyMeans::Quoted).unwrap();
    assert_eq!(reader.read_batch(10).unwrap().unwrap().num_rows(), 1);
    for _ in 0..3 {
        let place = reader.read_batch(10).unwrap_err().place().unwrap();
        assert_eq!((place.record, place.line, place.byte), (2, 3, 8));
        assert_eq!(reader.position(), Position { byte: 8, record: 1 });
    }
    reader.seek_to(Position { byte: 10, record: 2 }).unwrap();
    assert_eq!(rows(&reader.read_batch(10).unwrap().unwrap()), [record(&["3", "4"])]);
    assert!(reader.read_batch(10).unwrap().is_none());
    let behind = reader.seek_to(Position { byte: 99, record: 0 }).unwrap_err();
    assert!(matches!(behind, CsvError::BehindEnd { byte: 99, len: 14 }), "{behind}");
    assert!(reader.read_batch(10).unwrap().is_none(), "a refused seek leaves the reader where it was");
}

/// A file that hands out a few bytes at a time, so that every record is cut at every place.
struct Dripping {
    file: Cursor<Vec<u8>>,
    bytes: usize,
}

impl Read for Dripping {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.bytes.min(buffer.len());
        self.file.read(&mut buffer[..count])
    }
}

impl Seek for Dripping {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn it_does_not_matter_how_the_file_comes_in_pieces() {
    let text = "\u{feff}a,b\r\n\"x\r\n\"\"y\"\"\",é\r\n\"\",\r\n1,\"2\"\r\n\r\n";
    let expected = read_all(Cursor::new(text), EmptyMeans::Quoted, 100).1;
    assert_eq!(expected.len(), 3);
    for bytes in 1..text.len() {
        let file = Dripping { file: Cursor::new(text.as_bytes().to_vec()), bytes };
        let (_, table, error) = read_all(file, EmptyMeans::Quoted, 100);
        assert!(error.is_none() && table == expected, "{bytes} bytes at a time: {error:?}");
    }
}

#[test]
fn reading_goes_on_at_every_position() {
    let text = "a,b\n\"x\ny\",1\n,\"\"\nz,2\n\nlast,3".replace("\n\n", "\n");
    let mut reader = CsvReader::new(Cursor::new(&text), EmptyMeans::Quoted).unwrap();
    let mut stops = vec![reader.position()];
    let mut all = Vec::new();
    while let Some(batch) = reader.read_batch(1).unwrap() {
        all.extend(rows(&batch));
        stops.push(reader.position());
    }
    assert_eq!((all.len(), stops[0]), (4, reader.first()));
    for (read, stop) in stops.iter().enumerate() {
        let mut again = CsvReader::new(Cursor::new(&text), EmptyMeans::Quoted).unwrap();
        again.seek_to(*stop).unwrap();
        let rest = again.read_batch(100).unwrap().map_or(Vec::new(), |batch| rows(&batch));
        assert_eq!(rest, all[read..], "from {stop:?}");
        assert_eq!(again.position(), reader.position());
    }
}

#[test]
fn memory_is_bounded_by_the_limits() {
    let limits = Limits { field: 300_000, record: 500_000, batch: 20 };
    let read = |text: &str| {
        let mut reader =
            CsvReader::with_limits(Cursor::new(text.to_owned()), EmptyMeans::Quoted, limits).unwrap();
        let mut batches = Vec::new();
        loop {
            match reader.read_batch(100) {
                Ok(Some(batch)) => batches.push(batch.num_rows()),
                Ok(None) => return (batches, None),
                Err(error) => return (batches, Some(error.to_string())),
            }
        }
    };
    let x = |count| "x".repeat(count);
    let field = "a field longer than 300000 bytes, probably a quote that is never closed";
    for (text, batches, error) in [
        ("a,b\n".to_owned() + &"12345678,1\n".repeat(5), vec![2, 2, 1], None),
        (format!("a,b\n1,{}\n", x(300_000)), vec![1], None),
        (format!("a,b\n1,2\n1,{}\n", x(300_001)), vec![1], Some(format!("line 3 (record 2): {field}"))),
        (format!("a,b\n1,\"{}", x(900_000)), vec![], Some(format!("line 2 (record 1): {field}"))),
        (format!("a,b\n{}", x(900_000)), vec![], Some(format!("line 2 (record 1): {field}"))),
        (
            format!("a,b\n{},{}\n", x(290_000), x(290_000)),
            vec![],
            Some("line 2 (record 1): a record longer than 500000 bytes".to_owned()),
        ),
    ] {
        assert_eq!(read(&text), (batches, error));
    }
}
