//! The files of a report, each written beside its name and renamed when it is complete.

use crate::csv::{ErrorsCsv, ResetsCsv};
use crate::model::{Extras, Reject, Report, Reset, Run, Values};
use crate::{html, json, summary};
use base::{Class, Fault};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Rights of the folder, when it is made here: it holds personal data.
const FOLDER_MODE: u32 = 0o700;

/// Rights of every file.
const FILE_MODE: u32 = 0o600;

/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 64 << 10;

/// The folder of the reports.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder at `path`; made with 0700, its parents too, when it is not there.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Fault> {
        let path = path.into();
        DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(&path)
            .map_err(|error| fault("make the folder", &path, &error))?;
        Ok(Self { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a file of that name beside it; it takes the name when it is [kept](PendingFile::keep).
    pub fn begin(&self, name: &str) -> Result<PendingFile, Fault> {
        let beside = self.path.join(format!(".{name}.part"));
        remove(&beside)?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(&beside)
            .map_err(|error| fault("make", &beside, &error))?;
        let out = BufWriter::with_capacity(BUFFER_BYTES, file);
        Ok(PendingFile { out: Some(out), beside, path: self.path.join(name) })
    }

    fn sync(&self) -> Result<(), Fault> {
        let synced = File::open(&self.path).and_then(|folder| folder.sync_all());
        synced.map_err(|error| fault("write the names in", &self.path, &error))
    }
}

/// A file without its name yet; dropped before it is kept, it is removed.
#[derive(Debug)]
pub struct PendingFile {
    out: Option<BufWriter<File>>,
    beside: PathBuf,
    path: PathBuf,
}

impl PendingFile {
    /// Brings what was written to the medium and gives the file its name; whatever had it is replaced.
    pub fn keep(mut self) -> Result<PathBuf, Fault> {
        self.settle()?;
        self.rename()
    }

    fn settle(&mut self) -> Result<(), Fault> {
        let Some(out) = self.out.take() else { return Ok(()) };
        let synced =
            out.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all());
        synced.map_err(|error| fault("write", &self.path, &error))
    }

    fn rename(self) -> Result<PathBuf, Fault> {
        std::fs::rename(&self.beside, &self.path).map_err(|error| fault("name", &self.path, &error))?;
        Ok(self.path.clone())
    }

    /// A fault that names the file.
    fn fault(&self, error: &io::Error) -> Fault {
        fault("write", &self.path, error)
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.as_mut().ok_or(ErrorKind::BrokenPipe)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for PendingFile {
    fn drop(&mut self) {
        // After the rename nothing has this name any more; a rest that cannot be removed hides behind its dot
        // and is replaced by the next report.
        let _ = std::fs::remove_file(&self.beside);
    }
}

/// The files that were written, and what they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// `migration_summary_TS.txt`.
    pub summary: PathBuf,
    /// `migration_errors_TS.csv`.
    pub errors: PathBuf,
    /// Lines of the errors file after its header.
    pub error_lines: u64,
    /// `password_resets_TS.csv`, when there are any.
    pub resets: Option<PathBuf>,
    /// Lines of the resets file after its header.
    pub reset_lines: u64,
    /// `migration_report_TS.json`.
    pub json: PathBuf,
    /// `migration_report_TS.html`.
    pub html: PathBuf,
}

/// The files of a report as they are written: first the lines of the errors and resets files, as they come,
/// then the pages. They take their names when every one of them is complete: a fault while one is written
/// leaves what was there before.
#[derive(Debug)]
pub struct Writing {
    folder: Folder,
    errors: ErrorsCsv<PendingFile>,
    errors_path: PathBuf,
    resets: Option<ResetsCsv<PendingFile>>,
    resets_path: PathBuf,
}

impl Writing {
    /// Begins the files of a run in `folder`. A resets file of before goes when nobody needs a reset, and
    /// stays when `with_resets` is false: who needs one cannot be told any more.
    pub fn begin(folder: &Path, run: &Run, values: Values, with_resets: bool) -> Result<Self, Fault> {
        let folder = Folder::open(folder)?;
        let errors = folder.begin(&run.file_name("migration_errors", "csv"))?;
        let errors_path = errors.path.clone();
        let errors = ErrorsCsv::new(errors, values).map_err(|e| fault("write", &errors_path, &e))?;
        let name = run.file_name("password_resets", "csv");
        let resets_path = folder.path.join(&name);
        let resets = match with_resets {
            true => Some(ResetsCsv::new(folder.begin(&name)?).map_err(|e| fault("write", &resets_path, &e))?),
            false => None,
        };
        Ok(Self { folder, errors, errors_path, resets, resets_path })
    }

    /// Writes a line of the errors file.
    pub fn reject(&mut self, reject: &Reject) -> Result<(), Fault> {
        self.errors.push(reject).map_err(|e| fault("write", &self.errors_path, &e))
    }

    /// Writes a line of the resets file.
    pub fn reset(&mut self, reset: &Reset) -> Result<(), Fault> {
        let Some(resets) = &mut self.resets else { return Ok(()) };
        resets.push(reset).map_err(|e| fault("write", &self.resets_path, &e))
    }

    /// Writes the pages, and gives all files their names.
    pub fn finish(self, report: &Report, extras: &Extras) -> Result<Written, Fault> {
        let Self { folder, errors, errors_path, resets, resets_path } = self;
        let text = |kind: &str, extension: &str, text: &str| -> Result<PendingFile, Fault> {
            let mut file = folder.begin(&report.run.file_name(kind, extension))?;
            file.write_all(text.as_bytes()).map_err(|error| file.fault(&error))?;
            file.settle()?;
            Ok(file)
        };
        let summary = text("migration_summary", "txt", &summary(report))?;
        let page = text("migration_report", "html", &html(report, extras))?;
        let json = text("migration_report", "json", &json(report))?;
        let (mut errors, error_lines) = errors.finish().map_err(|e| fault("write", &errors_path, &e))?;
        errors.settle()?;
        let (resets, reset_lines) = match resets {
            Some(resets) => {
                let (mut file, lines) = resets.finish().map_err(|e| fault("write", &resets_path, &e))?;
                file.settle()?;
                (Some(file), lines)
            }
            None => (None, 0),
        };
        let resets = match resets {
            Some(file) if reset_lines > 0 => Some(file.rename()?),
            Some(_) => {
                remove(&resets_path)?;
                None
            }
            None => Some(resets_path).filter(|path| path.exists()),
        };
        let written = Written {
            errors: errors.rename()?,
            error_lines,
            resets,
            reset_lines,
            html: page.rename()?,
            json: json.rename()?,
            summary: summary.rename()?,
        };
        folder.sync()?;
        Ok(written)
    }
}

fn remove(path: &Path) -> Result<(), Fault> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(fault("remove", path, &error)),
        _ => Ok(()),
    }
}

/// A full disk or a right that is missing can be mended, and the report written again.
fn fault(what: &str, path: &Path, error: &io::Error) -> Fault {
    let class = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Class::Stop,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotADirectory => {
            Class::Usage
        }
        ErrorKind::AlreadyExists => Class::Usage,
        _ => Class::Fail,
    };
    Fault::new(class, format!("cannot {what} {}: {error}", path.display()))
        .hint("landfall report writes the files of a run again")
}
