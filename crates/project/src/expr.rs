//! A piece of SQL from the project file, and where each of its bytes stands there.

use crate::spanned::Span;
use std::ops::Range;

/// SQL that stands in the project file: an expression of a mapping, or the query of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// The SQL, with its `${NAME}` replaced.
    pub sql: String,
    /// The whole string in the file, its quotes included.
    pub span: Span,
    /// The file's byte at which `sql` begins, when the file holds it byte for byte: no escapes, no variables.
    start: Option<usize>,
}

impl Expr {
    /// SQL whose string is at `span`; `start` is the byte at which its content begins if that equals `sql`.
    pub(crate) fn new(sql: String, span: Span, start: Option<usize>) -> Self {
        Self { sql, span, start }
    }

    /// SQL that stands in no file: made by the program, or by a test.
    pub fn bare(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), span: 0..0, start: None }
    }

    /// Where bytes `within` of the SQL stand in the file; the whole string when its text there is another
    /// (escapes, variables), or when `within` does not lie inside the SQL.
    pub fn span_of(&self, within: Range<usize>) -> Span {
        match self.start {
            Some(start) if within.start <= within.end && within.end <= self.sql.len() => {
                start + within.start..start + within.end
            }
            _ => self.span.clone(),
        }
    }
}
