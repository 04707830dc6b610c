//! What the server says of a row that it refuses, and what that means for the record.

use crate::connect::{Session, fault};
use base::{Fault, RejectCode};
use std::collections::BTreeMap;
use tokio_postgres::Error;

/// Whether an error is about a row's content, so that other rows may pass.
pub(crate) fn is_about_a_row(error: &Error) -> bool {
    code(error).is_some()
}

/// The reject code for an error about a row's content (SQLSTATE classes 22 and 23, and what triggers raise).
pub(crate) fn code(error: &Error) -> Option<RejectCode> {
    let state = error.as_db_error()?.code().code();
    Some(match state {
        "23505" => RejectCode::Unique,
        "23503" => RejectCode::ForeignKey,
        "23502" => RejectCode::NotNull,
        "23P01" => RejectCode::Exclusion,
        "22001" => RejectCode::TooLong,
        "22003" | "22008" => RejectCode::OutOfRange,
        "22P04" => return None, // A malformed COPY is our own mistake.
        s if s.starts_with("23") || s == "P0001" || s == "44000" => RejectCode::Check,
        s if s.starts_with("22") => RejectCode::BadValue,
        _ => return None,
    })
}

/// The row of a COPY that an error is about, from 0: the context says `COPY table, line N`, in any language.
pub(crate) fn line(error: &Error) -> Option<usize> {
    let context = error.as_db_error()?.where_()?;
    let copy = context.lines().find_map(|l| l.strip_prefix("COPY "))?;
    let (_, behind_table) = copy.split_once(',')?;
    let digits: String =
        behind_table.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse::<usize>().ok()?.checked_sub(1)
}

/// What a constraint or unique index is over; asked once each.
#[derive(Default)]
pub(crate) struct Constraints {
    known: BTreeMap<String, Over>,
}

/// What a constraint or unique index is over.
#[derive(Clone, Default)]
pub(crate) struct Over {
    /// The columns that it reads.
    pub(crate) columns: Vec<String>,
    /// For a unique index: the expressions that must be unique.
    pub(crate) keys: Vec<String>,
}

impl Constraints {
    /// Looks a constraint up; must not be called inside an aborted transaction.
    pub(crate) async fn over(&mut self, session: &Session, table: &str, name: &str) -> Result<Over, Fault> {
        if let Some(over) = self.known.get(name) {
            return Ok(over.clone());
        }
        let rows = session
            .query(
                "SELECT ARRAY(SELECT DISTINCT a.attname::text FROM pg_depend d JOIN pg_attribute a \
                              ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
                              WHERE d.refobjid = $1::text::regclass AND d.refobjsubid > 0 \
                                AND (d.objid = x.constraint_oid OR d.objid = x.index_oid)), \
                        ARRAY(SELECT pg_get_indexdef(x.index_oid, n, true) FROM generate_series(1, \
                        x.key_count) AS n) \
                 FROM (SELECT c.oid AS constraint_oid, coalesce(i.indexrelid, 0) AS index_oid, \
                              coalesce(i.indnkeyatts, 0)::int AS key_count \
                       FROM pg_constraint c LEFT JOIN pg_index i ON i.indexrelid = c.conindid AND c.contype \
                       IN ('p', 'u') \
                       WHERE c.conrelid = $1::text::regclass AND c.conname = $2 \
                       UNION ALL \
                       SELECT 0, i.indexrelid, i.indnkeyatts::int FROM pg_index i JOIN pg_class r ON r.oid \
                       = i.indexrelid \
                       WHERE i.indrelid = $1::text::regclass AND r.relname = $2 AND i.indisunique) AS x \
                       LIMIT 1",
                &[&table, &name],
            )
            .await
            .map_err(|e| fault(&e, "look a constraint up"))?;
        let over = rows.first().map(|r| Over { columns: r.get(0), keys: r.get(1) }).unwrap_or_default();
        self.known.insert(name.to_owned(), over.clone());
        Ok(over)
    }
}

/// Why a record was refused, in a sentence without its values.
pub(crate) fn reason(error: &Error, code: RejectCode) -> String {
    let Some(server) = error.as_db_error() else { return "the database refuses the row".into() };
    let name = server.constraint().unwrap_or_default();
    match code {
        RejectCode::Unique => format!("the unique key {name} is taken"),
        RejectCode::Check if server.code().code() == "P0001" => {
            "a trigger of the table refuses the row".into()
        }
        RejectCode::Check => format!("the check {name} refuses the value"),
        RejectCode::ForeignKey => format!("the foreign key {name} finds no row"),
        RejectCode::Exclusion => format!("the exclusion constraint {name} refuses the row"),
        RejectCode::NotNull => "no value, and the column takes no NULL".into(),
        RejectCode::TooLong => "longer than the column takes".into(),
        RejectCode::OutOfRange => "outside what the column takes".into(),
        _ => format!("the database refuses the value (SQLSTATE {})", server.code().code()),
    }
}
