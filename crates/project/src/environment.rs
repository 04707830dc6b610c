//! Variables: those of the process, and those of a `.env` file beside the project file.

use crate::dotenv;
use base::Problem;
use std::collections::BTreeMap;
use std::fmt;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// An option on the command line.
    Option,
    /// The environment of the process.
    Environment,
    /// The `.env` file.
    Dotenv,
}

/// The variables that a project file may read. The environment wins over `.env`, also with an empty value.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    process: BTreeMap<String, String>,
    dotenv: BTreeMap<String, String>,
}

impl Environment {
    /// The variables of a process, without a `.env`.
    pub fn new<K: Into<String>, V: Into<String>>(process: impl IntoIterator<Item = (K, V)>) -> Self {
        let process = process.into_iter().map(|(k, v)| (k.into(), v.into())).collect();
        Self { process, dotenv: BTreeMap::new() }
    }

    /// The variables of a process and the text of a `.env`, with what is odd in that.
    pub fn from_process_and<K: Into<String>, V: Into<String>>(
        process: impl IntoIterator<Item = (K, V)>,
        dotenv: &str,
    ) -> (Self, Vec<Problem>) {
        let mut environment = Self::new(process);
        let problems = environment.add_dotenv(dotenv);
        (environment, problems)
    }

    /// Takes the text of a `.env` in the place of an earlier one; each odd line is a warning that names it.
    pub fn add_dotenv(&mut self, text: &str) -> Vec<Problem> {
        let (found, problems) = dotenv::parse(text);
        self.dotenv = found;
        problems.iter().map(|p| Problem::warning(format!(".env, line {}: {}", p.line, p.message))).collect()
    }

    /// The value of a variable.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.lookup(name).map(|(value, _)| value)
    }

    /// The value of a variable, and where it stands.
    pub fn lookup(&self, name: &str) -> Option<(&str, Origin)> {
        let process = self.process.get(name).map(|v| (v.as_str(), Origin::Environment));
        process.or_else(|| self.dotenv.get(name).map(|v| (v.as_str(), Origin::Dotenv)))
    }

    /// The value of a variable that is set and not empty: empty counts as not set, as in a shell's `:-`.
    pub(crate) fn filled(&self, name: &str) -> Option<(&str, Origin)> {
        self.lookup(name).filter(|(value, _)| !value.is_empty())
    }

    /// The names that are set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.process.keys().chain(self.dotenv.keys()).map(String::as_str)
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("process", &self.process.keys())
            .field("dotenv", &self.dotenv.keys())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_the_file_beside_the_project() {
        let (environment, problems) =
            Environment::from_process_and([("A", "process"), ("E", "")], "A=file\nB=file\nE=file\n");
        assert!(problems.is_empty());
        assert_eq!(environment.lookup("A"), Some(("process", Origin::Environment)));
        assert_eq!(environment.lookup("B"), Some(("file", Origin::Dotenv)));
        assert_eq!(environment.var("E"), Some(""));
        assert_eq!(environment.filled("E"), None);
        assert_eq!(environment.var("C"), None);
    }

    #[test]
    fn shown_for_debugging_it_holds_no_value() {
        let (environment, _) = Environment::from_process_and([("A", "hunter2")], "B=hunter3");
        let shown = format!("{environment:?}");
        assert!(shown.contains("\"A\"") && shown.contains("\"B\"") && !shown.contains("hunter"), "{shown}");
    }
}
