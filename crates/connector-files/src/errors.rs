//! What can be wrong with a folder of files.

use base::Fault;
use export::csv::CsvError;
use export::ndjson::NdjsonError;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong. No variant holds a value of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilesError {
    /// The folder is not there.
    #[error("the folder {} is not there", path.display())]
    FolderMissing {
        /// The folder.
        path: PathBuf,
    },
    /// What should be the folder is a file.
    #[error("{} is not a folder", path.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
    },
    /// The system does not let us read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// There is no file for a stream.
    #[error("the folder {} has no file for the stream {name:?}", folder.display())]
    NoStream {
        /// The stream asked for.
        name: String,
        /// The stream with the most similar name.
        nearest: Option<String>,
        /// The folder.
        folder: PathBuf,
    },
    /// Several files are the same stream.
    #[error("{} are both the stream {name:?}", files.join(" and "))]
    SeveralFiles {
        /// The stream.
        name: String,
        /// The names of the files.
        files: Vec<String>,
    },
    /// A file's name is not UTF-8.
    #[error("the name of the file {name:?} is not UTF-8")]
    NameNotUtf8 {
        /// The name, as far as it can be shown.
        name: String,
    },
    /// Two fields have the same normalised name.
    #[error("{}: the fields {first:?} and {second:?} would both be {name:?}", path.display())]
    Collision {
        /// The file.
        path: PathBuf,
        /// The field that came first.
        first: String,
        /// The other one.
        second: String,
        /// The name of both.
        name: String,
    },
    /// A field has no name.
    #[error("{}: field {number} has no name", path.display())]
    Nameless {
        /// The file.
        path: PathBuf,
        /// The number of the field, from 1.
        number: usize,
    },
    /// A CSV file is wrong.
    #[error("{}: {cause}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        cause: CsvError,
    },
    /// An NDJSON file is wrong.
    #[error("{}: {cause}", path.display())]
    Ndjson {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        cause: NdjsonError,
    },
    /// A file is not the one that reading began with.
    #[error("{} changed since the export of it began", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A checkpoint is not one of this connector, or of another file.
    #[error("the checkpoint of the stream {name:?} is not one of this source")]
    BadCheckpoint {
        /// The stream.
        name: String,
    },
}

impl FilesError {
    /// For `map_err`: the system does not let us read `path`.
    pub(crate) fn unreadable(path: &Path) -> impl Fn(io::Error) -> Self {
        move |cause| Self::Unreadable { path: path.to_owned(), cause }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::FolderMissing { .. } | Self::NoFolder { .. } => {
                "set the source's url to the folder that holds the files".to_owned()
            }
            Self::NoStream { nearest: Some(nearest), .. } => format!("did you mean {nearest:?}?"),
            Self::NoStream { nearest: None, name, .. } => {
                format!("put {name}.csv, {name}.ndjson or {name}.jsonl there")
            }
            Self::SeveralFiles { .. } => "keep one of them in the folder, or rename the other".to_owned(),
            Self::Collision { .. } | Self::Nameless { .. } => "rename the field in the file".to_owned(),
            Self::Csv { cause: CsvError::FieldCount { .. }, .. } => {
                "a value with a comma, a quote or a line break has to stand in quotes".to_owned()
            }
            Self::Csv { cause: CsvError::StrayQuote { .. }, .. } => {
                "a quote inside a value is written twice, and such a value stands in quotes".to_owned()
            }
            Self::Csv { cause: CsvError::UnfinishedQuote { .. }, .. } => "is the file complete?".to_owned(),
            Self::Csv { cause: CsvError::NotUtf8 { .. }, .. }
            | Self::Ndjson { cause: NdjsonError::NotUtf8 { .. }, .. } => {
                "convert the file, for example `iconv -f WINDOWS-1252 -t UTF-8`".to_owned()
            }
            Self::Changed { .. } | Self::BadCheckpoint { .. } => {
                "begin anew with `landfall move --fresh`; two states of a file are never mixed".to_owned()
            }
            _ => return None,
        })
    }
}

/// A person has to mend the folder, the files or the settings first.
impl From<FilesError> for Fault {
    fn from(error: FilesError) -> Self {
        let hint = error.hint();
        let fault = Fault::usage(error.to_string());
        match hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }
}
