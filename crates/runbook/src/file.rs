//! The edge to the disk: the document, and the journal beside the project.

use crate::journal::{Entry, read_entries};
use crate::ports::Journal;
use crate::{JOURNAL_BYTES_MAX, RUNBOOK_BYTES_MAX};
use base::Fault;
use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

/// The folder of the journals, below the project's.
const FOLDER: &str = ".landfall/runbooks";

/// Reads a document.
pub fn read_runbook(path: &Path) -> Result<String, Fault> {
    let cannot = |e: io::Error| Fault::usage(format!("cannot read {}: {e}", path.display()));
    let mut text = String::new();
    // One byte more than is taken, so that the parser can tell.
    let max = RUNBOOK_BYTES_MAX as u64 + 1;
    File::open(path).and_then(|f| f.take(max).read_to_string(&mut text)).map_err(cannot)?;
    Ok(text)
}

/// Where the journal of a runbook is: `runbooks/cut-over.md` of a project has
/// `.landfall/runbooks/runbooks.cut-over.ndjson` there.
pub fn journal_name(root: &Path, runbook: &Path) -> PathBuf {
    let inside = runbook.strip_prefix(root).unwrap_or(runbook).with_extension("");
    let parts = inside.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    root.join(FOLDER).join(format!("{}.ndjson", parts.collect::<Vec<_>>().join(".")))
}

/// A journal in a file, locked while it is open.
#[derive(Debug)]
pub struct FileJournal {
    file: File,
    path: PathBuf,
    entries: Vec<Entry>,
}

impl FileJournal {
    /// The events of a journal, without opening it to write; none when there is no file.
    pub fn read(path: &Path) -> Result<Vec<Entry>, Fault> {
        match File::open(path) {
            Ok(file) => Ok(content(&file, path)?.0),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(cannot("read", path)(e)),
        }
    }

    /// Opens a journal, made when it is not there; what a kill left half written at its end is cut off.
    /// Somebody else who has it open is a fault.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let folder = path.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(cannot("make", folder))?;
        let options = File::options().read(true).append(true).create(true).mode(0o600).open(path);
        let file = options.map_err(cannot("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Fault::stop("somebody else is going through this runbook")
                    .hint("wait until they are done; --status shows how far they are"));
            }
            Err(TryLockError::Error(e)) => return Err(cannot("lock", path)(e)),
        }
        let (entries, whole) = content(&file, path)?;
        file.set_len(whole).map_err(cannot("write", path))?;
        // A new file's name must survive, too.
        File::open(folder).and_then(|dir| dir.sync_all()).map_err(cannot("write", folder))?;
        Ok(Self { file, path: path.to_path_buf(), entries })
    }
}

impl Journal for FileJournal {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn append(&mut self, entry: Entry) -> Result<(), Fault> {
        let mut line =
            serde_json::to_string(&entry).map_err(|e| Fault::bug(format!("an event is no JSON: {e}")))?;
        line.push('\n');
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(cannot("write", &self.path))?;
        self.entries.push(entry);
        Ok(())
    }
}

/// The events of a file, and the bytes that are whole lines.
fn content(mut file: &File, path: &Path) -> Result<(Vec<Entry>, u64), Fault> {
    let mut text = Vec::new();
    let read =
        file.seek(SeekFrom::Start(0)).and_then(|_| file.take(JOURNAL_BYTES_MAX + 1).read_to_end(&mut text));
    read.map_err(cannot("read", path))?;
    if text.len() as u64 > JOURNAL_BYTES_MAX {
        let what = format!("{} is larger than {} MiB", path.display(), JOURNAL_BYTES_MAX >> 20);
        return Err(Fault::stop(what).hint("move it away to begin anew"));
    }
    // A kill may have cut a character in two, in the last line only.
    let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    let text = std::str::from_utf8(&text[..whole])
        .map_err(|_| Fault::stop(format!("{} is not UTF-8", path.display())))?;
    let (entries, whole) = read_entries(text).map_err(|fault| fault.at(path.display()))?;
    Ok((entries, whole as u64))
}

fn cannot(verb: &'static str, path: &Path) -> impl Fn(io::Error) -> Fault + use<> {
    let path = path.to_path_buf();
    move |e| Fault::stop(format!("cannot {verb} {}: {e}", path.display()))
}
