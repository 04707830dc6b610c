//! `[source]` and `[destination]`: one without a name, or several with names.

use super::checker::Checker;
use super::section::{self, Form, Section};
use crate::keys::{self, CONNECTOR, ConnectorKind, Key, Role};
use crate::model::{CsvEmpty, DestinationConfig, SourceConfig};
use crate::spanned::{Span, Spanned};
use crate::unset::Needs;
use crate::wire::{Table, Value};
use base::names;

/// The systems of a role.
#[derive(Debug)]
pub(crate) struct Systems<T> {
    /// Those without a problem.
    pub list: Vec<T>,
    /// The names of all, with or without a problem; `""`: the only one, which has none.
    pub names: Vec<String>,
    /// What they are.
    pub role: Role,
}

impl<T> Systems<T> {
    /// Takes `NAME.REST` apart; a name may be left out while there is only one system. `Err`: the names to
    /// choose from.
    pub fn split<'t>(&self, text: &'t str) -> Result<(String, &'t str), &[String]> {
        let named =
            text.split_once('.').filter(|(name, _)| !name.is_empty() && self.names.iter().any(|n| n == name));
        match (named, self.names.as_slice()) {
            (Some((name, rest)), _) => Ok((name.to_owned(), rest)),
            (None, []) => Ok((String::new(), text)),
            (None, [only]) => Ok((only.clone(), text)),
            (None, many) => Err(many),
        }
    }
}

/// Reads the sources.
pub(crate) fn sources(
    checker: &mut Checker<'_>,
    root: &Table,
    connectors: &[ConnectorKind],
) -> Systems<SourceConfig> {
    systems(checker, root, Role::Source, connectors, |name, connector, mut s| {
        let null = |word: &Spanned<String>| word.value == "null";
        Some(SourceConfig {
            name,
            connector,
            url: s.text("url"),
            api_key: s.secret("api_key"),
            path: s.path("path"),
            time_zone: s.text("time_zone"),
            csv_empty: if s.text("csv_empty").is_none_or(|w| null(&w)) {
                CsvEmpty::Null
            } else {
                CsvEmpty::Text
            },
            connections: s.number("connections"),
            requests_per_minute: s.number("requests_per_minute"),
            span: s.span.clone(),
            settings: s.rest(),
        })
    })
}

/// Reads the destinations.
pub(crate) fn destinations(
    checker: &mut Checker<'_>,
    root: &Table,
    connectors: &[ConnectorKind],
) -> Systems<DestinationConfig> {
    systems(checker, root, Role::Destination, connectors, |name, connector, mut s| {
        let url = s.url("url");
        Some(DestinationConfig {
            name,
            connector,
            url_span: url.as_ref().map_or_else(|| s.span.clone(), |u| u.span.clone()),
            url: url.map(|u| u.value),
            schema: s.path("schema"),
            span: s.span.clone(),
            settings: s.rest(),
        })
    })
}

fn systems<T>(
    checker: &mut Checker<'_>,
    root: &Table,
    role: Role,
    connectors: &[ConnectorKind],
    build: impl Fn(String, String, Section) -> Option<T>,
) -> Systems<T> {
    let mut found = Systems { list: Vec::new(), names: Vec::new(), role };
    for (name, table, head) in tables(checker, root, role, connectors) {
        found.names.push(name.clone());
        let path = if name.is_empty() { role.word().to_owned() } else { format!("{}.{name}", role.word()) };
        let needs = match role {
            Role::Source => Needs::Source(name.clone()),
            Role::Destination => Needs::Destination(name.clone()),
        };
        let mut form = Form { keys: &[CONNECTOR], path: &path, needs, settable: false };
        let kind = if table.get("connector").is_some() {
            let word = Section::read(checker, table, &head, &form).text("connector");
            word.and_then(|word| connector(checker, &word, role, connectors))
        } else {
            let hint = format!("connectors for a {}: {}", role.word(), keys::listed(&of(role, connectors)));
            checker.error_hint(&head, format!("`[{path}]` has no `connector`"), hint);
            None
        };
        let Some(kind) = kind else {
            // Which keys belong here is not known; one that belongs nowhere is wrong all the same.
            let all = connectors.iter().filter(|c| c.role == role).flat_map(|c| c.keys).map(|k| k.name);
            let mut known = vec!["connector"];
            for name in all {
                if !known.contains(&name) {
                    known.push(name);
                }
            }
            checker.unknown_keys(table, &known, &path, None);
            checker.unread.push(format!("{path}."));
            continue;
        };
        let known: Vec<&str> = std::iter::once("connector").chain(kind.keys.iter().map(|k| k.name)).collect();
        checker.unknown_keys(table, &known, &path, Some(&|key| elsewhere(key, kind, connectors)));
        form.keys = kind.keys;
        form.settable = true;
        let section = Section::read(checker, table, &head, &form);
        found.list.extend(build(name, kind.name.to_owned(), section));
    }
    found
}

/// The tables of a role. Keys directly in `[source]` mean one without a name; both at once is a problem.
fn tables<'t>(
    checker: &mut Checker<'_>,
    root: &'t Table,
    role: Role,
    connectors: &[ConnectorKind],
) -> Vec<(String, &'t Table, Span)> {
    let word = role.word();
    let Some((table, head)) = section::one(checker, root, word) else { return Vec::new() };
    let (named, own): (Vec<_>, Vec<_>) =
        table.entries.iter().partition(|(_, node)| matches!(node.value, Value::Table(_)));
    if named.is_empty() {
        return vec![(String::new(), table, head)];
    }
    if let (Some((key, _)), Some((name, _))) = (own.first(), named.first()) {
        let message =
            format!("`{}` stands directly in `[{word}]`, beside `[{word}.{}]`", key.value, name.value);
        let hint = format!("one {word} has its keys in [{word}]; several have theirs in [{word}.NAME] each");
        checker.error_hint(&key.span, message, hint);
    }
    let mut found = Vec::new();
    for (key, node) in named {
        let Value::Table(inner) = &node.value else { continue };
        let known = connectors.iter().flat_map(|c| c.keys).any(|k: &Key| k.name == key.value);
        if known || key.value == "connector" {
            checker.error(&key.span, format!("`{}` is a key, and cannot be the name of a {word}", key.value));
        } else if !is_name(&key.value, '_') {
            let message = format!("`{}` cannot be the name of a {word}", key.value);
            checker.error_hint(&key.span, message, "lower-case letters, digits and `_`, a letter first");
        }
        found.push((key.value.clone(), inner, section::head(node, &key.span)));
    }
    found
}

/// The names of the connectors of a role.
fn of(role: Role, connectors: &[ConnectorKind]) -> Vec<&'static str> {
    connectors.iter().filter(|c| c.role == role).map(|c| c.name).collect()
}

/// The connector of that name, or a problem.
fn connector<'c>(
    checker: &mut Checker<'_>,
    word: &Spanned<String>,
    role: Role,
    connectors: &'c [ConnectorKind],
) -> Option<&'c ConnectorKind> {
    let found = connectors.iter().find(|c| c.role == role && c.name == word.value);
    if found.is_none() {
        let mine = of(role, connectors);
        let hint = match names::nearest(word, mine.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("connectors for a {}: {}", role.word(), keys::listed(&mine)),
        };
        let message = match connectors.iter().find(|c| c.name == word.value) {
            Some(other) => format!("`{}` is a connector for a {} only", word.value, other.role.word()),
            None => format!("there is no connector for a {} of this name", role.word()),
        };
        checker.error_hint(&word.span, message, hint);
    }
    found
}

/// Says of a key that other connectors have it.
fn elsewhere(key: &str, kind: &ConnectorKind, connectors: &[ConnectorKind]) -> Option<String> {
    let others: Vec<&str> =
        connectors.iter().filter(|c| c.keys.iter().any(|k| k.name == key)).map(|c| c.name).collect();
    (!others.is_empty())
        .then(|| format!("it is a key of connector {}, this one is `{}`", keys::listed(&others), kind.name))
}

/// Whether that is a name: lower-case letters, digits and the joint, a letter first, at most 63 characters.
pub(crate) fn is_name(name: &str, joint: char) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::read_with;
    use crate::environment::Environment;
    use crate::keys::Kind;
    use crate::model::Setting;
    use crate::overrides::Overrides;
    use base::Secret;

    /// A connector with keys that no field of [`SourceConfig`] is for.
    const CIRCLE: &[ConnectorKind] = &[ConnectorKind {
        name: "circle",
        role: Role::Source,
        doc: "",
        keys: &[
            Key::new("community_id", Kind::Text, "").required(),
            Key::new("token", Kind::Secret, ""),
            Key::new("include_invited", Kind::Boolean, "").or("false"),
        ],
    }];

    #[test]
    fn keys_of_a_connector_are_kept_and_checked_like_others() {
        let text = "[project]\nname = \"x\"\n[source]\nconnector = \"circle\"\ncommunity_id = \"7\"\n\
                    token = \"${T}\"\n[option.invited]\nsets = \"source.include_invited\"\n";
        let env = Environment::new([("T", "t")]);
        let options = [("invited".to_owned(), Secret::new("true"))].into();
        let overrides = Overrides { options, ..Overrides::default() };
        let reading = read_with(text, &env, &overrides, CIRCLE);
        let project = reading.project.unwrap_or_else(|| panic!("{:?}", reading.problems));
        let settings: Vec<(&str, &Setting)> =
            project.sources[0].settings.iter().map(|(name, s)| (name.as_str(), &s.value)).collect();
        assert_eq!(
            settings,
            [
                ("community_id", &Setting::Text("7".to_owned())),
                ("include_invited", &Setting::Boolean(true)),
                ("token", &Setting::Secret(Secret::new("t"))),
            ]
        );
        let wrong = text.replace("community_id", "comunity_id").replace("${T}", "t");
        let reading = read_with(&wrong, &env, &Overrides::default(), CIRCLE);
        let hints: Vec<&str> = reading.problems.iter().filter_map(|p| p.hint.as_deref()).collect();
        assert_eq!(reading.problems.len(), 3, "{:?}", reading.problems);
        assert!(hints.contains(&"did you mean `community_id`?"), "{hints:?}");
    }
}
