//! Records that no CSV can hold, one JSON object a line.

use super::bits::Bits;
use crate::disk::DiskFile;
use crate::folder::FolderError;
use connect::Unreadable;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::path::Path;

/// A line while the entity grows: the reject, and when it came.
#[derive(Serialize, Deserialize)]
pub(super) struct RejectLine {
    /// The page that showed it.
    pub page: u64,
    /// The number of readable records before that page.
    pub after: u64,
    #[serde(flatten)]
    pub reject: Unreadable,
}

/// The lines of a page.
pub(super) fn lines(unreadable: &[Unreadable], page: u64, after: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for reject in unreadable {
        // Cannot fail: strings and numbers into memory.
        let line = serde_json::to_vec(&RejectLine { page, after, reject: reject.clone() });
        out.extend_from_slice(&line.unwrap_or_default());
        out.push(b'\n');
    }
    out
}

/// Walks the first `len` bytes of the growing file.
pub(super) fn each(
    file: &DiskFile,
    path: &Path,
    len: u64,
    mut visit: impl FnMut(u64, RejectLine) -> Result<(), FolderError>,
) -> Result<(), FolderError> {
    let fail = |cause| FolderError::io("read", path, cause);
    let mut read = file.file();
    read.rewind().map_err(fail)?;
    let mut read = BufReader::new(read.take(len));
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        if read.read_until(b'\n', &mut line).map_err(fail)? == 0 {
            return Ok(());
        }
        let reject = serde_json::from_slice(&line).map_err(|_| FolderError::Damaged {
            path: path.to_owned(),
            what: format!("line {} cannot be read", number + 1),
        })?;
        visit(number, reject)?;
        number += 1;
    }
}

/// Writes the lines that stay, without when they came.
pub(super) fn write_final(
    file: &DiskFile,
    path: &Path,
    len: u64,
    dropped: &Bits,
    out: &mut impl Write,
    out_path: &Path,
) -> Result<(), FolderError> {
    each(file, path, len, |number, line| {
        if dropped.get(number) {
            return Ok(());
        }
        let fail = |cause| FolderError::io("write", out_path, cause);
        let mut bytes =
            serde_json::to_vec(&line.reject).map_err(|error| fail(std::io::Error::other(error)))?;
        bytes.push(b'\n');
        out.write_all(&bytes).map_err(fail)
    })
}
