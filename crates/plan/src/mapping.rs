//! The mapping of one entity: from the fields of a stream to the columns of a table.

use std::ops::Range;
use values::PgType;

/// The mapping of one entity, checked against the destination's catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// The entity.
    pub entity: String,
    /// The source's field (normalised) that identifies a record.
    pub key_field: String,
    /// Where the key of the destination's row comes from.
    pub key: Key,
    /// The columns that are written, the key's first.
    pub columns: Vec<ColumnMapping>,
    /// Records for which this is not true are left out.
    pub filter: Option<Origin>,
}

impl Mapping {
    /// Positions in `columns` of the key.
    pub fn key_positions(&self) -> Vec<usize> {
        self.key
            .columns
            .iter()
            .filter_map(|name| self.columns.iter().position(|c| &c.column == name))
            .collect()
    }

    /// The position of the column that `hash_password` fills.
    pub fn password_position(&self) -> Option<usize> {
        self.columns.iter().position(|c| c.password)
    }

    /// A text that changes when the meaning of the mapping or the type of a column does; a run that has
    /// committed batches under another one is not resumed.
    pub fn fingerprint_text(&self) -> String {
        use std::fmt::Write;
        let mut text = format!("{}\n{:?}\n{}\n", self.entity, self.key.kind, self.key_field);
        for c in &self.columns {
            let sql = c.origin.as_ref().map_or("", |o| o.sql.as_str());
            let _ = writeln!(text, "{}\t{}\t{}\t{sql}", c.column, c.ty.name, c.not_null);
        }
        let _ = writeln!(text, "{}", self.filter.as_ref().map_or("", |f| f.sql.as_str()));
        text
    }
}

/// The destination's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its columns.
    pub columns: Vec<String>,
    /// Where it comes from.
    pub kind: KeyKind,
}

/// Where a key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// UUID version 5 of project, entity and source id.
    Derived,
    /// The next numbers of a reserved block, kept in the id map.
    Numbered,
    /// The service's own, told when it makes the thing, kept in the id map.
    Given,
    /// The mapping's expressions.
    Mapped,
}

/// One column that is written.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnMapping {
    /// The column.
    pub column: String,
    /// Its type.
    pub ty: PgType,
    /// Whether it refuses NULL.
    pub not_null: bool,
    /// The wire bytes that stand in for NULL in a NOT NULL column with a default, evaluated once per run.
    pub default: Option<Vec<u8>>,
    /// The expression; `None`: the run makes the value (a derived or numbered key).
    pub origin: Option<Origin>,
    /// Whether `hash_password` is the expression's outermost function.
    pub password: bool,
}

/// An expression and where it stands in the project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// SQL over the source's fields.
    pub sql: String,
    /// Bytes of the project file.
    pub span: Option<Range<usize>>,
}
