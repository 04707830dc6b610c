//! A row of a table of the application that follows a member.

use crate::catalogue::quote;
use crate::connect::Session;
use base::{Class, Fault};
use bridge::action::TableWork;
use jiff::Timestamp;
use std::collections::BTreeMap;
use tokio_postgres::types::{ToSql, Type};

/// A table of the application.
struct Table {
    /// As it is written in statements, with its schema.
    sql: String,
    /// Names of columns → their types, without a declared length: a cast to `varchar(3)` would cut, the
    /// assignment that follows a cast to `varchar` refuses.
    columns: BTreeMap<String, String>,
}

/// Makes or changes the row, unless a newer event wrote it.
pub(super) async fn write(
    session: &Session,
    work: &TableWork,
    key: &str,
    occurred: Timestamp,
) -> Result<(), Fault> {
    let table = table(session, &work.name).await?;
    let fits = Fits::new(&table, work, key)?;
    if !is_newest(session, &table.sql, key, occurred).await? {
        return Ok(());
    }
    // Texts of times without a zone are those of UTC, and dates are year, month, day, whatever the server's
    // settings say. The settings end with the transaction.
    let settings = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'";
    let told = |error| session.fault(&error, "write a row").at(&work.name);
    session.batch_execute(settings).await.map_err(told)?;
    let changed = session.query_typed_one(&fits.update(), &fits.parameters()).await.map_err(told)?;
    match changed.get::<_, i64>(0) {
        0 => session.execute_typed(&fits.insert(), &fits.parameters()).await.map(drop).map_err(told),
        1 => Ok(()),
        n => Err(Fault::fail(format!("{}: {n} rows have one {}", work.name, work.key))
            .hint("make the column unique")),
    }
}

/// Which column does not take its text, when one does not.
pub(super) async fn misfit(session: &Session, work: &TableWork, key: &str) -> Result<Option<Fault>, Fault> {
    let table = match table(session, &work.name).await {
        Ok(table) => table,
        Err(fault) => return lasting(fault),
    };
    let fits = match Fits::new(&table, work, key) {
        Ok(fits) => fits,
        Err(fault) => return lasting(fault),
    };
    for ((name, ty), text) in fits.columns.iter().zip(&fits.texts) {
        // Only the type is tried; that a text is too long is said without the column's name.
        let sql = format!("SELECT ($1::{ty}) IS NULL");
        let Err(error) = session.query_typed(&sql, &[(text, Type::TEXT)]).await else { continue };
        let fault = session.fault(&error, "write a row").at(format!("{}.{name}", work.name));
        return lasting(fault);
    }
    Ok(None)
}

/// A fault that stays one, or the line that broke while we asked.
fn lasting(fault: Fault) -> Result<Option<Fault>, Fault> {
    match fault.class {
        Class::Usage | Class::Fail | Class::Bug => Ok(Some(fault)),
        _ => Err(fault),
    }
}

/// Columns, types and texts of one row; the key comes first.
struct Fits<'a> {
    table: &'a Table,
    columns: Vec<(&'a str, &'a str)>,
    texts: Vec<Option<&'a str>>,
}

impl<'a> Fits<'a> {
    fn new(table: &'a Table, work: &'a TableWork, key: &'a str) -> Result<Self, Fault> {
        let (mut columns, mut texts) = (Vec::new(), Vec::new());
        let others = work.columns.iter().filter(|(name, _)| **name != work.key);
        let all = others.map(|(name, text)| (name.as_str(), text.as_deref()));
        for (name, text) in std::iter::once((work.key.as_str(), Some(key))).chain(all) {
            let ty = table.columns.get(name).ok_or_else(|| {
                Fault::usage(format!("the table {} has no column {name}", work.name))
                    .hint("mend the rule in landfall.toml, or add the column")
            })?;
            if text.is_some_and(|text| text.contains('\0')) {
                let place = format!("{}.{name}", work.name);
                return Err(Fault::fail(format!("{place}: the text holds a NUL, which no column takes")));
            }
            columns.push((name, ty.as_str()));
            texts.push(text);
        }
        Ok(Self { table, columns, texts })
    }

    /// Changes the rows with this key; how many there are. Without a column to change it counts them.
    fn update(&self) -> String {
        let [(key, ty), others @ ..] = self.columns.as_slice() else { return String::new() };
        let found = format!("{} = $1::{ty}", quote(key));
        if others.is_empty() {
            return format!("SELECT count(*) FROM {} WHERE {found}", self.table.sql);
        }
        let sets = others.iter().zip(2..).map(|((name, ty), n)| format!("{} = ${n}::{ty}", quote(name)));
        format!(
            "WITH changed AS (UPDATE {} SET {} WHERE {found} RETURNING 1) SELECT count(*) FROM changed",
            self.table.sql,
            sets.collect::<Vec<_>>().join(", ")
        )
    }

    fn insert(&self) -> String {
        let names = self.columns.iter().map(|(name, _)| quote(name));
        let values = self.columns.iter().zip(1..).map(|((_, ty), n)| format!("${n}::{ty}"));
        format!(
            "INSERT INTO {} ({}) VALUES ({})",
            self.table.sql,
            names.collect::<Vec<_>>().join(", "),
            values.collect::<Vec<_>>().join(", ")
        )
    }

    fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.texts.iter().map(|text| (text as &(dyn ToSql + Sync), Type::TEXT)).collect()
    }
}

/// The table of that name, `members` or `schema.members`, as the catalogue has it now.
async fn table(session: &Session, name: &str) -> Result<Table, Fault> {
    let quoted = match name.split_once('.') {
        Some((schema, name)) => format!("{}.{}", quote(schema), quote(name)),
        None => quote(name),
    };
    let rows = session
        .query_typed(
            "SELECT n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, -1) \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')",
            &[(&quoted, Type::TEXT)],
        )
        .await
        .map_err(|error| session.fault(&error, "read the catalogue"))?;
    let first = rows.first().ok_or_else(|| {
        Fault::usage(format!("there is no table {name}")).hint("mend the rule in landfall.toml")
    })?;
    let sql = format!("{}.{}", quote(first.get(0)), quote(first.get(1)));
    Ok(Table { sql, columns: rows.iter().map(|row| (row.get(2), row.get(3))).collect() })
}

/// Moves the row's moment on; false: an event that happened later wrote it. Whoever else wants to write the
/// row waits here for the end of our transaction.
async fn is_newest(session: &Session, table: &str, key: &str, occurred: Timestamp) -> Result<bool, Fault> {
    let moved = session
        .execute_typed(
            "INSERT INTO landfall.written AS w (table_name, key, occurred) VALUES ($1, $2, $3) \
             ON CONFLICT (table_name, key) DO UPDATE SET occurred = excluded.occurred \
             WHERE w.occurred <= excluded.occurred",
            &[(&table, Type::TEXT), (&key, Type::TEXT), (&occurred, Type::TIMESTAMPTZ)],
        )
        .await
        .map_err(|error| session.fault(&error, "write a row"))?;
    Ok(moved == 1)
}
