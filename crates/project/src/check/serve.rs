//! `[serve]` and `[serve.webhooks.NAME]`.

use super::checker::Checker;
use super::rules;
use super::section::{self, Form, Section};
use super::systems::{Systems, is_name};
use super::variants;
use crate::keys::{self, Role, SECTIONS, Variants};
use crate::model::{DestinationConfig, ServeConfig, SourceConfig, SystemRef, WebhookConfig};
use crate::spanned::{Span, Spanned};
use crate::unset::Needs;
use crate::wire::Table;
use base::names;

/// What the file says besides.
pub(crate) struct Around<'a> {
    pub sources: &'a Systems<SourceConfig>,
    pub destinations: &'a Systems<DestinationConfig>,
    /// The destination whose database holds the ledger, and so the inbox.
    pub ledger: &'a Option<String>,
}

/// A system that actions talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Partner {
    /// This one.
    Is(SystemRef),
    /// There is none.
    Missing,
    /// There may be one: its problem is recorded.
    Broken,
}

/// Reads `[serve]`, absent with its defaults, and the rules.
pub(crate) fn serve(checker: &mut Checker<'_>, root: &Table, around: &Around<'_>) -> Option<ServeConfig> {
    let empty = Table::default();
    let (table, head) = match root.get("serve") {
        Some(_) => section::one(checker, root, "serve").unwrap_or((&empty, 0..0)),
        None => (&empty, 0..0),
    };
    let known: Vec<&str> = keys::SERVE.iter().map(|key| key.name).chain(["webhooks"]).collect();
    checker.unknown_keys(table, &known, "serve", None);
    let form = Form { keys: keys::SERVE, path: "serve", needs: Needs::Serve, settable: false };
    // A variable that is not set stops `serve` alone: for all others the key has its default.
    let mut s = Section::read(checker, &empty, &head, &form);
    s.absorb(Section::read(checker, table, &head, &form));
    let community = community(checker, &mut s, around);
    let pages = pages(checker, &mut s, around);
    let webhooks = webhooks(checker, table);
    let rules = rules::rules(checker, root, around, &community, &pages);
    let found = |partner: Partner| match partner {
        Partner::Is(system) => Some(system),
        Partner::Missing | Partner::Broken => None,
    };
    Some(ServeConfig {
        listen: s.text("listen")?.value,
        admin_key: s.secret("admin_key"),
        call_secret: s.secret("call_secret"),
        body_bytes_max: s.number("body_bytes_max")?,
        keep_days: s.number("keep_days")?,
        redis: s.secret("redis"),
        mongodb: s.secret("mongodb"),
        cache_seconds: s.number("cache_seconds")?,
        action_seconds: s.number("action_seconds")?,
        workers: s.number("workers")?,
        community: found(community),
        pages: found(pages),
        webhooks,
        rules,
        span: head,
    })
}

/// The BetterMode community: a destination, else a source.
fn community(checker: &mut Checker<'_>, s: &mut Section, around: &Around<'_>) -> Partner {
    const CONNECTOR: &str = "bettermode";
    let destinations = around.destinations.list.iter().map(|d| (&d.name, &d.connector));
    let sources = around.sources.list.iter().map(|s| (&s.name, &s.connector));
    let into = candidates(destinations, Role::Destination, CONNECTOR);
    let from = candidates(sources, Role::Source, CONNECTOR);
    let whole = is_whole(around.destinations, around.destinations.list.len())
        && is_whole(around.sources, around.sources.list.len());
    partner(checker, s, "community", CONNECTOR, &[into, from], whole)
}

/// The destination in Notion.
fn pages(checker: &mut Checker<'_>, s: &mut Section, around: &Around<'_>) -> Partner {
    const CONNECTOR: &str = "notion";
    let destinations = around.destinations.list.iter().map(|d| (&d.name, &d.connector));
    let into = candidates(destinations, Role::Destination, CONNECTOR);
    let whole = is_whole(around.destinations, around.destinations.list.len());
    partner(checker, s, "pages", CONNECTOR, &[into], whole)
}

fn candidates<'c>(
    systems: impl Iterator<Item = (&'c String, &'c String)>,
    role: Role,
    connector: &str,
) -> Vec<SystemRef> {
    let of = systems.filter(|(_, its)| *its == connector);
    of.map(|(name, _)| SystemRef { role, name: name.clone() }).collect()
}

/// Whether every system of a role could be read.
fn is_whole<T>(systems: &Systems<T>, read: usize) -> bool {
    systems.names.len() == read
}

/// The system that a key names; without the key the only one, of the first role that has one.
fn partner(
    checker: &mut Checker<'_>,
    s: &mut Section,
    key: &str,
    connector: &str,
    candidates: &[Vec<SystemRef>],
    whole: bool,
) -> Partner {
    if s.is_broken(key) {
        return Partner::Broken;
    }
    let Some(name) = s.text(key) else {
        return match candidates.iter().find(|of_role| !of_role.is_empty()).map(Vec::as_slice) {
            Some([only]) => Partner::Is(only.clone()),
            _ if !whole => Partner::Broken,
            _ => Partner::Missing,
        };
    };
    if let Some(found) = candidates.iter().flatten().find(|system| name == system.name.as_str()) {
        return Partner::Is(found.clone());
    }
    if whole {
        let known: Vec<&str> =
            candidates.iter().flatten().map(|s| s.name.as_str()).filter(|name| !name.is_empty()).collect();
        let hint = match names::nearest(&name, known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if !known.is_empty() => format!("there is {}", keys::listed(&known)),
            None if candidates.iter().flatten().next().is_some() => {
                format!("leave `{key}` out: the only one has no name")
            }
            None => format!("write a section with connector = \"{connector}\" and that name"),
        };
        let message = format!("`serve.{key}` names nothing with connector `{connector}`");
        checker.error_hint(&name.span, message, hint);
    }
    Partner::Broken
}

/// What a key of a section decides about its others.
pub(crate) fn variants_of(section: &str) -> Option<&'static Variants> {
    SECTIONS.iter().find(|s| s.name == section)?.variants()
}

fn webhooks(checker: &mut Checker<'_>, serve: &Table) -> Vec<WebhookConfig> {
    let mut found = Vec::new();
    for (key, table, head) in section::named_in(checker, serve, "serve.", "webhooks") {
        if !is_name(&key.value, '_') {
            let message = format!("`{}` cannot be the name of a webhook", key.value);
            checker.error_hint(&key.span, message, "lower-case letters, digits and `_`, a letter first");
        }
        found.extend(webhook(checker, key, table, head));
    }
    found
}

fn webhook(
    checker: &mut Checker<'_>,
    key: &Spanned<String>,
    table: &Table,
    head: Span,
) -> Option<WebhookConfig> {
    let path = format!("serve.webhooks.{}", key.value);
    let form = Form { keys: keys::WEBHOOK, path: &path, needs: Needs::Serve, settable: false };
    let (sender, mut s) = variants::read(checker, table, &head, &form, variants_of("serve.webhooks")?)?;
    Some(WebhookConfig {
        name: key.value.clone(),
        sender: sender.name.to_owned(),
        enabled: s.flag("enabled")?,
        secret: s.secret("secret"),
        token: s.secret("token"),
        allow_unsigned: s.flag("allow_unsigned").unwrap_or(false),
        span: head,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::read_with;
    use crate::environment::Environment;
    use crate::keys::{ConnectorKind, Key, Kind};
    use crate::overrides::Overrides;

    /// Notion, and a database.
    const CONNECTORS: &[ConnectorKind] = &[
        ConnectorKind { name: "notion", role: Role::Destination, doc: "", keys: &[] },
        ConnectorKind {
            name: "postgres",
            role: Role::Destination,
            doc: "",
            keys: &[Key::new("url", Kind::PostgresUrl, "").required()],
        },
    ];

    #[test]
    fn pages_go_to_the_only_notion_unless_one_is_named() {
        let database = "[destination.app]\nconnector = \"postgres\"\nurl = \"embedded\"\n";
        let notion = |name: &str| format!("[destination.{name}]\nconnector = \"notion\"\n");
        let rule = "[[rule]]\nname = \"a\"\non = [\"*\"]\ndo = \"process_member\"\npages = true\n";
        let none = "`pages` wants a place for them, and none is named";
        let nothing = "`serve.pages` names nothing with connector `notion`";
        for (text, expected) in [
            (notion("n"), Ok("n")),
            (format!("{}{}[serve]\npages = \"b\"\n", notion("a"), notion("b")), Ok("b")),
            (database.to_owned(), Err(none)),
            (format!("{}{}", notion("a"), notion("b")), Err(none)),
            (format!("{database}{}[serve]\npages = \"app\"\n", notion("n")), Err(nothing)),
            (format!("{}[serve]\npages = \"m\"\n", notion("n")), Err(nothing)),
        ] {
            let text = format!("[project]\nname = \"x\"\n{text}{rule}");
            let reading = read_with(&text, &Environment::default(), &Overrides::default(), CONNECTORS);
            match (expected, reading.project) {
                (Ok(name), Some(project)) => {
                    let pages = SystemRef { role: Role::Destination, name: name.to_owned() };
                    assert_eq!(project.serve.pages, Some(pages), "{text}");
                }
                (Err(message), None) => {
                    let messages: Vec<&str> = reading.problems.iter().map(|p| p.message.as_str()).collect();
                    assert_eq!(messages, [message], "{text}");
                }
                (expected, _) => panic!("{expected:?}: {:?}\n{text}", reading.problems),
            }
        }
    }
}
