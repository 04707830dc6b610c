//! The statements of an undo, made from [`super::facts`]: pure text.
//!
//! One transaction undoes one or several groups of tables. Temporary tables hold what it works on: the
//! batches (`landfall_scope`), the transactions that count as the run's (`landfall_xids`), for each entity
//! the rows with what is to become of them (`landfall_rows_N`), and the counts (`landfall_undone`). Columns
//! of ours begin with `landfall_`, those of the key have their own names. `landfall_state` is `undo`,
//! `restored`, `gone`, or why the row is kept: `changed`, `needed`.

mod apply;
mod record;
mod refuse;
mod rows;

pub(super) use apply::{remove, restore, stuck};
pub(super) use record::{batches_left, finish, record, settle};
pub(super) use refuse::{REFUSED, raise_if, refusals};
pub(super) use rows::{changed_table, count, kept, needed, rows, tables};

use super::facts::{Entity, Facts, Group, KeyColumn};
use crate::catalogue::quote;

/// Seconds to wait for the locks on a group's tables: long enough for an application's transaction, too short
/// for everybody behind us in the queue to give up.
const LOCK_SECONDS_MAX: u32 = 60;

/// By what a row is told to be as the run left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Test {
    /// By its absence from `landfall_changed`, not by its transaction.
    pub(super) content: bool,
    /// Rows that somebody changed are undone all the same.
    pub(super) force: bool,
}

impl Test {
    /// As the command does it without options, and the file.
    pub(super) const PLAIN: Test = Test { content: false, force: false };
}

/// Settings of a transaction: no limits of the role, and texts in the one form that the ledger has them in.
pub(super) fn settings() -> String {
    format!(
        "SET LOCAL statement_timeout = 0;\n\
         SET LOCAL idle_in_transaction_session_timeout = 0;\n\
         SET LOCAL lock_timeout = '{LOCK_SECONDS_MAX}s';\n\
         SET LOCAL DateStyle = 'ISO';\n\
         SET LOCAL IntervalStyle = 'postgres';\n\
         SET LOCAL TimeZone = 'UTC';\n\
         SET LOCAL extra_float_digits = 1;\n\
         SET LOCAL jit = off;\n\
         SET CONSTRAINTS ALL IMMEDIATE;\n"
    )
}

/// Keeps everybody from writing the tables, and from writing rows that refer to them, until the transaction
/// ends; reading goes on. A row of somebody's that began to refer to ours between our look and our delete
/// would else be deleted by `ON DELETE CASCADE`.
pub(super) fn lock(facts: &Facts, entities: &[usize]) -> String {
    let mut tables: Vec<&str> = entities.iter().map(|i| facts.entities[*i].table.as_str()).collect();
    tables.sort_unstable();
    tables.dedup();
    if tables.is_empty() {
        return String::new();
    }
    format!("LOCK TABLE {} IN EXCLUSIVE MODE;\n", tables.join(", "))
}

/// Undoes the rows of a group that are in scope, and records it.
pub(super) fn undo(facts: &Facts, group: &Group, test: Test) -> String {
    let mut sql = String::new();
    for i in &group.entities {
        sql += &rows(facts, *i, test);
        sql += &restore(facts, *i);
    }
    sql += &needed(facts, group, &group.entities, false);
    sql += &remove(facts, group);
    for i in &group.entities {
        // What took a unique key from the earlier content may be gone now.
        sql += &restore(facts, *i);
        sql += &stuck(*i);
        sql += &count(facts, *i);
        sql += &record(facts, *i);
    }
    sql
}

/// An anonymous block. The quotes around it are none that its text holds.
fn block(text: &str) -> String {
    let mut quote = "$landfall$".to_owned();
    while text.contains(&quote) {
        quote.insert(1, 'x');
    }
    format!("DO {quote}\n{text}{quote};\n")
}

/// `t."a" = u."a" AND …` for the columns of the key.
fn key_equals(entity: &Entity, left: &str, right: &str) -> String {
    joined(&entity.key, " AND ", |k| format!("{left}.{0} = {right}.{0}", quote(&k.name)))
}

/// The key as the ledger shows it: its columns as text, joined by commas.
fn key_text(entity: &Entity, of: &str) -> String {
    format!("concat_ws(',', {})", joined(&entity.key, ", ", |k| format!("{of}.{}::text", quote(&k.name))))
}

fn joined(key: &[KeyColumn], by: &str, show: impl FnMut(&KeyColumn) -> String) -> String {
    key.iter().map(show).collect::<Vec<_>>().join(by)
}

/// A comment line; a name in it cannot end it.
fn comment(text: &str) -> String {
    format!("\n-- {}\n", text.replace(['\n', '\r'], " "))
}
