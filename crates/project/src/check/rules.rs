//! `[[rule]]`.

use super::checker::Checker;
use super::entities;
use super::section::{self, Form, Section};
use super::serve::{Around, Partner, variants_of};
use super::several::column_odd;
use super::variants;
use crate::keys;
use crate::model::{Deed, RowConfig, RuleConfig, Setting, TableRef};
use crate::spanned::{Span, Spanned};
use crate::unset::Needs;
use crate::wire::{Table, Value};
use base::template::{Hole, TOLD_NAMES};
use base::{Problem, Template, names};
use std::collections::BTreeSet;

/// The rule of the copy that every event causes.
const COPY: &str = "copy";
/// Characters of a rule's name at most: it is a key of a table.
const NAME_MAX: usize = 100;
/// Reminders of one event at most: more would be a nuisance, and each is an action that waits.
const REMINDERS_MAX: usize = 16;

/// Reads the rules.
pub(crate) fn rules(
    checker: &mut Checker<'_>,
    root: &Table,
    around: &Around<'_>,
    community: &Partner,
    pages: &Partner,
) -> Vec<RuleConfig> {
    let Some((key, node)) = root.get("rule") else { return Vec::new() };
    let Value::List(list) = &node.value else {
        let span = section::head(node, &key.span);
        let message = format!("`rule` wants a list of tables, not {}", node.shape());
        checker.error_hint(&span, message, "write [[rule]]");
        return Vec::new();
    };
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut found = Vec::new();
    for node in list {
        let Value::Table(table) = &node.value else {
            checker.error(&node.span, format!("a rule is a table, not {}", node.shape()));
            continue;
        };
        let head = section::head(node, &key.span);
        let form = Form { keys: keys::RULE, path: "rule", needs: Needs::Serve, settable: false };
        let Some(variants) = variants_of("rule") else { continue };
        let Some((deed, mut s)) = variants::read(checker, table, &head, &form, variants) else { continue };
        let name = s.text("name");
        if let Some(name) = &name {
            self::name(checker, name, &mut names);
        }
        let on = texts(s.list("on").map(|on| on.value).unwrap_or_default());
        let when = s.conditions("when");
        let after = s.duration("after");
        let partners = Partners { community, pages };
        let deed = self::deed(checker, deed.name, &mut s, around, &partners);
        if let Some(deed) = &deed {
            check_kinds(checker, deed, &on, when.is_empty());
        }
        for (hole, _) in &when {
            check_hole(checker, &hole.value, &hole.span);
        }
        if let (Some(name), Some(deed), false) = (name, deed, on.is_empty()) {
            found.push(RuleConfig { name, on, when, deed, after, span: head });
        }
    }
    found
}

fn name(checker: &mut Checker<'_>, name: &Spanned<String>, names: &mut BTreeSet<String>) {
    if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        checker.error(&name.span, format!("`rule.name` is no line of at most {NAME_MAX} characters"));
    } else if name == COPY {
        let message = format!("`{COPY}` is the rule that keeps a copy of every event");
        checker.error_hint(&name.span, message, "choose another name");
    } else if !names.insert(name.value.clone()) {
        checker.error(&name.span, "another rule has this name");
    }
}

fn texts(list: Vec<Spanned<Setting>>) -> Vec<Spanned<String>> {
    let text = |one: Spanned<Setting>| match one.value {
        Setting::Text(text) => Some(Spanned::new(text, one.span)),
        _ => None,
    };
    list.into_iter().filter_map(text).collect()
}

/// The systems that actions talk to.
struct Partners<'p> {
    community: &'p Partner,
    pages: &'p Partner,
}

/// What a rule causes; `None`: a problem is recorded.
fn deed(
    checker: &mut Checker<'_>,
    word: &str,
    s: &mut Section,
    around: &Around<'_>,
    partners: &Partners<'_>,
) -> Option<Deed> {
    let head = s.span.clone();
    let needs_community = |checker: &mut Checker<'_>| {
        if *partners.community == Partner::Missing {
            let message = format!("`{word}` talks to a community, and none is named");
            checker.error_hint(
                &head,
                message,
                "write `community = \"NAME\"` in [serve], of a section with connector = \"bettermode\"",
            );
        }
    };
    let deed = match word {
        "process_member" => {
            let pages = s.flag("pages").unwrap_or(false);
            if pages && *partners.pages == Partner::Missing {
                let hint =
                    "write `pages = \"NAME\"` in [serve], of a destination with connector = \"notion\"";
                checker.error_hint(&head, "`pages` wants a place for them, and none is named", hint);
            }
            Deed::ProcessMember { row: row(checker, s, around).ok()?, pages }
        }
        "track_activity" => Deed::TrackActivity,
        "schedule_event" => schedule(checker, s, &head, needs_community)?,
        "send_message" => {
            needs_community(checker);
            Deed::SendMessage { to: text(checker, s, "to")?, text: text(checker, s, "text")? }
        }
        "publish_post" => {
            needs_community(checker);
            Deed::PublishPost {
                space: text(checker, s, "space")?,
                title: text(checker, s, "title")?,
                content: text(checker, s, "content")?,
                author: text(checker, s, "author"),
            }
        }
        _ => Deed::CallUrl { url: text(checker, s, "url")? },
    };
    Some(deed)
}

/// A text with holes, each of which somebody tells.
fn text(checker: &mut Checker<'_>, s: &mut Section, name: &str) -> Option<Spanned<Template>> {
    let template = s.template(name)?;
    for hole in template.value.holes() {
        check_hole(checker, hole, &template.span);
    }
    Some(template)
}

/// A name that no sender is known to tell is worth a word: most likely it is misspelt.
fn check_hole(checker: &mut Checker<'_>, hole: &Hole, span: &Span) {
    let Hole::Told(name) = hole else { return };
    if TOLD_NAMES.contains(&name.as_str()) {
        return;
    }
    let problem = Problem::warning(format!("no sender is known to tell `{name}`")).span(Some(span.clone()));
    checker.problems.push(match names::nearest(name, TOLD_NAMES.iter().copied()) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint(format!("known: {}", keys::listed(TOLD_NAMES))),
    });
}

/// A problem is recorded.
struct Recorded;

/// The row of a rule, if it has one.
fn row(
    checker: &mut Checker<'_>,
    s: &mut Section,
    around: &Around<'_>,
) -> Result<Option<RowConfig>, Recorded> {
    let head = s.span.clone();
    let (table, key, fields) = (s.text("table"), s.text("key"), s.templates("fields"));
    let broken = ["table", "key", "fields"].iter().any(|name| s.is_broken(name));
    let Some(table) = table else {
        let stray = key.as_ref().map(|k| ("key", &k.span)).or(fields.as_ref().map(|f| ("fields", &f.span)));
        if let Some((name, span)) = stray.filter(|_| !broken) {
            let hint = "write `table = \"DESTINATION.TABLE\"` above it, or leave it out";
            checker.error_hint(span, format!("`rule.{name}` is of a table, and there is none"), hint);
            return Err(Recorded);
        }
        return if broken { Err(Recorded) } else { Ok(None) };
    };
    let table = destination(checker, table, around);
    let columns = fields.map(|fields| fields.value).unwrap_or_default();
    let Some(key) = key else {
        if !broken {
            let hint = "it wants text: The table's column that holds the member's id.";
            checker.error_hint(&head, "`[[rule]]` has a `table` and no `key`", hint);
        }
        return Err(Recorded);
    };
    if let Some(what) = column_odd(&key) {
        checker.error(&key.span, format!("the column in `rule.key` {what}"));
    }
    for (column, template) in &columns {
        if column.value == key.value {
            let message = format!("`{}` holds the member's id: nothing else can fill it", key.value);
            checker.error_hint(&column.span, message, "leave it out of `fields`");
        }
        for hole in template.value.holes() {
            check_hole(checker, hole, &template.span);
        }
    }
    match (table, broken) {
        (Some(table), false) => Ok(Some(RowConfig { table, key, columns })),
        _ => Err(Recorded),
    }
}

/// The table, in the database that has the inbox: the row and the word about it are one transaction.
fn destination(
    checker: &mut Checker<'_>,
    text: Spanned<String>,
    around: &Around<'_>,
) -> Option<Spanned<TableRef>> {
    if around.destinations.names.is_empty() {
        let hint = "write [destination] with connector = \"postgres\"";
        checker.error_hint(&text.span, "there is a table, and no `[destination]`", hint);
        return None;
    }
    let table = entities::table(checker, text, around.destinations)?;
    let name = &table.value.destination;
    let found = around.destinations.list.iter().find(|d| d.name == *name)?;
    if found.connector != "postgres" {
        checker.error(&table.span, format!("the destination `{name}` is no PostgreSQL database"));
        return None;
    }
    if around.ledger.as_ref() != Some(name) {
        let message = format!("rows of rules are written where the ledger is, and that is not in `{name}`");
        let hint = match around.ledger {
            Some(ledger) => format!("name a table of `{ledger}`, or write [ledger] destination = \"{name}\""),
            None => format!("write:\n[ledger]\ndestination = \"{name}\""),
        };
        checker.error_hint(&table.span, message, hint);
        return None;
    }
    Some(table)
}

fn schedule(
    checker: &mut Checker<'_>,
    s: &mut Section,
    head: &Span,
    needs_community: impl Fn(&mut Checker<'_>),
) -> Option<Deed> {
    let (remind, text) = (s.list("remind"), text(checker, s, "text"));
    if s.is_broken("remind") || s.is_broken("text") {
        return None;
    }
    match (&remind, &text) {
        (Some(remind), Some(_)) if remind.value.len() > REMINDERS_MAX => {
            let message =
                format!("`rule.remind` has {} times; {REMINDERS_MAX} are the most", remind.value.len());
            checker.error(&remind.span, message);
        }
        (Some(_), Some(_)) => needs_community(checker),
        (None, None) => {}
        (Some(_), None) => {
            checker.error_hint(head, "`[[rule]]` reminds and has no `text`", "write what a reminder says");
        }
        (None, Some(text)) => {
            let hint = "write `remind = [\"1d\", \"1h\"]`: how long before it";
            checker.error_hint(&text.span, "there is a `text` and no `remind`: nobody would see it", hint);
        }
    }
    let length = |one: Spanned<Setting>| match one.value {
        Setting::Duration(length) => Some(length),
        _ => None,
    };
    let remind = remind.map(|remind| remind.value).unwrap_or_default();
    Some(Deed::ScheduleEvent { remind: remind.into_iter().filter_map(length).collect(), text })
}

/// Kinds that do not go with what is done.
fn check_kinds(checker: &mut Checker<'_>, deed: &Deed, on: &[Spanned<String>], unconditional: bool) {
    for kind in on {
        match (deed, kind.as_str()) {
            (Deed::TrackActivity, "post.created") => {
                let message = "a post counts when it is published, and not when it is made";
                checker.error_hint(&kind.span, message, "write \"post.published\"");
            }
            (Deed::PublishPost { .. }, "post.published" | "post.created" | "post.*" | "*")
                if unconditional =>
            {
                let message = "the post that this rule publishes is such an event again, without end";
                let problem = Problem::warning(message).span(Some(kind.span.clone()));
                checker.problems.push(problem.hint("keep it from its own posts with `when`"));
            }
            _ => {}
        }
    }
}
