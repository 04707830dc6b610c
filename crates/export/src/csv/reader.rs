//! CSV in, Arrow batches of text out.

use super::error::{CsvError, Place};
use super::raw::{Limits, RawError, RawReader, undouble};
use super::split::{Written, Wrong};
use arrow::array::{ArrayRef, NullBufferBuilder, RecordBatch, RecordBatchOptions, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::io::{self, Read, Seek};
use std::sync::Arc;

/// What an empty field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyMeans {
    /// Unquoted NULL, quoted the empty string: the exports that this program wrote.
    Quoted,
    /// NULL, quoted or not: other files.
    Null,
    /// The empty string, quoted or not: other files.
    Text,
}

/// A place between two records where reading can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// The byte of the file at which the next record begins.
    pub byte: u64,
    /// The number of records before it.
    pub record: u64,
}

/// Reads a CSV file in batches. All columns are text; memory does not grow with the file.
///
/// A wrong record is an error that names its line; the records before it are delivered first, and it is never
/// stepped over. A blank line at the end of the file is no record; only in a file of one column that this
/// program wrote it is one, whose value is NULL.
pub struct CsvReader<R> {
    raw: RawReader<R>,
    columns: Vec<String>,
    schema: SchemaRef,
    empty: EmptyMeans,
    next: Position,
    first: Position,
    cells: Vec<Cells>,
    done: bool,
}

/// One column of the batch that is being read.
#[derive(Default)]
struct Cells {
    values: Vec<u8>,
    offsets: Vec<i32>,
    nulls: Option<NullBufferBuilder>,
    /// What the last batch needed, to reserve as much.
    bytes: usize,
}

impl<R: Read + Seek> CsvReader<R> {
    /// Reads the header. A byte order mark is skipped.
    pub fn new(read: R, empty: EmptyMeans) -> Result<Self, CsvError> {
        Self::with_limits(read, empty, Limits::default())
    }

    /// Like [`new`](Self::new), with other bounds.
    pub fn with_limits(mut read: R, empty: EmptyMeans, limits: Limits) -> Result<Self, CsvError> {
        read.rewind()?;
        let mut raw = RawReader::new(read, 0, limits);
        raw.skip_mark()?;
        match raw.advance() {
            Ok(true) if !raw.text().is_empty() => {}
            Ok(_) => return Err(CsvError::NoHeader),
            Err(error) => return Err(explain(&mut raw, error, 0)),
        }
        let mut columns: Vec<String> = Vec::with_capacity(raw.spans().len());
        for index in 0..raw.spans().len() {
            let span = raw.spans()[index];
            let mut name = Vec::new();
            match span.written {
                Written::Doubled => undouble(raw.bytes(&span), &mut name),
                Written::Plain | Written::Quoted => name.extend_from_slice(raw.bytes(&span)),
            }
            let Ok(name) = String::from_utf8(name) else {
                let at = place(&mut raw, span.start as u64, 0)?;
                return Err(CsvError::NotUtf8 { at, column: index + 1 });
            };
            columns.push(name);
        }
        let mut sorted: Vec<&String> = columns.iter().collect();
        sorted.sort();
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(CsvError::ColumnTwice { column: twice[0].clone() });
        }
        let fields: Vec<Field> = columns.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        let first = Position { byte: raw.next_offset(), record: 0 };
        let cells = columns.iter().map(|_| Cells::default()).collect();
        Ok(Self {
            raw,
            columns,
            schema: Arc::new(Schema::new(fields)),
            empty,
            next: first,
            first,
            cells,
            done: false,
        })
    }

    /// The names in the header.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The schema of every batch.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Where the next record begins.
    pub fn position(&self) -> Position {
        self.next
    }

    /// Where the first record begins.
    pub fn first(&self) -> Position {
        self.first
    }

    /// Goes to a position that [`position`](Self::position) gave for the same file.
    pub fn seek_to(&mut self, position: Position) -> Result<(), CsvError> {
        let len = self.raw.len()?;
        if position.byte > len {
            self.raw.seek(self.next.byte)?;
            return Err(CsvError::BehindEnd { byte: position.byte, len });
        }
        self.raw.seek(position.byte)?;
        self.next = position;
        self.done = false;
        Ok(())
    }

    /// The next records, at most `max_rows` of them (at least one is tried), or `None` at the end. A batch
    /// ends early when its values exceed [`BATCH_BYTES_MAX`](super::BATCH_BYTES_MAX) bytes, and before a
    /// wrong record.
    pub fn read_batch(&mut self, max_rows: usize) -> Result<Option<RecordBatch>, CsvError> {
        let start = self.next;
        let (rows, error) = self.collect(max_rows.max(1), false);
        if let Some(batch) = self.batch(rows) {
            return self.deliver(rows, batch, error);
        }
        // Some field is not UTF-8. Checking every field costs more than checking a column at once, so it is
        // done only now, to find the record.
        self.raw.seek(start.byte)?;
        (self.next, self.done) = (start, false);
        let (rows, error) = self.collect(max_rows.max(1), true);
        match self.batch(rows) {
            Some(batch) => self.deliver(rows, batch, error),
            None => Err(CsvError::Io(io::Error::other("the file changed while it was read"))),
        }
    }

    /// The records come before the error; the next call meets it again as its first record.
    fn deliver(
        &mut self,
        rows: usize,
        batch: RecordBatch,
        error: Option<CsvError>,
    ) -> Result<Option<RecordBatch>, CsvError> {
        match error {
            Some(error) if rows == 0 => Err(error),
            _ if rows == 0 => Ok(None),
            _ => Ok(Some(batch)),
        }
    }

    /// Reads records into the cells, up to the first wrong one. With `careful` every field is checked to be
    /// UTF-8.
    fn collect(&mut self, max_rows: usize, careful: bool) -> (usize, Option<CsvError>) {
        let mut rows = 0;
        for cells in &mut self.cells {
            cells.begin(max_rows);
        }
        if self.done {
            return (0, None);
        }
        let mut bytes = 0;
        while rows < max_rows && bytes < self.raw.limits.batch {
            match self.step(careful) {
                Ok(true) => {
                    bytes += self.raw.text().len();
                    rows += 1;
                    self.next = Position { byte: self.raw.next_offset(), record: self.next.record + 1 };
                }
                Ok(false) => {
                    self.done = true;
                    break;
                }
                Err(error) => {
                    // Explaining an error moved the file; an error of the file itself must not be covered by
                    // another.
                    let error = match self.raw.seek(self.next.byte) {
                        Err(other) if !matches!(error, CsvError::Io(_)) => CsvError::Io(other),
                        _ => error,
                    };
                    return (rows, Some(error));
                }
            }
        }
        (rows, None)
    }

    /// One record into the cells, or all of it not.
    fn step(&mut self, careful: bool) -> Result<bool, CsvError> {
        let number = self.next.record + 1;
        match self.raw.advance() {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(error) => return Err(explain(&mut self.raw, error, number)),
        }
        let width = self.columns.len();
        if self.raw.text().is_empty()
            && (width > 1 || self.empty != EmptyMeans::Quoted)
            && self.raw.only_blank_lines_follow()?
        {
            self.raw.undo();
            return Ok(false);
        }
        let found = self.raw.spans().len();
        if found != width {
            let at = place(&mut self.raw, 0, number)?;
            return Err(CsvError::FieldCount { at, expected: width, found });
        }
        if careful {
            for index in 0..width {
                if std::str::from_utf8(self.raw.bytes(&self.raw.spans()[index])).is_err() {
                    let at = place(&mut self.raw, 0, number)?;
                    return Err(CsvError::NotUtf8 { at, column: index + 1 });
                }
            }
        }
        for (cells, span) in self.cells.iter_mut().zip(self.raw.spans()) {
            let bytes = self.raw.bytes(span);
            let null = bytes.is_empty()
                && match self.empty {
                    EmptyMeans::Quoted => span.written == Written::Plain,
                    EmptyMeans::Null => true,
                    EmptyMeans::Text => false,
                };
            cells.push(bytes, span.written, null);
        }
        Ok(true)
    }

    /// The cells as a batch; `None` when a column is not UTF-8.
    fn batch(&mut self, rows: usize) -> Option<RecordBatch> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.cells.len());
        for cells in &mut self.cells {
            arrays.push(Arc::new(cells.end()?));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options).ok()
    }
}

impl Cells {
    /// Room for a batch as large as the last one.
    fn begin(&mut self, rows: usize) {
        let likely = rows.min(base::limits::MAP_ROWS);
        self.values = Vec::with_capacity(self.bytes + self.bytes / 8);
        self.offsets = Vec::with_capacity(likely + 1);
        self.offsets.push(0);
        self.nulls = Some(NullBufferBuilder::new(likely));
    }

    #[inline]
    fn push(&mut self, bytes: &[u8], written: Written, null: bool) {
        match written {
            Written::Doubled => undouble(bytes, &mut self.values),
            Written::Plain | Written::Quoted => self.values.extend_from_slice(bytes),
        }
        // BATCH_BYTES_MAX and RECORD_BYTES_MAX keep it below 2 GiB.
        self.offsets.push(self.values.len() as i32);
        if let Some(nulls) = &mut self.nulls {
            nulls.append(!null);
        }
    }

    fn end(&mut self) -> Option<StringArray> {
        let values = std::mem::take(&mut self.values);
        self.bytes = values.len();
        let offsets = OffsetBuffer::new(ScalarBuffer::from(std::mem::take(&mut self.offsets)));
        let nulls = self.nulls.take().and_then(|mut nulls| nulls.finish());
        StringArray::try_new(offsets, Buffer::from_vec(values), nulls).ok()
    }
}

/// The place `within` bytes after the present record's start.
fn place<R: Read + Seek>(raw: &mut RawReader<R>, within: u64, record: u64) -> Result<Place, CsvError> {
    let byte = raw.offset() + within;
    Ok(Place { record, line: raw.line_of(byte)?, byte })
}

/// Finds the line of what went wrong.
fn explain<R: Read + Seek>(raw: &mut RawReader<R>, error: RawError, record: u64) -> CsvError {
    let limits = raw.limits;
    let mut at = |byte| raw.line_of(byte).map(|line| Place { record, line, byte });
    let found = match error {
        RawError::Wrong(Wrong::StrayQuote, byte) => at(byte).map(|at| CsvError::StrayQuote { at }),
        RawError::Wrong(Wrong::UnfinishedQuote, byte) => at(byte).map(|at| CsvError::UnfinishedQuote { at }),
        RawError::Wrong(Wrong::BareReturn, byte) => at(byte).map(|at| CsvError::BareReturn { at }),
        RawError::FieldTooLong(byte) => at(byte).map(|at| CsvError::FieldTooLong { at, max: limits.field }),
        RawError::RecordTooLong(byte) => {
            at(byte).map(|at| CsvError::RecordTooLong { at, max: limits.record })
        }
        RawError::Io(error) => Err(error),
    };
    found.unwrap_or_else(CsvError::Io)
}
