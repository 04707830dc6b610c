//! What is collected while the file is checked, and how one value is read.

use crate::address;
use crate::environment::Environment;
use crate::keys::{Key, Kind};
use crate::mask;
use crate::model::Setting;
use crate::setting::{self, Misfit, Text};
use crate::spanned::Span;
use crate::template::{self, Piece};
use crate::unset::{Needs, UnsetVariable};
use crate::wire::{Node, Table, Value};
use base::{Problem, Secret, names};
use std::collections::BTreeMap;

/// A value for a setting from outside the file.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub value: Secret,
    /// Who gave it: "--circle-token", "`CIRCLE_TOKEN`".
    pub by: String,
    /// Whether it came from the command line, where others can see it.
    pub on_command_line: bool,
    /// The option's section, when the file declares one.
    pub span: Option<Span>,
}

/// Says of a key that it belongs to another place.
type Elsewhere<'e> = &'e dyn Fn(&str) -> Option<String>;

/// What is collected while the file is checked.
#[derive(Debug)]
pub(crate) struct Checker<'a> {
    pub text: &'a str,
    pub env: &'a Environment,
    pub problems: Vec<Problem>,
    pub unset: Vec<UnsetVariable>,
    /// Places of literal secrets.
    pub secrets: Vec<Span>,
    /// Values from outside, by setting: `source.api_key`.
    pub given: BTreeMap<String, Given>,
    /// Every setting that an option could set, and its key.
    pub settable: BTreeMap<String, Key>,
    /// Beginnings of settings that are not known, because their section's connector is not.
    pub unread: Vec<String>,
    /// Options by the setting that they set.
    pub option_of: BTreeMap<String, String>,
    driver_noted: bool,
}

/// Where a value stands: its key, the key's path, and who needs it.
pub(crate) struct Place<'p> {
    pub key: &'p Key,
    pub path: &'p str,
    pub needs: &'p Needs,
}

/// How reading a value ended.
pub(crate) enum Read<T> {
    Value(T),
    /// As if it were not there: a variable that may be empty is.
    Absent,
    /// A problem or an unset variable was recorded.
    Broken,
}

impl<'a> Checker<'a> {
    pub fn new(text: &'a str, env: &'a Environment) -> Self {
        Self {
            text,
            env,
            problems: Vec::new(),
            unset: Vec::new(),
            secrets: Vec::new(),
            given: BTreeMap::new(),
            settable: BTreeMap::new(),
            unread: Vec::new(),
            option_of: BTreeMap::new(),
            driver_noted: false,
        }
    }

    /// Records an error at a place.
    pub fn error(&mut self, span: &Span, message: impl Into<String>) {
        self.problems.push(Problem::error(message).span(Some(span.clone())));
    }

    /// Records an error at a place with what to do.
    pub fn error_hint(&mut self, span: &Span, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Problem::error(message).span(Some(span.clone())).hint(hint));
    }

    /// Names the keys of a table that nothing knows. `elsewhere` says of a key that it belongs to another
    /// place.
    pub fn unknown_keys(
        &mut self,
        table: &Table,
        known: &[&str],
        path: &str,
        elsewhere: Option<Elsewhere<'_>>,
    ) {
        for (key, node) in &table.entries {
            if known.contains(&key.value.as_str()) {
                continue;
            }
            if mask::looks_secret(key) {
                self.secrets.push(node.span.clone());
            }
            let what =
                if matches!(node.value, Value::Table(_)) && path.is_empty() { "section" } else { "key" };
            let within = if path.is_empty() { String::new() } else { format!(" in `{}`", header(path)) };
            let problem = Problem::error(format!("unknown {what} `{}`{within}", key.value))
                .span(Some(key.span.clone()));
            self.problems.push(match elsewhere.and_then(|f| f(key)) {
                Some(hint) => problem.hint(hint),
                None => match names::nearest(key, known.iter().copied()) {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None => problem.hint(format!("known here: {}", crate::keys::listed(known))),
                },
            });
        }
    }

    /// Reads the value of a key.
    pub fn value(&mut self, node: &Node, place: &Place<'_>) -> Read<Setting> {
        let kind = place.key.kind;
        if kind == Kind::Secret && !matches!(node.value, Value::Text(..)) {
            self.secrets.push(node.span.clone());
        }
        let result = match (&node.value, kind) {
            (Value::Table(columns), Kind::Columns | Kind::Templates) => return self.columns(columns, place),
            (Value::Table(conditions), Kind::Conditions) => return self.conditions(conditions, place),
            (Value::Table(table), Kind::Choices(words)) => return self.choices(table, words, place),
            (Value::List(list), Kind::Fields) => return self.fields(list, place),
            (Value::List(list), Kind::List(element)) => return self.list(list, *element, place),
            (Value::Text(..), Kind::Columns | Kind::Choices(_) | Kind::Templates) => Err(Misfit::Shape),
            (Value::Text(..), Kind::Conditions | Kind::Fields | Kind::List(_)) => Err(Misfit::Shape),
            (Value::Text(text, start), _) => return self.text(text, *start, &node.span, place),
            (Value::Integer(value), Kind::Integer(low, high)) => {
                setting::integer(*value, low, high, true).map(Setting::Integer)
            }
            (Value::Integer(value), Kind::Rejects) => setting::convert(
                kind,
                &Text { text: &value.to_string(), span: &node.span, start: None, open: true },
            ),
            (Value::Boolean(value), Kind::Boolean) => Ok(Setting::Boolean(*value)),
            _ => Err(Misfit::Shape),
        };
        match result {
            Ok(setting) => Read::Value(setting),
            Err(Misfit::Odd { what, hint }) => self.odd(&node.span, place, &what, hint),
            Err(Misfit::At { what, .. }) => self.odd(&node.span, place, &what, None),
            Err(Misfit::Shape) => {
                let hint = match (&node.value, kind) {
                    (
                        Value::Boolean(_) | Value::Integer(_),
                        Kind::Text | Kind::Path | Kind::Sql | Kind::Template | Kind::Duration,
                    ) => {
                        let raw = self.text.get(node.span.clone()).unwrap_or_default();
                        Some(format!("write it in quotes: \"{raw}\""))
                    }
                    (Value::Text(..), Kind::List(_)) => Some("write it in brackets: [\"…\"]".to_owned()),
                    (_, Kind::Secret) => Some(secret_hint(place)),
                    _ => None,
                };
                let what = format!("wants {}, not {}", kind.wants(), node.shape());
                self.odd(&node.span, place, &what, hint)
            }
        }
    }

    pub fn odd<T>(&mut self, span: &Span, place: &Place<'_>, what: &str, hint: Option<String>) -> Read<T> {
        let problem = Problem::error(format!("`{}` {what}", place.path)).span(Some(span.clone()));
        self.problems.push(match hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        });
        Read::Broken
    }

    /// Reads a string: variables first, then the kind.
    fn text(&mut self, raw: &str, start: Option<usize>, span: &Span, place: &Place<'_>) -> Read<Setting> {
        let kind = place.key.kind;
        let pieces = match template::parse(raw) {
            Ok(pieces) => pieces,
            Err(wrong) => {
                if kind == Kind::Secret || kind.may_hold_password() {
                    self.secrets.push(span.clone());
                }
                let at = start.map_or_else(|| span.clone(), |s| s + wrong.at.start..s + wrong.at.end);
                let hint = "`${NAME}` or `${NAME:-default}` reads a variable, `$${` is a literal `${`";
                return self.odd(&at, place, &format!("is malformed: {}", wrong.what), Some(hint.to_owned()));
            }
        };
        if kind == Kind::Secret && !is_secret(&pieces) {
            self.secrets.push(span.clone());
            let what = "is a secret, and stands here as text";
            return self.odd(span, place, what, Some(secret_hint(place)));
        }
        if kind.may_hold_password() && address::literal_password(&pieces) {
            self.secrets.push(span.clone());
            return self.odd(span, place, "holds a password as text", Some(password_hint(place)));
        }
        if kind == Kind::HttpUrl && raw.contains(['@', '?']) {
            self.secrets.push(span.clone());
        }
        let Some((text, variables)) = self.rendered(&pieces, span, place) else { return Read::Broken };
        if text.is_empty() && !variables.is_empty() {
            return Read::Absent;
        }
        let literal = variables.is_empty();
        if literal && kind.bare() {
            let fits = setting::convert(kind, &Text { text: &text, span, start, open: false }).is_ok();
            let hint = fits.then(|| format!("without quotes: {} = {text}", place.key.name));
            return self.odd(span, place, &format!("wants {}, not text", kind.wants()), hint);
        }
        let start = start.filter(|_| text == raw);
        match setting::convert(kind, &Text { text: &text, span, start, open: literal }) {
            Ok(setting) => {
                if kind == Kind::PostgresUrl {
                    self.note_driver(&text, span);
                }
                Read::Value(setting)
            }
            Err(Misfit::Odd { what, hint }) => {
                let by = if literal { String::new() } else { format!(" (from {})", named(&variables)) };
                self.odd(span, place, &format!("{what}{by}"), hint)
            }
            Err(Misfit::At { what, at }) => {
                let at = start.map_or_else(|| span.clone(), |s| s + at.start..s + at.end);
                let hint = "`{name}` is what the event tells, `{body.path.to}` what stands in its body";
                self.odd(&at, place, &what, Some(hint.to_owned()))
            }
            Err(Misfit::Shape) if literal => self.odd(span, place, &format!("wants {}", kind.wants()), None),
            Err(Misfit::Shape) => {
                let shape = setting::shape(&text);
                let what = format!("wants {}, and {} gives {shape}", kind.wants(), named(&variables));
                self.odd(span, place, &what, None)
            }
        }
    }

    /// Replaces variables; `None`: one is not set, which is recorded. Also the names of those it used.
    fn rendered(
        &mut self,
        pieces: &[Piece],
        span: &Span,
        place: &Place<'_>,
    ) -> Option<(String, Vec<String>)> {
        let mut text = String::new();
        let mut used = Vec::new();
        let mut complete = true;
        for piece in pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Variable { name, default } => {
                    match (self.env.filled(name), default) {
                        (Some((value, _)), _) => text.push_str(value),
                        (None, Some(default)) => text.push_str(default),
                        (None, None) => {
                            complete = false;
                            self.unset.push(UnsetVariable {
                                name: name.clone(),
                                key: place.path.to_owned(),
                                doc: place.key.doc,
                                needed_by: place.needs.clone(),
                                empty: self.env.var(name).is_some(),
                                option: self.option_of.get(place.path).cloned(),
                                span: span.clone(),
                            });
                        }
                    }
                    used.push(name.clone());
                }
            }
        }
        complete.then_some((text, used))
    }

    fn note_driver(&mut self, text: &str, span: &Span) {
        if let (_, Some(driver)) = address::without_driver(text)
            && !std::mem::replace(&mut self.driver_noted, true)
        {
            // A driver's name is letters and digits; anything else is not shown, it may be part of a secret.
            let named =
                if driver.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && driver.len() <= 20 {
                    format!("`+{driver}`")
                } else {
                    "the driver".to_owned()
                };
            let message = format!("{named} in the address names a driver of another program; it is dropped");
            self.problems.push(Problem::note(message).span(Some(span.clone())));
        }
    }
}

/// Whether a secret is written as it must be: one variable, and no default but an empty one.
fn is_secret(pieces: &[Piece]) -> bool {
    matches!(pieces, [Piece::Variable { default, .. }] if default.as_deref().is_none_or(str::is_empty))
}

fn secret_hint(place: &Place<'_>) -> String {
    let name = place.path.replace(['.', '-'], "_").to_ascii_uppercase();
    format!("write {} = \"${{{name}}}\", and put the value into the environment or .env", place.key.name)
}

/// What to write instead of an address with a password.
fn password_hint(place: &Place<'_>) -> String {
    if place.key.kind == Kind::PostgresUrl {
        return "put the address into a variable and write \"${DATABASE_URL}\", or only the password: \
                \"postgresql://user:${DATABASE_PASSWORD}@host/database\""
            .to_owned();
    }
    let name = place.key.name.to_ascii_uppercase();
    let name = if name.ends_with("URL") { "HOOK_URL".to_owned() } else { format!("{name}_URL") };
    format!("put the address into a variable and write {} = \"${{{name}}}\"", place.key.name)
}

/// A section as people write it.
pub(crate) fn header(path: &str) -> String {
    if matches!(path, "check" | "rule") { format!("[[{path}]]") } else { format!("[{path}]") }
}

fn named(variables: &[String]) -> String {
    crate::keys::listed(variables)
}
