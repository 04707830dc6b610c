//! One text becomes one value of a key's kind, strictly. What is refused is described by its shape, never
//! shown: it may come from a variable.

use crate::address;
use crate::expr::Expr;
use crate::keys::Kind;
use crate::model::{DestinationUrl, MaxRejects, Setting};
use crate::spanned::Span;
use base::template::Piece;
use base::{Secret, Template, names};
use jiff::SignedDuration;
use std::net::SocketAddr;
use std::ops::Range;

/// Why a text is no value of that kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It is not what the kind wants.
    Shape,
    /// What is wrong in particular, to follow the key's name: "is empty"; and what to write instead.
    Odd { what: String, hint: Option<String> },
    /// As [`Misfit::Odd`], at these bytes of the text.
    At { what: String, at: Range<usize> },
}

impl Misfit {
    fn odd(what: impl Into<String>) -> Self {
        Misfit::Odd { what: what.into(), hint: None }
    }
    fn hinted(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Misfit::Odd { what: what.into(), hint: Some(hint.into()) }
    }

    fn near(kind: Kind, near: &str) -> Self {
        Self::hinted(format!("wants {}", kind.wants()), format!("did you mean \"{near}\"?"))
    }
}

/// A text and where it stands.
pub(crate) struct Text<'a> {
    pub text: &'a str,
    pub span: &'a Span,
    /// The byte of the file at which the text begins, when it stands there as it is.
    pub start: Option<usize>,
    /// Whether it may be shown: it stands in the file, and no part of it comes from a variable.
    pub open: bool,
}

/// The value of a text.
pub(crate) fn convert(kind: Kind, from: &Text<'_>) -> Result<Setting, Misfit> {
    let text = from.text;
    if text.trim().is_empty() {
        return Err(Misfit::odd("is empty"));
    }
    if text.contains('\0') {
        return Err(Misfit::odd("holds a NUL"));
    }
    match kind {
        Kind::Text | Kind::Path => Ok(Setting::Text(text.to_owned())),
        Kind::Field => field(from).map(Setting::Text),
        Kind::FileName => file_name(text).map(Setting::Text),
        Kind::HttpUrl => {
            if !text.starts_with("https://") && !text.starts_with("http://") {
                return Err(Misfit::Shape);
            }
            match address::http_odd(text) {
                Some(what) => Err(Misfit::odd(format!("holds {what}, which an address here cannot have"))),
                None => Ok(Setting::Text(text.trim_end_matches('/').to_owned())),
            }
        }
        Kind::PostgresUrl if text == "embedded" => Ok(Setting::Url(DestinationUrl::Embedded)),
        Kind::PostgresUrl if address::is_postgres(text) => {
            let (plain, _) = address::without_driver(text);
            Ok(Setting::Url(DestinationUrl::Address(Secret::new(plain))))
        }
        Kind::PostgresUrl => match names::nearest(text, ["embedded"]).filter(|_| from.open) {
            Some(near) => Err(Misfit::near(kind, near)),
            None => Err(Misfit::Shape),
        },
        // A line break that came along with a pasted key would end a header of a request.
        Kind::Secret if text.chars().any(char::is_control) => Err(Misfit::odd("holds a control character")),
        Kind::Secret => Ok(Setting::Secret(Secret::new(text))),
        Kind::Integer(low, high) => {
            let value = text.parse().map_err(|_| Misfit::Shape)?;
            integer(value, low, high, from.open).map(Setting::Integer)
        }
        Kind::Boolean => match text {
            "true" => Ok(Setting::Boolean(true)),
            "false" => Ok(Setting::Boolean(false)),
            _ => Err(Misfit::Shape),
        },
        Kind::Choice(words) if words.contains(&text) => Ok(Setting::Text(text.to_owned())),
        Kind::Choice(words) => match names::nearest(text, words.iter().copied()).filter(|_| from.open) {
            Some(near) => Err(Misfit::near(kind, near)),
            None => Err(Misfit::Shape),
        },
        Kind::Sql => Ok(Setting::Sql(Expr::new(text.to_owned(), from.span.clone(), from.start))),
        Kind::Uuid => text.parse().map(Setting::Uuid).map_err(|_| Misfit::Shape),
        Kind::Rejects => rejects(text).map(Setting::Rejects),
        Kind::Zone => zone(from).map(Setting::Text),
        Kind::Variable if crate::template::is_variable(text) => Ok(Setting::Text(text.to_owned())),
        Kind::Variable if text.starts_with("${") => Err(Misfit::hinted(
            format!("wants {}", kind.wants()),
            "write the name alone, without `${` and `}`",
        )),
        Kind::Listen => match text.parse::<SocketAddr>() {
            Ok(_) => Ok(Setting::Text(text.to_owned())),
            Err(_) => Err(Misfit::Shape),
        },
        Kind::StoreUrl(schemes) if schemes.iter().any(|scheme| is_behind(text, scheme)) => {
            Ok(Setting::Secret(Secret::new(text)))
        }
        Kind::Duration => duration(text).map(Setting::Duration),
        Kind::Pattern => pattern(from).map(Setting::Text),
        Kind::Template => template(text).map(Setting::Template),
        Kind::UrlTemplate => url_template(text).map(Setting::Template),
        Kind::Variable
        | Kind::StoreUrl(_)
        | Kind::Fields
        | Kind::Columns
        | Kind::Choices(_)
        | Kind::Templates
        | Kind::Conditions
        | Kind::List(_) => Err(Misfit::Shape),
    }
}

/// Whether something without blanks follows a scheme.
fn is_behind(text: &str, scheme: &str) -> bool {
    text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !odd_in_address(rest))
}

fn odd_in_address(text: &str) -> bool {
    text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// A whole number and its unit, from a second to a leap year.
fn duration(text: &str) -> Result<SignedDuration, Misfit> {
    const DAY: i64 = 86_400;
    const SECONDS_MAX: i64 = 366 * DAY;
    let unit = text.chars().next_back().ok_or(Misfit::Shape)?;
    let digits = text.strip_suffix(unit).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Misfit::Shape);
    }
    let length = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => DAY,
        _ => return Err(Misfit::Shape),
    };
    // More digits than a number has are too long as well.
    match digits.parse::<i64>().ok().and_then(|count| count.checked_mul(length)) {
        Some(0) => Err(Misfit::odd("is no time at all")),
        Some(seconds) if seconds <= SECONDS_MAX => Ok(SignedDuration::from_secs(seconds)),
        _ => Err(Misfit::odd("is longer than 366 days")),
    }
}

/// A kind of event, as senders write them: no blanks; `*` alone, or behind the last dot.
fn pattern(from: &Text<'_>) -> Result<String, Misfit> {
    let text = from.text;
    let stem = text.strip_suffix(".*").unwrap_or(if text == "*" { "x" } else { text });
    if stem.contains('*') {
        return Err(Misfit::hinted(
            "has a `*` where none can be",
            "write \"*\" for every kind, or \"NOUN.*\" for all that happens to a noun",
        ));
    }
    if stem.is_empty() || odd_in_address(stem) { Err(Misfit::Shape) } else { Ok(text.to_owned()) }
}

fn template(text: &str) -> Result<Template, Misfit> {
    Template::parse(text)
        .map_err(|wrong| Misfit::At { what: format!("is malformed: {}", wrong.what), at: wrong.at })
}

/// An address that is fixed up to the end of its host: an event cannot choose who is called.
fn url_template(text: &str) -> Result<Template, Misfit> {
    let template = template(text)?;
    let Some(Piece::Text(first)) = template.pieces().first() else { return Err(Misfit::Shape) };
    let rest = first.strip_prefix("https://").or_else(|| first.strip_prefix("http://"));
    let rest = rest.ok_or(Misfit::Shape)?;
    let end = rest.find(['/', '?', '#']);
    if end.is_none() && template.pieces().len() > 1 {
        return Err(Misfit::odd("has a hole in its host: an event cannot choose who is called"));
    }
    let host = &rest[..end.unwrap_or(rest.len())];
    let plain = template.pieces().iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Hole(_) => None,
    });
    if host.contains('@') {
        Err(Misfit::odd("holds a user name or password, which an address here cannot have"))
    } else if host.is_empty() || host.starts_with(':') {
        Err(Misfit::odd("holds no host, which an address here must have"))
    } else if plain.into_iter().any(|text| odd_in_address(text)) {
        Err(Misfit::odd("holds a blank, which an address here cannot have"))
    } else {
        Ok(template)
    }
}

/// A whole number within its bounds.
pub(crate) fn integer(value: i64, low: i64, high: i64, open: bool) -> Result<i64, Misfit> {
    if (low..=high).contains(&value) {
        Ok(value)
    } else if open {
        Err(Misfit::odd(format!("is {value}; it goes from {low} to {high}")))
    } else {
        Err(Misfit::Shape)
    }
}

/// The normalised name of a field.
pub(crate) fn field(from: &Text<'_>) -> Result<String, Misfit> {
    let normal = names::normalise(from.text);
    if normal == from.text {
        return Ok(normal);
    }
    let what = "is no normalised name: lower case, `_` for every run of other characters";
    Err(if from.open { Misfit::hinted(what, format!("write \"{normal}\"")) } else { Misfit::odd(what) })
}

/// A file of the export folder: nothing that leads out of it, and none of its own files.
fn file_name(text: &str) -> Result<String, Misfit> {
    if text.contains(['/', '\\', ':']) || text.starts_with('.') {
        return Err(Misfit::hinted(
            "leads out of the export folder",
            "write a file name alone, such as \"id_map.json\"",
        ));
    }
    if !text.ends_with(".json") || text.chars().any(char::is_control) || text.len() > 200 {
        return Err(Misfit::Shape);
    }
    if text == "manifest.json" || text.ends_with(".checkpoint.json") {
        return Err(Misfit::odd("is the name of a file that the export needs itself"));
    }
    Ok(text.to_owned())
}

fn rejects(text: &str) -> Result<MaxRejects, Misfit> {
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    match text.strip_suffix('%').map(str::trim_end) {
        Some(share) => {
            let share: f64 = share.parse().ok().filter(|_| digits(share)).ok_or(Misfit::Shape)?;
            if share > 100.0 {
                return Err(Misfit::odd("is more than 100%"));
            }
            Ok(MaxRejects::Share(share / 100.0))
        }
        None => text.parse().ok().filter(|_| digits(text)).map(MaxRejects::Count).ok_or(Misfit::Shape),
    }
}

fn zone(from: &Text<'_>) -> Result<String, Misfit> {
    let db = jiff::tz::db();
    if let Ok(zone) = db.get(from.text)
        && let Some(name) = zone.iana_name()
    {
        return Ok(name.to_owned());
    }
    let known: Vec<String> = db.available().map(|name| name.to_string()).collect();
    match names::nearest(from.text, known.iter().map(String::as_str)).filter(|_| from.open) {
        Some(near) => Err(Misfit::near(Kind::Zone, near)),
        None => Err(Misfit::Shape),
    }
}

/// What a text looks like, without showing it.
pub(crate) fn shape(text: &str) -> String {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return if text.starts_with('-') { "a negative number" } else { "another number" }.to_owned();
    }
    if text.parse::<f64>().is_ok_and(f64::is_finite) {
        return "a number with decimals or an exponent".to_owned();
    }
    match text.chars().count() {
        1 => "a text of 1 character".to_owned(),
        count => format!("a text of {count} characters"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: Kind, text: &str) -> String {
        match convert(kind, &Text { text, span: &(0..0), start: None, open: true }) {
            Ok(setting) => format!("{setting:?}"),
            Err(Misfit::Shape) => "shape".to_owned(),
            Err(Misfit::Odd { what, hint }) => match hint {
                Some(hint) => format!("{what} [{hint}]"),
                None => what,
            },
            Err(Misfit::At { what, at }) => format!("{what} at {at:?}"),
        }
    }

    #[test]
    fn texts_become_values_strictly() {
        let number = Kind::Integer(1, 500);
        for (kind, text, expected) in [
            (number, "100", "Integer(100)"),
            (number, "501", "is 501; it goes from 1 to 500"),
            (number, "1e2", "shape"),
            (number, " 100", "shape"),
            (number, "100.0", "shape"),
            (Kind::Boolean, "true", "Boolean(true)"),
            (Kind::Boolean, "True", "shape"),
            (Kind::Boolean, "1", "shape"),
            (Kind::Rejects, "5%", "Rejects(Share(0.05))"),
            (Kind::Rejects, "2.5 %", "Rejects(Share(0.025))"),
            (Kind::Rejects, "12", "Rejects(Count(12))"),
            (Kind::Rejects, "120%", "is more than 100%"),
            (Kind::Rejects, "1e3", "shape"),
            (Kind::Rejects, "-1", "shape"),
            (Kind::Rejects, "%", "shape"),
            (Kind::Rejects, "inf%", "shape"),
            (Kind::Zone, "Europe/Berlin", "Text(\"Europe/Berlin\")"),
            (Kind::Zone, "europe/berlin", "Text(\"Europe/Berlin\")"),
            (
                Kind::Zone,
                "Europe/Berlim",
                "wants a time zone such as Europe/Berlin [did you mean \"Europe/Berlin\"?]",
            ),
            (Kind::Zone, "Nowhere at all, really", "shape"),
            (Kind::FileName, "ids.json", "Text(\"ids.json\")"),
            (Kind::FileName, "ids.csv", "shape"),
            (Kind::FileName, "manifest.json", "is the name of a file that the export needs itself"),
            (Kind::HttpUrl, "https://a.example/api/1.1/", "Text(\"https://a.example/api/1.1\")"),
            (Kind::HttpUrl, "a.example/api", "shape"),
            (Kind::PostgresUrl, "embedded", "Url(Embedded)"),
            (Kind::PostgresUrl, "postgres://h/d", "Url(Address(***))"),
            (Kind::PostgresUrl, "mysql://h/d", "shape"),
            (Kind::Field, "created_date", "Text(\"created_date\")"),
            (Kind::Text, " \t", "is empty"),
            (Kind::Text, "a\0", "holds a NUL"),
            (Kind::Secret, "hunter2\n", "holds a control character"),
            (Kind::Secret, "hunter2", "Secret(***)"),
            (Kind::Variable, "A_1", "Text(\"A_1\")"),
            (Kind::Variable, "A-1", "shape"),
        ] {
            assert_eq!(shown(kind, text), expected, "{kind:?} {text:?}");
        }
        for name in ["../ids.json", "a/b.json", "/etc/x.json", "..\\x.json", "C:x.json", ".json"] {
            assert!(shown(Kind::FileName, name).starts_with("leads out of the export folder"), "{name}");
        }
    }
    #[test]
    fn what_serves_and_rules_take_is_read_strictly() {
        let stores = Kind::StoreUrl(&["redis://", "rediss://"]);
        let (no_host, user) = (
            "holds no host, which an address here must have",
            "holds a user name or password, which an address here cannot have",
        );
        for (kind, text, expected) in [
            (Kind::Listen, "127.0.0.1:8080", "Text(\"127.0.0.1:8080\")"),
            (Kind::Listen, "[::1]:0", "Text(\"[::1]:0\")"),
            (Kind::Listen, "localhost:8080", "shape"),
            (Kind::Listen, ":8080", "shape"),
            (Kind::Listen, "127.0.0.1:65536", "shape"),
            (stores, "redis://h", "Secret(***)"),
            (stores, "rediss://u:p@h:1/0", "Secret(***)"),
            (stores, "redis://", "shape"),
            (stores, "redis://h h", "shape"),
            (stores, "mongodb://h", "shape"),
            (Kind::Duration, "90s", "Duration(1m 30s)"),
            (Kind::Duration, "10m", "Duration(10m)"),
            (Kind::Duration, "2h", "Duration(2h)"),
            (Kind::Duration, "366d", "Duration(8784h)"),
            (Kind::Duration, "367d", "is longer than 366 days"),
            (Kind::Duration, "99999999999999999999d", "is longer than 366 days"),
            (Kind::Duration, "9223372036854775807d", "is longer than 366 days"),
            (Kind::Duration, "0m", "is no time at all"),
            (Kind::Duration, "m", "shape"),
            (Kind::Duration, "10", "shape"),
            (Kind::Duration, "10 m", "shape"),
            (Kind::Duration, "-1m", "shape"),
            (Kind::Duration, "1.5h", "shape"),
            (Kind::Duration, "1h30m", "shape"),
            (Kind::Duration, "10é", "shape"),
            (Kind::Pattern, "member.*", "Text(\"member.*\")"),
            (Kind::Pattern, "*", "Text(\"*\")"),
            (Kind::Pattern, "customer.subscription.updated", "Text(\"customer.subscription.updated\")"),
            (Kind::Pattern, ".*", "shape"),
            (Kind::Pattern, "a b", "shape"),
            (
                Kind::Pattern,
                "mem*",
                "has a `*` where none can be [write \"*\" for every kind, or \"NOUN.*\" for all that happens \
                 to a noun]",
            ),
            (Kind::Template, "Hi {name", "is malformed: `{` without `}`; a brace is `{{` at 3..8"),
            (Kind::UrlTemplate, "h/{a}", "shape"),
            (Kind::UrlTemplate, "{a}", "shape"),
            (Kind::UrlTemplate, "ftp://h/{a}", "shape"),
            (
                Kind::UrlTemplate,
                "https://{a}/x",
                "has a hole in its host: an event cannot choose who is called",
            ),
            (
                Kind::UrlTemplate,
                "https://h{a}/x",
                "has a hole in its host: an event cannot choose who is called",
            ),
            (Kind::UrlTemplate, "https://", no_host),
            (Kind::UrlTemplate, "https:///{a}", no_host),
            (Kind::UrlTemplate, "https://u@h/{a}", user),
            (Kind::UrlTemplate, "https://h/a b", "holds a blank, which an address here cannot have"),
        ] {
            assert_eq!(shown(kind, text), expected, "{kind:?} {text:?}");
        }
        for text in ["https://h", "http://h:1/{a}?b={body.c}#d", "https://h?{a}", "https://h/@{a}"] {
            assert!(shown(Kind::UrlTemplate, text).starts_with("Template("), "{text}");
        }
    }
}
