//! Answers of Circle's lists.

use connect::json::{self, Cell, Object};
use serde::Deserialize;
use serde_json::value::RawValue;
use webclient::{Malformed, Reply};

/// A page as it came. `page_count` is not read: the service's own examples contradict each other about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Its records.
    pub rows: Vec<Row>,
    /// The number of the page, as the service says.
    pub page: Option<u64>,
    /// Records that a page holds, as the service says: fewer than asked for means that it cuts requests down.
    pub per_page: Option<u64>,
    /// Whether a page follows.
    pub more: bool,
    /// Records of the whole list, as the service says.
    pub count: Option<u64>,
    /// The service's clock, milliseconds since 1970.
    pub date: Option<i64>,
}

/// A record: keys (with their quotes) and values, in order, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row(Vec<(String, String)>);

impl Row {
    /// Takes an object apart; `None`: it is none.
    pub fn parse(raw: &str) -> Option<Self> {
        json::fields(raw).map(|fields| Self::from_fields(&fields))
    }

    fn from_fields(fields: &json::Fields) -> Self {
        Self(fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    /// Keys and values, as JSON.
    pub fn members(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The value at a path such as `body.body`, as JSON; `None`: absent or null.
    pub fn at(&self, path: &str) -> Option<&str> {
        let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
        let value = self.members().rfind(|(name, _)| json::unquoted(name) == key)?.1;
        inside(value, rest).filter(|raw| *raw != "null")
    }

    /// The text of the first of these paths where a text, a number, or true or false stands.
    pub fn scalar(&self, paths: &[&str]) -> Option<String> {
        paths.iter().find_map(|path| scalar(self.at(path)?))
    }

    /// A whole number from 0, which may be written as text.
    pub fn whole(&self, path: &str) -> Option<u64> {
        whole(self.at(path)?)
    }

    /// Takes a member out.
    pub fn take(&mut self, key: &str) -> Option<String> {
        let at = self.0.iter().rposition(|(name, _)| json::unquoted(name) == key)?;
        Some(self.0.remove(at).1)
    }
}

/// What stands at a path inside an object.
fn inside<'a>(raw: &'a str, path: Option<&str>) -> Option<&'a str> {
    let Some(path) = path else { return Some(raw) };
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    let (_, value) = json::fields(raw)?.into_iter().rfind(|(name, _)| json::unquoted(name) == key)?;
    inside(value, rest)
}

fn scalar(raw: &str) -> Option<String> {
    match json::cell(raw) {
        Cell::Text(text) if !raw.starts_with(['[', '{']) => Some(text),
        _ => None,
    }
}

fn whole(raw: &str) -> Option<u64> {
    json::unquoted(raw).parse().ok()
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    records: Vec<Object<'a>>,
    #[serde(borrow, default)]
    page: Option<&'a RawValue>,
    #[serde(borrow, default)]
    per_page: Option<&'a RawValue>,
    #[serde(borrow, default)]
    has_next_page: Option<&'a RawValue>,
    #[serde(borrow, default)]
    count: Option<&'a RawValue>,
}

/// Reads an answer. An answer that ends too early is worth another try; one that is something else is not.
pub fn listing(reply: &Reply) -> Result<Listing, Malformed> {
    let bad = |what: &str| Malformed { what: what.into(), cut: false, html: false };
    let body = text(reply)?;
    let envelope: Envelope =
        serde_json::from_str(body).map_err(|error| match json::ends_early(body, &error) {
            true => cut(),
            false if error.is_data() => bad("it has no records, a list of objects"),
            false => bad("it is not JSON"),
        })?;
    let number = |raw: Option<&RawValue>| raw.and_then(|raw| whole(raw.get()));
    let more = match envelope.has_next_page.map(RawValue::get) {
        Some("true") => true,
        Some("false") => false,
        _ => return Err(bad("it does not say whether a page follows (has_next_page)")),
    };
    Ok(Listing {
        rows: envelope.records.iter().map(|Object(fields)| Row::from_fields(fields)).collect(),
        page: number(envelope.page),
        per_page: number(envelope.per_page),
        more,
        count: number(envelope.count),
        date: reply.date.map(|at| at.as_millisecond()),
    })
}

/// Reads an answer that is one object.
pub fn object(reply: &Reply) -> Result<Row, Malformed> {
    let body = text(reply)?;
    match serde_json::from_str::<Object>(body) {
        Ok(Object(fields)) => Ok(Row::from_fields(&fields)),
        Err(error) if json::ends_early(body, &error) => Err(cut()),
        Err(_) => Err(Malformed { what: "it is no JSON object".into(), cut: false, html: false }),
    }
}

/// The text of an answer, unless it is a web page.
fn text(reply: &Reply) -> Result<&str, Malformed> {
    if reply.html || webclient::starts_as_html(&reply.body) {
        return Err(Malformed { what: "it is an HTML page".into(), cut: false, html: true });
    }
    // A page that ends in the middle of a character was cut.
    std::str::from_utf8(&reply.body).map_err(|error| match error.error_len() {
        None => cut(),
        Some(_) => Malformed { what: "it is not UTF-8".into(), cut: false, html: false },
    })
}

fn cut() -> Malformed {
    Malformed { what: "it ends in the middle".into(), cut: true, html: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(body: &str) -> Reply {
        Reply { body: body.as_bytes().to_vec(), date: None, html: false }
    }

    fn row(raw: &str) -> Row {
        Row::parse(raw).expect("an object")
    }

    #[test]
    fn an_answer_is_taken_apart_and_page_count_is_not_believed() {
        let body = r#"{"page":2,"per_page":60,"has_next_page":true,"count":"1305","page_count":{},
            "records":[{"id":1,"\ud800":"\udc00"},{}],"new":[]}"#;
        let page = listing(&reply(body)).expect("a page");
        assert_eq!((page.page, page.per_page, page.more, page.count), (Some(2), Some(60), true, Some(1305)));
        assert_eq!(page.rows.len(), 2);
        assert_eq!(page.rows[0].members().nth(1), Some((r#""\ud800""#, r#""\udc00""#)));
    }

    #[test]
    fn what_is_missing_is_told_from_what_is_wrong() {
        for (body, expected) in [
            (r#"{"records":[],"has_next_page":false}"#, Ok((false, None))),
            (r#"{"records":[],"has_next_page":true,"count":null}"#, Ok((true, None))),
            (r#"{"records":[],"has_next_page":false,"count":-1}"#, Ok((false, None))),
            (r#"{"records":[],"count":7}"#, Err("has_next_page")),
            (r#"{"records":[],"has_next_page":null}"#, Err("has_next_page")),
            (r#"{"records":[],"has_next_page":"true"}"#, Err("has_next_page")),
            (r#"{"success":false,"message":"no"}"#, Err("no records")),
            (r#"{"records":{},"has_next_page":false}"#, Err("no records")),
            (r#"{"records":[1],"has_next_page":false}"#, Err("no records")),
            ("[]", Err("no records")),
            ("oops", Err("not JSON")),
            ("<!DOCTYPE html>", Err("HTML")),
            ("", Err("in the middle")),
        ] {
            match (listing(&reply(body)), expected) {
                (Ok(page), Ok((more, count))) => assert_eq!((page.more, page.count), (more, count), "{body}"),
                (Err(malformed), Err(word)) => {
                    assert!(malformed.what.contains(word), "{body}: {}", malformed.what);
                    assert_eq!(malformed.cut, word == "in the middle", "{body}");
                    assert_eq!(malformed.html, word == "HTML", "{body}");
                }
                (other, _) => panic!("{body}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_answer_that_was_cut_anywhere_is_worth_another_try() {
        let body = "{\"page\":1,\"count\":2,\"has_next_page\":false,\n\"records\":[{\"é\":-1.5e3},{}]}";
        for end in 0..body.len() {
            let part = Reply { body: body.as_bytes()[..end].to_vec(), date: None, html: false };
            for malformed in [listing(&part).expect_err("a part"), object(&part).expect_err("a part")] {
                assert!(malformed.cut, "{end}: {}", malformed.what);
            }
        }
        let odd = Reply { body: b"{\"a\":\"\xff\"}".to_vec(), date: None, html: false };
        assert!(!object(&odd).expect_err("not UTF-8").cut);
        assert!(object(&reply("[]")).is_err());
        assert_eq!(object(&reply(r#"{"id":9}"#)).expect("an object").whole("id"), Some(9));
    }

    #[test]
    fn values_are_found_at_their_paths() {
        let row = row(r#"{"id":"7","body":{"id":1,"body":"<p>"},"user":{"x":{"y":true}},"n":null,
            "list":[1],"bad":"\u0000","twice":1,"twice":2}"#);
        for (paths, expected) in [
            (&["id"][..], Some("7")),
            (&["body.body", "body"], Some("<p>")),
            (&["body"], None),
            (&["body.body.body"], None),
            (&["user.x.y"], Some("true")),
            (&["n", "nothing", "id"], Some("7")),
            (&["list"], None),
            (&["bad"], None),
            (&["twice"], Some("2")),
            (&[], None),
        ] {
            assert_eq!(row.scalar(paths).as_deref(), expected, "{paths:?}");
        }
        assert_eq!((row.whole("id"), row.whole("user"), row.at("n")), (Some(7), None, None));
    }
}
