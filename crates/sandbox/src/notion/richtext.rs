//! Rich text: as it is sent, and as it comes back.

use super::check::{At, Checked};
use super::id::Id;
use serde_json::{Map, Value, json};

/// Units of a text at most.
pub(super) const CONTENT_MAX: usize = 2_000;
/// Units of an address at most.
pub(super) const URL_MAX: usize = 2_000;
/// Units of an expression at most.
pub(super) const EXPRESSION_MAX: usize = 1_000;
/// Entries of a list of rich text at most.
pub(super) const ITEMS_MAX: usize = 100;

const MARKS: [&str; 5] = ["bold", "italic", "strikethrough", "underline", "code"];

/// Colours of texts; each also as a background.
const COLOURS: [&str; 10] =
    ["default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"];

/// Reads a list of rich text into the form in which it comes back. `knows` says whether a mentioned id
/// exists.
pub(super) fn read(at: &At<'_>, knows: &dyn Fn(Id) -> bool) -> Checked<Vec<Value>> {
    at.list(ITEMS_MAX)?.iter().map(|item| item_of(item, knows)).collect()
}

fn item_of(at: &At<'_>, knows: &dyn Fn(Id) -> bool) -> Checked<Value> {
    at.only(&["type", "text", "mention", "equation", "annotations", "plain_text", "href"])?;
    let (kind, inner) = at.one_of(&["text", "mention", "equation"])?;
    at.tagged(kind)?;
    let (inner, plain, href) = match kind {
        "text" => {
            inner.only(&["content", "link"])?;
            let content = inner.required("content")?.short(CONTENT_MAX)?;
            let link = inner.key("link").and_then(At::present).map(|link| {
                link.only(&["url", "type"])?;
                link.required("url")?.url(URL_MAX)
            });
            let link = link.transpose()?;
            let shown = json!({"content": content, "link": link.map(|url| json!({"url": url}))});
            (shown, content.to_owned(), json!(link))
        }
        "equation" => {
            inner.only(&["expression"])?;
            let expression = inner.required("expression")?.short(EXPRESSION_MAX)?;
            (json!({"expression": expression}), expression.to_owned(), Value::Null)
        }
        _ => mention(&inner, knows)?,
    };
    let annotations = annotations(at.key("annotations"))?;
    Ok(json!({"type": kind, kind: inner, "annotations": annotations, "plain_text": plain, "href": href}))
}

fn mention(at: &At<'_>, knows: &dyn Fn(Id) -> bool) -> Checked<(Value, String, Value)> {
    at.only(&["type", "user", "page", "database", "date"])?;
    let (kind, inner) = at.one_of(&["user", "page", "database", "date"])?;
    at.tagged(kind)?;
    if kind == "date" {
        let date = date(&inner)?;
        let plain = date["start"].as_str().unwrap_or_default().to_owned();
        return Ok((json!({"type": kind, kind: date}), plain, Value::Null));
    }
    let id = inner.required("id")?;
    let known =
        Some(id.id()?).filter(|id| knows(*id)).ok_or_else(|| id.wrong("the id of something shared"))?;
    let object = if kind == "user" {
        json!({"object": "user", "id": known.to_string()})
    } else {
        json!({"id": known.to_string()})
    };
    Ok((json!({"type": kind, kind: object}), format!("@{known}"), Value::Null))
}

fn annotations(at: Option<At<'_>>) -> Checked<Value> {
    let mut shown = Map::new();
    for mark in MARKS {
        shown.insert(mark.to_owned(), json!(false));
    }
    shown.insert("color".to_owned(), json!("default"));
    if let Some(at) = at {
        for (key, value) in at.entries()? {
            match key {
                "color" => shown.insert(key.to_owned(), json!(color(&value)?)),
                mark if MARKS.contains(&mark) => shown.insert(key.to_owned(), json!(value.flag()?)),
                _ => return Err(value.wrong("not present")),
            };
        }
    }
    Ok(Value::Object(shown))
}

/// A colour of a text, or of its background.
pub(super) fn color<'v>(at: &At<'v>) -> Checked<&'v str> {
    let text = at.text()?;
    let plain = text.strip_suffix("_background").unwrap_or(text);
    if COLOURS.contains(&plain) { Ok(text) } else { Err(at.wrong("a color")) }
}

/// A colour of an option.
pub(super) fn option_color<'v>(at: &At<'v>) -> Checked<&'v str> {
    let text = at.text()?;
    if COLOURS.contains(&text) { Ok(text) } else { Err(at.wrong("a color")) }
}

/// The colour of the option of that number when nobody chose one.
pub(super) fn color_of(number: usize) -> &'static str {
    COLOURS[number % COLOURS.len()]
}

/// A date or a span of dates.
pub(super) fn date(at: &At<'_>) -> Checked<Value> {
    at.only(&["start", "end", "time_zone"])?;
    let start = moment(&at.required("start")?)?;
    let end = at.key("end").and_then(At::present).map(|end| moment(&end)).transpose()?;
    let zone = at.key("time_zone").and_then(At::present);
    let zone = zone.map(|zone| {
        let name = zone.text()?;
        jiff::tz::TimeZone::get(name).map(|_| name).map_err(|_| zone.wrong("a valid IANA time zone"))
    });
    Ok(json!({"start": start, "end": end, "time_zone": zone.transpose()?}))
}

/// A day, or a moment with or without an offset, in ISO 8601.
pub(super) fn moment<'v>(at: &At<'v>) -> Checked<&'v str> {
    let text = at.text()?;
    let day = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    let time = text.len() > 10
        && (text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok());
    if day || time { Ok(text) } else { Err(at.wrong("a valid ISO 8601 date string")) }
}

/// The text without marks.
pub(super) fn plain(items: &[Value]) -> String {
    items.iter().filter_map(|item| item["plain_text"].as_str()).collect()
}

/// A text in the form in which it comes back, in as many entries as its length takes.
pub(super) fn of(text: &str) -> Vec<Value> {
    let mut parts: Vec<String> = Vec::new();
    let mut room = 0;
    for c in text.chars() {
        if c.len_utf16() > room {
            parts.push(String::new());
            room = CONTENT_MAX;
        }
        room -= c.len_utf16();
        parts.last_mut().into_iter().for_each(|part| part.push(c));
    }
    let annotations = annotations(None).unwrap_or_default();
    let item = |part: &String| {
        let inner = json!({"content": part, "link": null});
        json!({"type": "text", "text": inner, "annotations": annotations, "plain_text": part, "href": null})
    };
    parts.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(value: &Value) -> bool {
        read(&At::body(value), &|_| false).is_ok()
    }

    #[test]
    fn rich_text_comes_back_as_documented() {
        let sent = json!([{"text": {"content": "Ada"}}]);
        let expected = json!([{
            "type": "text",
            "text": {"content": "Ada", "link": null},
            "annotations": {"bold": false, "italic": false, "strikethrough": false, "underline": false, "code": false, "color": "default"},
            "plain_text": "Ada",
            "href": null,
        }]);
        assert_eq!(json!(read(&At::body(&sent), &|_| false).expect("sound")), expected);
        assert!(ok(&expected), "what comes back can be sent");
        assert_eq!(of("Ada"), expected.as_array().expect("a list").clone());
    }

    #[test]
    fn a_long_text_is_parted_and_nothing_is_lost() {
        for text in ["", "x", &"é".repeat(2_000), &"🎉".repeat(1_001), &"ab🎉".repeat(1_500)] {
            let parts = of(text);
            assert_eq!(plain(&parts), text);
            assert!(ok(&json!(parts)), "every part can be sent");
        }
        assert_eq!(of(&"🎉".repeat(1_001)).len(), 2);
    }

    #[test]
    fn what_is_too_long_or_strange_is_refused() {
        let text = |content: &str| json!({"text": {"content": content}});
        let link = |url: &str| json!([{"text": {"content": "x", "link": {"url": url}}}]);
        for (value, expected) in [
            (json!([text(&"x".repeat(2_000))]), true),
            (json!([text(&"x".repeat(2_001))]), false),
            (json!([text(&"🎉".repeat(1_000))]), true),
            (json!([text(&"🎉".repeat(1_001))]), false),
            (Value::Array(vec![text("x"); 100]), true),
            (Value::Array(vec![text("x"); 101]), false),
            (json!([]), true),
            (json!([text("")]), true),
            (json!("x"), false),
            (json!([{"text": {}}]), false),
            (json!([{"text": {"content": "x"}, "color": "red"}]), false),
            (json!([{"type": "equation", "text": {"content": "x"}}]), false),
            (
                json!([{"text": {"content": "x"}, "annotations": {"bold": true, "color": "red_background"}}]),
                true,
            ),
            (json!([{"text": {"content": "x"}, "annotations": {"bold": "yes"}}]), false),
            (json!([{"text": {"content": "x"}, "annotations": {"loud": true}}]), false),
            (json!([{"text": {"content": "x"}, "annotations": {"color": "mauve"}}]), false),
            (json!([{"equation": {"expression": "x".repeat(1_000)}}]), true),
            (json!([{"equation": {"expression": "x".repeat(1_001)}}]), false),
            (json!([{"mention": {"date": {"start": "2025-01-02"}}}]), true),
            (json!([{"mention": {"user": {"id": "00000000-0000-4000-8000-000000000001"}}}]), false),
            (link("https://a.example/"), true),
            (link(&format!("https://{}", "a".repeat(1_993))), false),
            (link(""), false),
            (link("no address"), false),
        ] {
            assert_eq!(ok(&value), expected, "{value}");
        }
    }

    #[test]
    fn dates_are_iso_8601() {
        for (value, expected) in [
            (json!({"start": "2025-01-02"}), true),
            (json!({"start": "2025-01-02", "end": null, "time_zone": null}), true),
            (json!({"start": "2025-01-02T10:00:00Z", "end": "2025-01-03T10:00:00.000+01:00"}), true),
            (json!({"start": "2025-01-02T10:00:00", "time_zone": "Europe/Berlin"}), true),
            (json!({"start": "2025-02-30"}), false),
            (json!({"start": "yesterday"}), false),
            (json!({"start": null}), false),
            (json!({"end": "2025-01-02"}), false),
            (json!({"start": "2025-01-02", "time_zone": "Middle/Earth"}), false),
            (json!({"start": "2025-01-02", "until": "2025-01-03"}), false),
        ] {
            assert_eq!(date(&At::body(&value)).is_ok(), expected, "{value}");
        }
    }
}
