//! A walk through one file, page by page.

use crate::errors::FilesError;
use crate::types::{Form, Place, StreamFile};
use arrow::array::{Array, AsArray, RecordBatch};
use base::RejectCode;
use connect::{Record, Unreadable};
use export::csv::{CsvReader, EmptyMeans, Position};
use export::ndjson::{LinePosition, NdjsonReader, Row};
use export::text::nul_free;
use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;

/// Fields that identify a record, the better one first.
pub(crate) const KEYS: [&str; 2] = ["_id", "id"];

/// Records of a file, and where they end.
#[derive(Debug, Default)]
pub(crate) struct Lot {
    pub fields: Arc<[String]>,
    pub records: Vec<Record>,
    pub unreadable: Vec<Unreadable>,
}

/// A file that is being read.
pub(crate) struct Walk {
    path: PathBuf,
    reader: Reader,
    /// The normalised names of the fields so far.
    names: Vec<String>,
    /// Which original each name came from.
    originals: HashMap<String, String>,
    records: u64,
}

enum Reader {
    Csv(Box<CsvReader<File>>),
    Ndjson(Box<NdjsonReader<BufReader<File>>>),
}

impl Walk {
    /// Opens the file, at its start or where reading goes on.
    pub fn open(file: &StreamFile, empty: EmptyMeans, from: Option<&Place>) -> Result<Self, FilesError> {
        let path = file.path.clone();
        let open = File::open(&path).map_err(FilesError::unreadable(&path))?;
        let start = Place::default();
        let from_or_start = from.unwrap_or(&start);
        let reader = match file.form {
            Form::Csv => {
                let fail = |cause| FilesError::Csv { path: path.clone(), cause };
                let mut reader = CsvReader::new(open, empty).map_err(fail)?;
                if let Some(place) = from {
                    let position = Position { byte: place.byte, record: place.number };
                    reader.seek_to(position).map_err(fail)?;
                }
                Reader::Csv(Box::new(reader))
            }
            Form::Ndjson => {
                let mut reader = NdjsonReader::new(BufReader::new(open)).known_fields(&from_or_start.fields);
                if let Some(place) = from {
                    let position = LinePosition { byte: place.byte, line: place.number };
                    reader.seek_to(position).map_err(FilesError::unreadable(&path))?;
                }
                Reader::Ndjson(Box::new(reader))
            }
        };
        let records = from_or_start.records;
        let mut walk = Self { path, reader, names: Vec::new(), originals: HashMap::new(), records };
        walk.name_fields()?;
        Ok(walk)
    }

    /// The fields so far, as the file names them.
    pub fn originals(&self) -> &[String] {
        match &self.reader {
            Reader::Csv(reader) => reader.columns(),
            Reader::Ndjson(reader) => reader.fields(),
        }
    }

    /// The fields so far, normalised.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether a blank line at the end of the file is a record.
    pub fn blank_counts(&self, empty: EmptyMeans) -> bool {
        matches!(&self.reader, Reader::Csv(reader) if reader.columns().len() == 1)
            && empty == EmptyMeans::Quoted
    }

    /// Where the next record is.
    pub fn place(&self) -> Place {
        let records = self.records;
        match &self.reader {
            Reader::Csv(reader) => {
                let Position { byte, record } = reader.position();
                Place { byte, number: record, records, fields: Vec::new() }
            }
            Reader::Ndjson(reader) => {
                let LinePosition { byte, line } = reader.position();
                Place { byte, number: line, records, fields: reader.fields().to_vec() }
            }
        }
    }

    /// The next records, at most `max` of them; `None` at the end. Those before a wrong line come first.
    pub fn next(&mut self, max: usize) -> Result<Option<Lot>, FilesError> {
        let mut lot = Lot::default();
        match &mut self.reader {
            Reader::Csv(reader) => {
                let batch = reader.read_batch(max);
                let batch = batch.map_err(|cause| FilesError::Csv { path: self.path.clone(), cause })?;
                let Some(batch) = batch else { return Ok(None) };
                from_batch(&batch, &self.names, &mut lot);
            }
            Reader::Ndjson(reader) => {
                let mut seen = 0;
                while seen < max.max(1) {
                    let before = reader.position();
                    match reader.next_row() {
                        Ok(Some(Row::Record(record))) => lot.records.push(record),
                        Ok(Some(Row::Bad(row))) => {
                            let id = id_of(&row.record, reader.fields());
                            lot.unreadable.push(row.into_unreadable(id));
                        }
                        Ok(None) => break,
                        Err(_) if seen > 0 => {
                            // The next call meets it again, as its first line.
                            reader.seek_to(before).map_err(FilesError::unreadable(&self.path))?;
                            break;
                        }
                        Err(cause) => return Err(FilesError::Ndjson { path: self.path.clone(), cause }),
                    }
                    seen += 1;
                }
                if seen == 0 {
                    return Ok(None);
                }
                self.name_fields()?;
                for record in &mut lot.records {
                    record.resize(self.names.len(), None);
                }
            }
        }
        lot.fields = self.names.as_slice().into();
        self.records += (lot.records.len() + lot.unreadable.len()) as u64;
        Ok(Some(lot))
    }

    /// Normalises the names of fields that are new, and refuses those that collide.
    fn name_fields(&mut self) -> Result<(), FilesError> {
        let originals = match &self.reader {
            Reader::Csv(reader) => reader.columns(),
            Reader::Ndjson(reader) => reader.fields(),
        };
        for (at, original) in originals.iter().enumerate().skip(self.names.len()) {
            let name = base::names::normalise(original);
            let path = || self.path.clone();
            if name.is_empty() {
                return Err(FilesError::Nameless { path: path(), number: at + 1 });
            }
            if let Some(first) = self.originals.insert(name.clone(), original.clone()) {
                return Err(FilesError::Collision { path: path(), first, second: original.clone(), name });
            }
            self.names.push(name);
        }
        Ok(())
    }
}

/// The key among the fields, normalised or not.
pub(crate) fn key_index(fields: &[String]) -> Option<usize> {
    KEYS.iter().find_map(|key| fields.iter().position(|field| base::names::normalise(field) == *key))
}

fn id_of(record: &Record, fields: &[String]) -> String {
    key_index(fields).and_then(|at| record.get(at).cloned().flatten()).unwrap_or_default()
}

/// The records of a batch; those with a NUL in a value are unreadable.
fn from_batch(batch: &RecordBatch, names: &[String], lot: &mut Lot) {
    let columns: Vec<_> = batch.columns().iter().map(|column| column.as_string::<i32>()).collect();
    let key = key_index(names);
    'records: for row in 0..batch.num_rows() {
        let mut record = Record::with_capacity(columns.len());
        for (column, name) in columns.iter().zip(names) {
            if column.is_null(row) {
                record.push(None);
                continue;
            }
            let value = column.value(row);
            if let Err(bad) = nul_free(value) {
                let id = key.map(|key| columns[key]).filter(|key| key.is_valid(row));
                // An id with a NUL identifies nothing.
                let id = id.map(|key| key.value(row)).filter(|id| nul_free(id).is_ok());
                lot.unreadable.push(Unreadable {
                    id: id.unwrap_or_default().to_owned(),
                    field: name.clone(),
                    value: bad.escaped,
                    code: RejectCode::BadText,
                });
                continue 'records;
            }
            record.push(Some(value.to_owned()));
        }
        lot.records.push(record);
    }
}
