//! Variables that are not set, and who needs them: a command that reads only the ledger works without the key
//! of the source.

use crate::spanned::Span;
use base::Problem;

/// Who needs a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// No system in particular: no command works without it, and there is no [`crate::Project`].
    Nothing,
    /// Whoever opens the source of this name.
    Source(String),
    /// Whoever opens the destination of this name.
    Destination(String),
    /// `landfall serve`.
    Serve,
}

/// A variable that the file reads, that is not set (or empty) and has no default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsetVariable {
    /// The variable.
    pub name: String,
    /// The key that reads it: `source.api_key`.
    pub key: String,
    /// What the key is for.
    pub doc: &'static str,
    /// Who needs it.
    pub needed_by: Needs,
    /// Whether it is set, to nothing.
    pub empty: bool,
    /// An option that gives the value as well, without its dashes.
    pub option: Option<String>,
    /// Where the file reads it.
    pub span: Span,
}

impl UnsetVariable {
    /// It as a problem that stops a command which needs it.
    pub fn problem(&self) -> Problem {
        let state = if self.empty { "is set to nothing" } else { "is not set" };
        let option = self.option.as_ref().map(|o| format!(", or give --{o}")).unwrap_or_default();
        let name = &self.name;
        Problem::error(format!("the variable `{name}` {state}, and `{}` needs it", self.key))
            .span(Some(self.span.clone()))
            .hint(format!(
                "{} To set it: export {name}=…, or a line {name}=… in .env beside landfall.toml{option}",
                self.doc
            ))
    }
}
