//! What an error of MongoDB means for whoever called.

use base::Fault;
use mongodb::error::{Error, ErrorKind, WriteFailure};

/// `DuplicateKey`: MongoDB's error codes, `src/mongo/base/error_codes.yml`.
const DUPLICATE_KEY: i32 = 11_000;

/// Codes after which it may work later: no primary, shutting down, waiting for others took too long, the disk
/// is full. Those of which the drivers' specification says that they are retryable, and `MaxTimeMSExpired`,
/// `WriteConcernFailed`, `UnsatisfiableWriteConcern` and `OutOfDiskSpace`.
const PASSING: &[i32] = &[
    6, 7, 50, 64, 89, 91, 100, 134, 189, 202, 262, 9001, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436,
    14_031,
];

/// Codes that a person has to mend: who we are, and what we may do.
const RIGHTS: &[i32] = &[13, 18, 8_000];

/// Whether the document was there.
pub(crate) fn is_duplicate(error: &Error) -> bool {
    code(error) == Some(DUPLICATE_KEY)
}

/// Whether the server answered, and refused.
pub(crate) fn is_refusal(error: &Error) -> bool {
    match &*error.kind {
        ErrorKind::InvalidResponse { .. } | ErrorKind::Bson(_) => true,
        _ => code(error).is_some_and(|code| !PASSING.contains(&code)),
    }
}

/// The fault of a call that failed. The server's own words stay away: they may repeat what was sent.
pub(crate) fn fault(what: &str, error: &Error) -> Fault {
    if let Some(code) = code(error) {
        let said = format!("MongoDB refused {what} with code {code}");
        return match code {
            code if PASSING.contains(&code) => Fault::retry(said),
            code if RIGHTS.contains(&code) => {
                Fault::usage(said).hint("MONGODB_URL needs a user who may read and write its database")
            }
            _ => Fault::fail(said),
        };
    }
    match &*error.kind {
        ErrorKind::ServerSelection { .. } => Fault::retry("no MongoDB that takes writes can be reached"),
        ErrorKind::DnsResolve { .. } => Fault::retry("the DNS does not know the address of MongoDB"),
        ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. } => {
            Fault::retry(format!("the connection to MongoDB was lost at {what}"))
        }
        ErrorKind::Authentication { .. } => Fault::usage("MongoDB does not know who we are")
            .hint("check the user and password of MONGODB_URL"),
        ErrorKind::InvalidArgument { .. } | ErrorKind::InvalidTlsConfig { .. } => {
            Fault::usage(format!("MongoDB's driver refuses {what}: check MONGODB_URL"))
        }
        ErrorKind::InvalidResponse { .. } => {
            Fault::fail(format!("the answer to {what} is none that MongoDB gives"))
        }
        ErrorKind::IncompatibleServer { .. } => Fault::usage("this MongoDB is too old: 4.2 and newer"),
        _ => Fault::fail(format!("MongoDB's driver failed at {what}")),
    }
}

/// The server's code, when it gave one.
fn code(error: &Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(error) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteError(error)) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(error)) => Some(error.code),
        _ => None,
    }
}
