//! The files of a report, each written beside its name and renamed when it is complete.

use crate::csv::{ErrorsCsv, ResetsCsv};
use crate::model::{Extras, Reject, Report, Reset};
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

/// Writes all files of a report into `folder`. They take their names when every one of them is complete: a
/// fault while one is written leaves what was there before. A resets file of before goes when nobody needs a
/// reset, and stays when `resets` is `None`: who needs one cannot be told any more.
pub fn write_all(
    folder: &Path,
    report: &Report,
    extras: &Extras,
    rejects: impl IntoIterator<Item = Result<Reject, Fault>>,
    resets: Option<impl IntoIterator<Item = Result<Reset, Fault>>>,
) -> Result<Written, Fault> {
    let folder = Folder::open(folder)?;
    let name = |kind: &str, extension: &str| report.run.file_name(kind, extension);

    let (mut errors, error_lines) = {
        let file = folder.begin(&name("migration_errors", "csv"))?;
        let path = file.path.clone();
        let wrong = |error: io::Error| fault("write", &path, &error);
        let mut csv = ErrorsCsv::new(file, extras.values).map_err(wrong)?;
        for reject in rejects {
            csv.push(&reject?).map_err(wrong)?;
        }
        csv.finish().map_err(wrong)?
    };
    let resets_name = name("password_resets", "csv");
    let (mut resets_file, reset_lines) = if let Some(resets) = resets {
        let file = folder.begin(&resets_name)?;
        let path = file.path.clone();
        let wrong = |error: io::Error| fault("write", &path, &error);
        let mut csv = ResetsCsv::new(file).map_err(wrong)?;
        for reset in resets {
            csv.push(&reset?).map_err(wrong)?;
        }
        let (file, lines) = csv.finish().map_err(wrong)?;
        (Some(file), lines)
    } else {
        (None, 0)
    };
    let text = |name: &str, text: &str| -> Result<PendingFile, Fault> {
        let mut file = folder.begin(name)?;
        file.write_all(text.as_bytes()).map_err(|error| file.fault(&error))?;
        file.settle()?;
        Ok(file)
    };
    let summary = text(&name("migration_summary", "txt"), &summary(report))?;
    let page = text(&name("migration_report", "html"), &html(report, extras))?;
    let json = text(&name("migration_report", "json"), &json(report))?;
    errors.settle()?;
    if let Some(file) = &mut resets_file {
        file.settle()?;
    }

    let resets = match resets_file {
        Some(file) if reset_lines > 0 => Some(file.rename()?),
        Some(_) => {
            remove(&folder.path.join(&resets_name))?;
            None
        }
        None => Some(folder.path.join(&resets_name)).filter(|path| path.exists()),
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
