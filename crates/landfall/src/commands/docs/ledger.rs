//! `ledger.md`: the ledger's tables, from the DDL that makes them.

use postgres::bridge;
use postgres::ledger::SCHEMA_SQL;

const HEAD: &str = "# The ledger

The schema `landfall` of the destination's own database, written in the same transactions as the rows that it
describes. `landfall sql \"SELECT … FROM ledger.runs\"` reads it; `landfall db ledger-sql` prints
[ledger.sql](ledger.sql) for an owner to run where the role that moves may not create a schema. It holds
keys, counts and reasons; values of records only in `rejects.value` and, as opaque rows, in `preimages`. The
tables of `landfall serve` are at the end: `events` and `actions` hold what services told.
";

/// All that an owner may have to make: the ledger, and what `landfall serve` keeps beside it.
pub fn ddl() -> String {
    [SCHEMA_SQL, bridge::SCHEMA_SQL, bridge::COLLECTIONS_SQL].map(str::trim_end).join("\n\n") + "\n"
}

/// The page.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for table in tables(SCHEMA_SQL).into_iter().chain(tables(bridge::SCHEMA_SQL)) {
        page.push_str(&format!("\n## `{}`\n\n", table.name));
        if !table.about.is_empty() {
            page.push_str(&format!("{}\n\n", table.about));
        }
        page.push_str("| column | type |\n|---|---|\n");
        for (name, kind) in &table.columns {
            page.push_str(&format!("| `{name}` | {kind} |\n"));
        }
    }
    page
}

/// A table as the DDL says it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    name: String,
    /// The comment above it.
    about: String,
    /// Names and types with what follows them.
    columns: Vec<(String, String)>,
}

/// The tables of a DDL that is written as ours is: a column a line, constraints behind the columns.
fn tables(sql: &str) -> Vec<Table> {
    let (mut tables, mut comment, mut open) = (Vec::new(), Vec::new(), false);
    for line in sql.lines() {
        let line = line.trim();
        if let Some(words) = line.strip_prefix("--") {
            comment.push(words.trim());
        } else if let Some(name) = line.strip_prefix("CREATE TABLE landfall.") {
            let name = name.trim_end_matches([' ', '(']).to_owned();
            tables.push(Table { name, about: comment.join(" "), columns: Vec::new() });
            open = true;
        } else if line.starts_with(')') {
            open = false;
        } else if open && let Some(table) = tables.last_mut() {
            table.columns.extend(column(line));
        }
        if !line.starts_with("--") {
            comment.clear();
        }
    }
    tables
}

/// A column's name and type; `None` for a constraint or the rest of one.
fn column(line: &str) -> Option<(String, String)> {
    let (name, kind) = line.trim_end_matches(',').split_once(' ')?;
    let own = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let kind = kind.split(" CHECK ").next().unwrap_or(kind);
    own.then(|| (name.to_owned(), kind.split_whitespace().collect::<Vec<_>>().join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_the_ddl_is_on_the_page_with_its_columns() {
        let tables = tables(SCHEMA_SQL);
        assert_eq!(tables.len(), SCHEMA_SQL.matches("CREATE TABLE ").count());
        assert!(tables.iter().all(|table| !table.columns.is_empty()), "{tables:?}");
    }

    #[test]
    fn comments_columns_and_constraints_are_told_apart() {
        let sql = "-- Of all.\n\n-- What\n-- it is.\nCREATE TABLE landfall.a (\n    id  bigint PRIMARY \
            KEY,\n    \
                   state text NOT NULL CHECK (state IN ('x',\n                     'y')),\n    UNIQUE \
                       (id)\n);\n";
        let own = |name: &str, kind: &str| (name.to_owned(), kind.to_owned());
        let columns = vec![own("id", "bigint PRIMARY KEY"), own("state", "text NOT NULL")];
        assert_eq!(tables(sql), [Table { name: "a".into(), about: "What it is.".into(), columns }]);
    }
}
