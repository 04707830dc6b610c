//! The export of an entity, read as batches that the mapper wants.

use crate::job::Job;
use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use base::{Class, Fault};
use export::csv::{CsvError, CsvReader, EmptyMeans, Position};
use export::{FileState, FolderError, Manifest};
use project::CsvEmpty;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// What is known of an entity's file.
#[derive(Debug, Clone)]
pub struct FileFacts {
    /// The entity.
    pub entity: String,
    /// The file.
    pub path: PathBuf,
    /// Whether landfall exported it and nobody changed it since: then its keys are unique and its count is
    /// proven.
    pub pristine: bool,
    /// Whether there is a manifest that knows it, and it was changed since.
    pub edited: bool,
    /// What an empty field means.
    pub empty: EmptyMeans,
    /// Records, when the manifest can be believed.
    pub records: Option<u64>,
    /// Records that could not be read at export and stand in the rejects file.
    pub unreadable: u64,
    /// Its columns.
    pub columns: Vec<String>,
}

/// Looks at the file of an entity; `None` when it is not there.
pub fn facts(job: &Job, manifest: Option<&Manifest>, entity: &str) -> Result<Option<FileFacts>, Fault> {
    let path = job.folder.csv_path(entity);
    if !path.exists() {
        return Ok(None);
    }
    let known = manifest.and_then(|m| m.entities.get(entity));
    let state = match manifest {
        Some(manifest) if known.is_some() => {
            manifest.check(entity, &job.folder).map_err(|e| folder_fault(&e))?
        }
        _ => FileState::Missing,
    };
    let empty = match (known, source_of(job, entity).map(|s| s.csv_empty)) {
        (Some(_), _) => EmptyMeans::Quoted,
        (None, Some(CsvEmpty::Text)) => EmptyMeans::Text,
        (None, _) => EmptyMeans::Null,
    };
    let reader = open_csv(entity, &path, empty)?;
    let pristine = state == FileState::Untouched;
    Ok(Some(FileFacts {
        entity: entity.into(),
        columns: reader.columns().to_vec(),
        pristine,
        edited: state == FileState::Edited,
        empty,
        records: known.filter(|k| pristine && k.unique_keys).map(|k| k.records),
        unreadable: known.map_or(0, |k| k.unreadable),
        path,
    }))
}

/// The source that an entity comes from.
pub fn source_of<'a>(job: &'a Job, entity: &str) -> Option<&'a project::SourceConfig> {
    let config = job.project.entity(entity)?;
    job.project.source(&config.from.value.source)
}

/// Opens a CSV file.
fn open_csv(entity: &str, path: &PathBuf, empty: EmptyMeans) -> Result<CsvReader<File>, Fault> {
    let file = File::open(path).map_err(|e| Fault::stop(format!("cannot open {}: {e}", path.display())))?;
    CsvReader::new(file, empty).map_err(|e| csv_fault(entity, &e))
}

/// Reads an entity's file in batches whose columns are the wanted fields, NULL where the file has no such
/// column.
pub struct Reading {
    entity: String,
    reader: CsvReader<File>,
    schema: SchemaRef,
    /// For each wanted field its column in the file.
    columns: Vec<Option<usize>>,
}

impl Reading {
    /// Opens the file for these fields.
    pub fn open(facts: &FileFacts, fields: &[String]) -> Result<Self, Fault> {
        let reader = open_csv(&facts.entity, &facts.path, facts.empty)?;
        let columns = fields.iter().map(|f| reader.columns().iter().position(|c| c == f)).collect();
        let schema = Arc::new(Schema::new(
            fields.iter().map(|f| Field::new(f, DataType::Utf8, true)).collect::<Vec<_>>(),
        ));
        Ok(Self { entity: facts.entity.clone(), reader, schema, columns })
    }

    /// Goes to a byte at which a record begins; 0 is the first record.
    pub fn seek(&mut self, byte: u64, record: u64) -> Result<(), Fault> {
        let position = if byte == 0 { self.reader.first() } else { Position { byte, record } };
        self.reader.seek_to(position).map_err(|e| csv_fault(&self.entity, &e))
    }

    /// Where the next record begins.
    pub fn byte(&self) -> u64 {
        self.reader.position().byte
    }

    /// The next records; `None` at the end.
    pub fn next(&mut self, rows: usize) -> Result<Option<RecordBatch>, Fault> {
        let Some(batch) = self.reader.read_batch(rows).map_err(|e| csv_fault(&self.entity, &e))? else {
            return Ok(None);
        };
        let count = batch.num_rows();
        let columns: Vec<ArrayRef> = self
            .columns
            .iter()
            .map(|c| {
                c.map_or_else(|| new_null_array(&DataType::Utf8, count), |i| Arc::clone(batch.column(i)))
            })
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map(Some)
            .map_err(|e| Fault::bug(format!("{}: a batch that does not fit its fields: {e}", self.entity)))
    }
}

/// The text of a cell.
pub fn text(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

fn csv_fault(entity: &str, error: &CsvError) -> Fault {
    Fault::stop(format!("{entity}: the export cannot be read: {error}"))
        .hint("mend the line in the CSV file, or export again: landfall move --step export")
}

/// A fault of the export folder.
pub fn folder_fault(error: &FolderError) -> Fault {
    let told = Fault::new(Class::Stop, error.to_string());
    if error.is_disk_full() {
        return told.hint("free some space on that disk and run the same command again; nothing is lost");
    }
    told
}
