//! What several tests need: pages that a source would show, and the way from them to a finished file.

use arrow::array::{Array, AsArray, RecordBatch};
use base::RejectCode;
use connect::{Record, Unreadable};
use export::csv::{CsvError, CsvReader, EmptyMeans};
use export::{Counts, ExportFolder, FinishOrder, Finished, FolderError, Part, Resumed};
use serde_json::json;
use std::io::{Read, Seek};

/// A table of texts.
pub type Table = Vec<Vec<Option<String>>>;

/// A page of a source.
#[derive(Debug, Clone, Default)]
pub struct PageOf {
    pub fields: Vec<String>,
    pub rows: Vec<Record>,
    pub unreadable: Vec<Unreadable>,
}

pub fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A record in which `~` stands for NULL.
pub fn record(texts: &[&str]) -> Record {
    texts.iter().map(|text| (*text != "~").then(|| (*text).to_owned())).collect()
}

pub fn page(fields: &[&str], rows: &[&[&str]]) -> PageOf {
    PageOf {
        fields: strings(fields),
        rows: rows.iter().map(|row| record(row)).collect(),
        unreadable: Vec::new(),
    }
}

pub fn unreadable(id: &str, value: &str) -> Unreadable {
    let (id, value) = (id.to_owned(), value.to_owned());
    Unreadable { id, field: "notes".to_owned(), value, code: RejectCode::BadText }
}

/// The order of everything in these tests.
pub fn order() -> FinishOrder {
    FinishOrder {
        key: Some("_id".to_owned()),
        created: Some("created".to_owned()),
        version: Some("modified".to_owned()),
    }
}

/// Pages with everything that makes an export hard: growing columns, ties, late and repeated records,
/// unreadable ones, texts with quotes and line ends.
pub fn hard_pages() -> Vec<PageOf> {
    let time = |n: u32| format!("2024-01-01T00:{:02}:{:02}Z", n / 60, n % 60);
    let mut pages = Vec::new();
    for number in 0..6u32 {
        let mut one = page(&["_id", "created", "modified", "notes"], &[]);
        for i in 0..5u32 {
            let n = number * 5 + i;
            let note = match n % 5 {
                0 => None,
                1 => Some(String::new()),
                2 => Some(format!("line {n}\r\nnext, \"quoted\"")),
                3 => Some(format!(" é ✓ {n} ")),
                _ => Some(format!("plain {n}")),
            };
            one.rows.push(vec![Some(format!("id{n:02}")), Some(time(n / 2)), Some(time(n)), note]);
        }
        if number == 2 {
            one.unreadable = vec![unreadable("bad1", "a\\u0000"), unreadable("id01", "\\ud83d")];
        }
        if number >= 3 {
            one.fields.push("rating".to_owned());
            for row in &mut one.rows {
                row.push(Some("4.50".to_owned()));
            }
        }
        pages.push(one);
    }
    // A second sweep: changed records, a new one, one that was unreadable before; the fields in another
    // order.
    pages.push(page(
        &["notes", "_id", "modified", "created"],
        &[
            &["newer", "id03", "2024-02-01T00:00:00Z", "2024-01-01T00:00:01Z"],
            &["older", "id04", "2023-02-01T00:00:00Z", "2024-01-01T00:00:02Z"],
            &["readable now", "bad1", "2024-02-01T00:00:00Z", "2024-01-01T00:00:05Z"],
            &["~", "id99", "2024-02-01T00:00:00Z", "2024-01-01T00:00:03Z"],
        ],
    ));
    let mut last = PageOf {
        unreadable: vec![unreadable("id07", "\\u0000"), unreadable("", "x\\u0000")],
        ..PageOf::default()
    };
    last.fields = strings(&["_id"]);
    pages.push(last);
    pages
}

/// Takes an extraction as far as it gets: resumes what is there, or begins; all pages; the final files.
pub fn extract(folder: &ExportFolder, pages: &[PageOf], chunk_bytes: usize) -> Result<Finished, FolderError> {
    let mut part = match Part::resume(folder, "users")? {
        Resumed::Part(part) => *part,
        Resumed::Nothing | Resumed::Damaged(_) => {
            Part::create(folder, "users", &json!({"connector": "test"}))?
        }
    };
    let done = done(&part);
    for (number, page) in pages.iter().enumerate().skip(done) {
        give(&mut part, page, number)?;
    }
    part.finish_in_chunks(order(), chunk_bytes)
}

/// Gives page number `number`; its checkpoint says so.
pub fn give(part: &mut Part, page: &PageOf, number: usize) -> Result<(), FolderError> {
    let counts = Counts::from([("pages".to_owned(), 1)]);
    part.append(&page.fields, &page.rows, &page.unreadable, &json!({"pages": number + 1}), &counts)
}

/// How many pages the part holds, by its checkpoint.
pub fn done(part: &Part) -> usize {
    part.checkpoint().map_or(0, |checkpoint| checkpoint["pages"].as_u64().unwrap() as usize)
}

/// The final files of `users`.
#[derive(Debug, PartialEq, Eq)]
pub struct Files {
    pub csv: String,
    pub rejects: Option<String>,
    /// Whatever else is in the folder.
    pub others: Vec<String>,
}

pub fn files(folder: &ExportFolder) -> Files {
    let mut others: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "users.csv" && name != "users.rejects.ndjson")
        .collect();
    others.sort();
    Files {
        csv: std::fs::read_to_string(folder.csv_path("users")).unwrap(),
        rejects: std::fs::read_to_string(folder.rejects_path("users")).ok(),
        others,
    }
}

/// All records of a batch.
pub fn rows(batch: &RecordBatch) -> Table {
    (0..batch.num_rows())
        .map(|row| {
            batch
                .columns()
                .iter()
                .map(|column| {
                    let column = column.as_string::<i32>();
                    column.is_valid(row).then(|| column.value(row).to_owned())
                })
                .collect()
        })
        .collect()
}

/// Header and records of a file, and the error that ended it.
pub fn read_all<R: Read + Seek>(
    read: R,
    empty: EmptyMeans,
    max_rows: usize,
) -> (Vec<String>, Table, Option<CsvError>) {
    let mut reader = match CsvReader::new(read, empty) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), Vec::new(), Some(error)),
    };
    let columns = reader.columns().to_vec();
    let mut table = Table::new();
    loop {
        match reader.read_batch(max_rows) {
            Ok(Some(batch)) => table.extend(rows(&batch)),
            Ok(None) => return (columns, table, None),
            Err(error) => return (columns, table, Some(error)),
        }
    }
}
