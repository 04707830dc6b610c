//! Helpers of the tests.

use base::{Problem, Severity};
use project::Environment;
use std::path::{Path, PathBuf};

/// A project that is whole: one source, one destination, one entity, one check.
pub const WHOLE: &str = r#"[project]
name = "shop"

[source]
connector = "bubble"
url = "https://shop.example/api/1.1"
api_key = "${BUBBLE_API_KEY}"

[destination]
connector = "postgres"
url = "${DATABASE_URL:-embedded}"

[move]
batch_size = "${MIGRATION_BATCH_SIZE:-100}"

[entity.users]
from = "user"
key = "_id"

[entity.users.fields]
email = "email"

[[check]]
name = "users have addresses"
sql = "SELECT id FROM dest.users WHERE email = ''"
"#;

/// The variables that [`WHOLE`] needs, and more.
pub fn environment(more: &[(&str, &str)]) -> Environment {
    let own = [("BUBBLE_API_KEY", "0123456789abcdef")];
    Environment::new(own.iter().chain(more).map(|(k, v)| (*k, *v)))
}

/// Line and column (characters, from 1) of a byte.
pub fn place(text: &str, at: usize) -> String {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    format!("{line}:{column}")
}

/// A problem as people could see it: severity, place, what it is about, message, hint.
pub fn shown(text: &str, problem: &Problem) -> String {
    let severity = match problem.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let place = problem.span.as_ref().map_or("-".to_owned(), |span| {
        let about = text[span.clone()].lines().next().unwrap_or_default();
        format!("{} «{about}»", place(text, span.start))
    });
    let hint =
        problem.hint.as_ref().map(|h| format!("\n    hint: {}", h.replace('\n', "⏎"))).unwrap_or_default();
    format!("{severity} {place}\n    {}{hint}", problem.message)
}

/// A folder of the examples.
pub fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}
