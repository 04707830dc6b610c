//! What is missing, obsolete or unsafe in a `.env`.

use super::names::{CIRCLE, CIRCLE_WEBHOOK_TOKEN, ENABLE_BETTERMODE, ENABLE_CIRCLE, RENAMED, switch};
use crate::address::holds_password;
use crate::dotenv::{self, DotenvEntry};
use crate::mask::looks_secret;
use base::Severity;
use std::collections::BTreeMap;

/// The rights of everybody but the owner.
const OTHERS: u32 = 0o077;

/// What is known of the file beside its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// Its permission bits; `None`: nobody can tell.
    pub mode: Option<u32>,
    /// Whether git keeps it; `None`: there is no git here.
    pub tracked: Option<bool>,
}

/// Something to look at. It holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvFinding {
    /// [`Severity::Error`]: it will not work, or somebody can read a secret.
    pub severity: Severity,
    /// The line, from 1; `None`: the file as a whole.
    pub line: Option<usize>,
    /// What, one sentence without a full stop.
    pub what: String,
    /// What to do; empty: it is plain.
    pub hint: String,
}

/// What is to be looked at, in the order of the file; then what is missing. `wanted`: variables that the
/// project cannot do without and that nothing else sets.
pub fn check(text: &str, facts: FileFacts, wanted: &[String]) -> Vec<EnvFinding> {
    let entries = dotenv::entries(text);
    let (values, odd) = dotenv::parse(text);
    let mut list = List::default();
    list.file(&entries, facts);
    for problem in odd {
        list.add(Severity::Warning, Some(problem.line), problem.message, "");
    }
    for entry in &entries {
        if let Some(name) = entry.name {
            list.entry(name, entry, &values);
        }
    }
    list.0.sort_by_key(|finding| finding.line);
    list.missing(&values, wanted);
    list.0
}

#[derive(Default)]
struct List(Vec<EnvFinding>);

impl List {
    fn add(
        &mut self,
        severity: Severity,
        line: Option<usize>,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.0.push(EnvFinding { severity, line, what: what.into(), hint: hint.into() });
    }

    fn file(&mut self, entries: &[DotenvEntry<'_>], facts: FileFacts) {
        let secrets = entries.iter().filter(|e| is_secret(e)).count();
        if secrets == 0 {
            return;
        }
        if let Some(mode) = facts.mode.filter(|mode| mode & OTHERS != 0) {
            let what = format!("others on this machine can use this file (mode {:o})", mode & 0o777);
            self.add(Severity::Error, None, what, "chmod 600 FILE");
        }
        if facts.tracked == Some(true) {
            self.add(
                Severity::Error,
                None,
                format!("git keeps this file, with {secrets} secrets in it"),
                "git rm --cached FILE, add it to .gitignore, and change the secrets: the history has them",
            );
        }
    }

    fn entry(&mut self, name: &str, entry: &DotenvEntry<'_>, values: &BTreeMap<String, String>) {
        let line = Some(entry.line);
        let value = entry.value.trim();
        if let Some((_, to)) = RENAMED.iter().find(|(from, _)| *from == name)
            && !values.contains_key(*to)
        {
            self.add(
                Severity::Warning,
                line,
                format!("`{name}` is not read; `{to}` is"),
                "landfall env migrate",
            );
        }
        let circle_off = values.get(ENABLE_CIRCLE).is_some_and(|value| switch(value) == Some(false));
        if name.starts_with(CIRCLE) && circle_off {
            let what = format!("`{name}` is obsolete: {ENABLE_CIRCLE} is false");
            self.add(Severity::Warning, line, what, "after the move: landfall env migrate");
        }
        if [ENABLE_CIRCLE, ENABLE_BETTERMODE].contains(&name) && !value.is_empty() && switch(value).is_none()
        {
            self.add(Severity::Error, line, format!("`{name}` is neither true nor false"), "");
        }
        if ["TESTING_MODE", "DISABLE_API_BETTERMODE"].contains(&name) && switch(value) == Some(true) {
            self.add(Severity::Warning, line, format!("`{name}` is on: BetterMode itself is not called"), "");
        }
        match host(value) {
            Some(host) if is_local(host) => {
                let what = format!("`{name}` points to this machine");
                self.add(Severity::Warning, line, what, "right for practice only");
            }
            Some(_) if value.starts_with("http://") => {
                let what = format!("`{name}` is not encrypted on its way");
                self.add(Severity::Warning, line, what, "https://");
            }
            _ => {}
        }
        if looks_secret(name) && is_placeholder(value) {
            self.add(Severity::Error, line, format!("`{name}` still holds the words of an example"), "");
        }
    }

    fn missing(&mut self, values: &BTreeMap<String, String>, wanted: &[String]) {
        let filled = |name: &str| values.get(name).is_some_and(|value| !value.trim().is_empty());
        let on = |name: &str, default: bool| match values.get(name).map(|value| value.trim()) {
            None | Some("") => default,
            Some(value) => switch(value).unwrap_or(default),
        };
        let mut missing: Vec<(&str, &str)> = Vec::new();
        let bettermode = values.keys().any(|name| name.starts_with("BETTERMODE_"));
        if bettermode {
            if !filled("BETTERMODE_NETWORK_ID") {
                missing.push(("BETTERMODE_NETWORK_ID", "it names the community"));
            }
            if !filled("BETTERMODE_API_TOKEN") {
                for name in ["BETTERMODE_CLIENT_ID", "BETTERMODE_CLIENT_SECRET"] {
                    if !filled(name) {
                        missing.push((name, "or a token in BETTERMODE_API_TOKEN"));
                    }
                }
            }
            if on(ENABLE_BETTERMODE, true) && !filled("BETTERMODE_WEBHOOK_SECRET") {
                missing.push(("BETTERMODE_WEBHOOK_SECRET", "without it no webhook of BetterMode is taken"));
            }
        }
        if on(ENABLE_CIRCLE, false) && !filled(CIRCLE_WEBHOOK_TOKEN) {
            missing.push((CIRCLE_WEBHOOK_TOKEN, "without it no webhook of Circle is taken"));
        }
        for name in wanted {
            if !filled(name) && !missing.iter().any(|(known, _)| known == name) {
                missing.push((name, "the project file reads it"));
            }
        }
        for (name, why) in missing {
            let state = if values.contains_key(name) { "is empty" } else { "is missing" };
            self.add(Severity::Error, None, format!("`{name}` {state}"), why);
        }
    }
}

fn is_secret(entry: &DotenvEntry<'_>) -> bool {
    let value = entry.value.trim();
    let named = entry.name.is_some_and(looks_secret) && !value.is_empty() && !is_placeholder(value);
    named || (entry.name.is_some() && value.contains("://") && holds_password(value))
}

/// What examples write where a secret belongs.
fn is_placeholder(value: &str) -> bool {
    let value = value.to_lowercase();
    value.starts_with("your_")
        || value.starts_with("your-")
        || ["changeme", "xxx", "..."].contains(&value.as_str())
}

/// The host of an address.
fn host(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    match host.strip_prefix('[') {
        Some(six) => six.split(']').next(),
        None => host.split(':').next(),
    }
}

fn is_local(host: &str) -> bool {
    ["localhost", "::1", "0.0.0.0"].contains(&host) || host.starts_with("127.")
}
