//! From an error of the driver to a fault, without a value of a record.
//!
//! The server's message, detail and context may quote values (`Key (email)=(…) already exists`), so they are
//! left out. What stays is the class of the error in our words, its SQLSTATE, and the names of table, column
//! and constraint. The message itself is shown only for the states in [`SHOWN`], whose texts in PostgreSQL's
//! sources hold names and nothing else.

use base::{Class, Fault};
use std::error::Error as _;
use tokio_postgres::Error;
use tokio_postgres::error::DbError;

/// States whose message holds names of objects and no values.
const SHOWN: &[&str] = &[
    "25006", "3D000", "3F000", "40001", "40P01", "42501", "42703", "42704", "42883", "42P01", "42P07",
    "53300", "55006", "55P03", "57014", "57P01", "57P02", "57P03",
];

/// States, what they mean, what can be done about them.
const STATES: &[(&str, Class, &str, &str)] = &[
    (
        "25006",
        Class::Stop,
        "the server allows only reading",
        "connect to the primary, or add target_session_attrs=read-write to DATABASE_URL",
    ),
    ("25P02", Class::Bug, "a statement was sent after the transaction had failed", ""),
    ("25P03", Class::Retry, "the transaction waited longer than the server allows", ""),
    (
        "25P04",
        Class::Stop,
        "the transaction took longer than the server allows",
        "raise transaction_timeout for this role",
    ),
    (
        "28000",
        Class::Stop,
        "the server refuses this login",
        "the server's pg_hba.conf decides; try another sslmode or user in DATABASE_URL",
    ),
    (
        "28P01",
        Class::Stop,
        "the server refuses the password",
        "put the right user and password into DATABASE_URL",
    ),
    ("3D000", Class::Usage, "the database does not exist", ""),
    ("3F000", Class::Usage, "the schema does not exist", ""),
    ("40001", Class::Retry, "another transaction changed the same rows", ""),
    ("40003", Class::Retry, "whether the statement was carried out is unknown", ""),
    ("40P01", Class::Retry, "two transactions waited for each other", ""),
    (
        "42501",
        Class::Usage,
        "the role has not the right to do this",
        "GRANT it, or use another role in DATABASE_URL",
    ),
    ("42703", Class::Usage, "a column does not exist", ""),
    ("42704", Class::Usage, "an object does not exist", ""),
    ("42883", Class::Usage, "a function does not exist", ""),
    ("42P01", Class::Usage, "a table does not exist", ""),
    ("42P07", Class::Usage, "a table exists already", ""),
    ("53100", Class::Stop, "the server's disk is full", "make room on the server, then continue"),
    ("53200", Class::Stop, "the server is out of memory", "free memory on the server, then continue"),
    (
        "53300",
        Class::Retry,
        "the server has no connection left",
        "end other sessions, or raise max_connections",
    ),
    ("53400", Class::Stop, "a limit that the server's configuration sets is reached", ""),
    ("54000", Class::Fail, "a limit of PostgreSQL is exceeded", ""),
    ("55006", Class::Retry, "an object is in use", ""),
    ("55P03", Class::Retry, "a lock was not to be had in time", ""),
    ("57014", Class::Stop, "the statement was cancelled or took longer than the server allows", ""),
    ("57P01", Class::Retry, "the server is being shut down, or somebody ended the session", ""),
    ("57P02", Class::Retry, "the server has crashed and restarts", ""),
    (
        "57P03",
        Class::Retry,
        "the server is starting up, shutting down or recovering",
        "wait a little and try again",
    ),
    ("57P04", Class::Stop, "the database was dropped", ""),
    ("57P05", Class::Retry, "the session was idle longer than the server allows", ""),
];

/// Classes of states, for those that are not named above.
const CLASSES: &[(&str, Class, &str)] = &[
    ("08", Class::Retry, "the connection failed"),
    ("0A", Class::Fail, "the server cannot do this"),
    ("22", Class::Fail, "a value is not what its type or function takes"),
    ("23", Class::Fail, "a constraint says no"),
    ("25", Class::Fail, "the transaction is not in the right state"),
    ("28", Class::Stop, "the server refuses this login"),
    ("40", Class::Retry, "the transaction was rolled back"),
    ("42", Class::Fail, "the statement is wrong for this database"),
    ("53", Class::Stop, "the server has run out of something"),
    ("54", Class::Fail, "a limit of PostgreSQL is exceeded"),
    ("55", Class::Fail, "an object is not in the state for this"),
    ("57", Class::Stop, "an operator stepped in"),
    ("58", Class::Stop, "the server's system failed"),
    ("P0", Class::Fail, "a function or trigger of the database says no"),
    ("XX", Class::Fail, "the server reports an error of its own"),
];

/// The fault for an error of the driver; `doing` says what was tried: `reading the catalogue`.
pub fn fault(error: &Error, doing: &str) -> Fault {
    match error.as_db_error() {
        Some(db) => of_server(db).at(doing),
        None => of_driver(error).at(doing),
    }
}

/// What the server said.
pub(super) fn of_server(db: &DbError) -> Fault {
    let code = db.code().code();
    let named = STATES.iter().find(|state| state.0 == code).map(|state| (state.1, state.2, state.3));
    let (class, words, hint) = named
        .or_else(|| {
            let class = CLASSES.iter().find(|class| code.starts_with(class.0))?;
            Some((class.1, class.2, ""))
        })
        .unwrap_or((Class::Fail, "the server reports an error", ""));
    let mut what = format!("{words} (SQLSTATE {code}");
    for (name, value) in [("table", db.table()), ("column", db.column()), ("constraint", db.constraint())] {
        if let Some(value) = value {
            what += &format!(", {name} {value}");
        }
    }
    what.push(')');
    if SHOWN.contains(&code) {
        what += &format!(": {}", db.message().trim_end_matches('.'));
    }
    let fault = Fault::new(class, what);
    if hint.is_empty() { fault } else { fault.hint(hint) }
}

/// What went wrong on our side of the line. The driver does not name its kinds, so its fixed texts are
/// compared; the sources of (de)serialisation errors may quote values and are left out.
pub(super) fn of_driver(error: &Error) -> Fault {
    if error.is_closed() {
        return Fault::retry("the connection is closed");
    }
    let text = error.to_string();
    if let Some(io) = error.source().and_then(|source| source.downcast_ref::<std::io::Error>())
        && text.starts_with("error communicating")
    {
        return Fault::retry(format!("the connection broke: {}", io.kind()));
    }
    if text.starts_with("error communicating") || text.starts_with("timeout") {
        return Fault::retry("the connection broke");
    }
    if text.starts_with("error performing TLS") {
        return Fault::usage("the TLS handshake failed");
    }
    if text.starts_with("authentication error") {
        return Fault::stop("the login failed");
    }
    // The rest are disagreements between our code and the server about types, columns or messages.
    Fault::bug(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order_and_complete() {
        assert!(STATES.is_sorted_by_key(|state| state.0));
        assert!(SHOWN.is_sorted());
        for code in SHOWN {
            assert!(STATES.iter().any(|state| state.0 == *code), "{code} is shown and has no words");
        }
    }
}
