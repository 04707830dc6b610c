//! The final file of an entity, from its part.

use super::scan::{Scan, scan, sort_key};
use super::{FinishOrder, Finished, Part};
use super::{rejects, saved};
use crate::csv::raw::{RawError, RawReader};
use crate::csv::{CsvWriter, Limits};
use crate::disk::DiskFile;
use crate::folder::{ExportFolder, FolderError, beside};
use crate::summed::{Summed, Sums};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Take, Write};
use std::path::Path;

/// Bytes copied at a time.
const WRITE_BYTES: usize = 256 << 10;

/// The column of an entity of which nothing is known, so that its file has a header.
const NO_COLUMN: &str = "_id";

/// What several records of one key mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeats {
    /// The source showed one record several times; the newest showing stays.
    Newest,
    /// They are several records.
    Keep,
}

/// What is read, twice.
pub(super) struct Input<'a> {
    file: &'a DiskFile,
    path: &'a Path,
    bytes: u64,
    /// The number of columns.
    pub columns: usize,
    pub key: Option<usize>,
    pub created: Option<usize>,
    pub version: Option<usize>,
    /// For hashes of keys.
    pub seed: u64,
    /// The growing rejects: file, path, length.
    pub rejects: Option<(&'a DiskFile, &'a Path, u64)>,
}

/// The records of a part, as they are written.
pub(super) struct Records<'a> {
    raw: RawReader<Take<&'a File>>,
    path: &'a Path,
}

impl<'a> Input<'a> {
    /// Reads the part from its start.
    pub fn records(&self) -> Result<Records<'a>, FolderError> {
        let mut file = self.file.file();
        file.rewind().map_err(|cause| FolderError::io("read", self.path, cause))?;
        Ok(Records { raw: RawReader::new(file.take(self.bytes), 0, Limits::default()), path: self.path })
    }
}

impl<'a> Records<'a> {
    /// Goes to the next record.
    pub fn advance(&mut self) -> Result<bool, FolderError> {
        self.raw.advance().map_err(|error| match error {
            RawError::Io(cause) => FolderError::io("read", self.path, cause),
            RawError::Wrong(_, byte) | RawError::FieldTooLong(byte) | RawError::RecordTooLong(byte) => {
                FolderError::Damaged { path: self.path.to_owned(), what: format!("no record at byte {byte}") }
            }
        })
    }

    /// The present record.
    pub fn raw(&self) -> &RawReader<Take<&'a File>> {
        &self.raw
    }
}

/// Makes the final files, then removes what they were made from.
pub(super) fn finish(
    part: Part,
    order: FinishOrder,
    repeats: Repeats,
    chunk_bytes: usize,
) -> Result<Finished, FolderError> {
    let FinishOrder { key, created, version } = order;
    let Part { folder, saved: state, file, hash, rejects, .. } = part;
    let entity = state.entity.as_str();
    let mut columns = state.columns;
    if columns.is_empty() {
        for column in [&key, &created, &version].into_iter().flatten() {
            if !columns.contains(column) {
                columns.push(column.clone());
            }
        }
        if columns.is_empty() {
            columns.push(NO_COLUMN.to_owned());
        }
    }
    let index = |name: &Option<String>| columns.iter().position(|column| Some(column) == name.as_ref());
    let (part_path, rejects_part) = (folder.part_path(entity), folder.rejects_part_path(entity));
    let input = Input {
        file: &file,
        path: &part_path,
        bytes: state.part_bytes,
        columns: columns.len(),
        key: index(&key),
        created: index(&created),
        version: index(&version),
        seed: hash.digest(),
        rejects: rejects.as_ref().map(|file| (file, rejects_part.as_path(), state.rejects_bytes)),
    };
    let mut scan = scan(&input, &folder, repeats, chunk_bytes)?;

    let csv = folder.csv_path(entity);
    let csv_new = beside(&csv);
    let mut out = Output::create(&folder, &csv_new)?;
    let mut header = CsvWriter::new(Vec::new());
    header.header(&columns).map_err(|cause| FolderError::io("write", &csv_new, cause))?;
    out.write(&header.into_inner())?;
    if scan.full && scan.dropped.count() == 0 && scan.late.count() == 0 {
        copy(&input, &mut out)?;
    } else {
        merge(&input, &mut scan, &mut out)?;
    }
    let sums = out.end()?;

    let rejects_final = folder.rejects_path(entity);
    if scan.unreadable > 0 {
        write_rejects(&folder, &input, &scan, &beside(&rejects_final))?;
        folder.rename(&beside(&rejects_final), &rejects_final)?;
    } else {
        folder.remove(&rejects_final)?;
    }
    folder.rename(&csv_new, &csv)?;
    folder.disk().sync_folder(folder.path()).map_err(|e| FolderError::io("sync", folder.path(), e))?;

    // The checkpoint goes first: without it, what else is left counts for nothing.
    saved::remove(&folder, entity)?;
    folder.remove(&rejects_part)?;
    folder.remove(&part_path)?;
    Ok(Finished {
        records: state.records - scan.dropped.count(),
        repeats: scan.repeats,
        unreadable: scan.unreadable,
        unique_keys: scan.unique_keys,
        in_order: scan.late.count() == 0,
        columns,
        sums,
    })
}

/// All records as they are: nothing came late, twice, or narrower than the header.
fn copy(input: &Input<'_>, out: &mut Output) -> Result<(), FolderError> {
    let fail = |cause| FolderError::io("read", input.path, cause);
    let mut file = input.file.file();
    file.rewind().map_err(fail)?;
    let mut read = file.take(input.bytes);
    let mut buffer = vec![0; WRITE_BYTES];
    loop {
        match read.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => out.write(&buffer[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(fail(error)),
        }
    }
}

/// The records that came in order and those that came late, as one sequence.
fn merge(input: &Input<'_>, scan: &mut Scan<'_>, out: &mut Output) -> Result<(), FolderError> {
    let mut records = input.records()?;
    let (mut place, mut key_scratch, mut scratch) = (Vec::new(), Vec::new(), Vec::new());
    let mut padded = Padded { columns: input.columns, commas: Vec::new() };
    let late = scan.late.count() > 0;
    let (dropped, sorted) = (&scan.dropped, &mut scan.late_sorted);
    let mut waiting = next_late(sorted, dropped)?;
    let mut ordinal = 0;
    while records.advance()? {
        let this = ordinal;
        ordinal += 1;
        if scan.late.get(this) || dropped.get(this) {
            continue;
        }
        let raw = records.raw();
        if late {
            let key = input.key.and_then(|column| raw.value(column, &mut key_scratch));
            let created = input.created.and_then(|column| raw.value(column, &mut scratch));
            sort_key(&mut place, created, key, this);
            while let Some((_, text)) = waiting.take_if(|(before, _)| *before < place) {
                padded.write_text(&text, out)?;
                waiting = next_late(sorted, dropped)?;
            }
        }
        padded.write(raw.text(), raw.spans().len(), out)?;
    }
    while let Some((_, text)) = waiting {
        padded.write_text(&text, out)?;
        waiting = next_late(sorted, dropped)?;
    }
    Ok(())
}

/// A late record: its place and its text.
type Late = (Vec<u8>, Vec<u8>);

/// The next late record that stays.
fn next_late(
    sorted: &mut crate::sort::Sorted<'_>,
    dropped: &super::bits::Bits,
) -> Result<Option<Late>, FolderError> {
    while let Some((place, text)) = sorted.next()? {
        if !dropped.get(super::order::number(place)) {
            return Ok(Some((place.to_vec(), text.to_vec())));
        }
    }
    Ok(None)
}

/// Writes records as wide as the header: missing fields at the end are NULL.
struct Padded {
    columns: usize,
    commas: Vec<u8>,
}

impl Padded {
    fn write(&mut self, text: &[u8], fields: usize, out: &mut Output) -> Result<(), FolderError> {
        out.write(text)?;
        self.commas.clear();
        self.commas.resize(self.columns.saturating_sub(fields), b',');
        self.commas.push(b'\n');
        out.write(&self.commas)
    }

    /// A record of which only the text is known.
    fn write_text(&mut self, text: &[u8], out: &mut Output) -> Result<(), FolderError> {
        let mut line = RawReader::new(text, 0, Limits::default());
        // An empty text is the one NULL of a narrow record, and for the reader the end of the file.
        let fields = match line.advance() {
            Ok(true) => line.spans().len(),
            _ => 1,
        };
        self.write(text, fields, out)
    }
}

fn write_rejects(
    folder: &ExportFolder,
    input: &Input<'_>,
    scan: &Scan<'_>,
    path: &Path,
) -> Result<(), FolderError> {
    let Some((file, part_path, len)) = input.rejects else { return Ok(()) };
    let fail = |cause| FolderError::io("write", path, cause);
    let out = folder.disk().create(path).map_err(|cause| FolderError::io("make", path, cause))?;
    let mut out = BufWriter::with_capacity(WRITE_BYTES, out);
    rejects::write_final(file, part_path, len, &scan.dropped_rejects, &mut out, path)?;
    let out = out.into_inner().map_err(|error| fail(error.into_error()))?;
    out.sync().map_err(|cause| FolderError::io("sync", path, cause))
}

/// The final file under its temporary name, hashed on the way.
struct Output<'p> {
    file: Summed,
    path: &'p Path,
}

impl<'p> Output<'p> {
    fn create(folder: &ExportFolder, path: &'p Path) -> Result<Self, FolderError> {
        let file = Summed::create(folder.disk(), path);
        Ok(Self { file: file.map_err(|cause| FolderError::io("make", path, cause))?, path })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), FolderError> {
        self.file.write_all(bytes).map_err(|cause| FolderError::io("write", self.path, cause))
    }

    /// Brings it to the medium.
    fn end(self) -> Result<Sums, FolderError> {
        self.file.finish().map_err(|cause| FolderError::io("write", self.path, cause))
    }
}
