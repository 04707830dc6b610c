//! The columns of a stream and the values of its records.

use crate::choices;
use crate::dates;
use crate::shown::Shown;
use crate::streams::{Key, LINK_KEY, Spec};
use base::{RejectCode, names};
use connect::json::{self, Cell};
use connect::{FieldInfo, Record, Unreadable};
use std::collections::HashMap;
use std::sync::Arc;

/// A column that is made of `choices`, whichever form they have.
const CHOICE_VALUES: &str = "choice_values";

/// The columns known so far; unknown keys are added behind them.
#[derive(Debug, Clone)]
pub struct Columns {
    infos: Vec<FieldInfo>,
    names: Arc<[String]>,
    /// Where a key of a record goes.
    slots: HashMap<String, usize>,
    /// Columns whose value may stand deeper in the record, and where.
    deeper: Vec<(usize, Vec<&'static str>)>,
    link_key: Option<usize>,
    choice_values: Option<usize>,
}

/// A record as a page takes it.
#[derive(Debug, Clone, PartialEq)]
pub enum Converted {
    /// Values in the order of the columns; may be shorter than the columns are in the end.
    Record(Record),
    /// Something in it cannot be text.
    Unreadable(Unreadable),
}

impl Columns {
    /// The columns that the documents name.
    pub fn new(spec: &Spec) -> Self {
        let mut columns = Self {
            infos: Vec::new(),
            names: Arc::from([]),
            slots: HashMap::new(),
            deeper: Vec::new(),
            link_key: None,
            choice_values: None,
        };
        for column in spec.columns() {
            let at = columns.add(column.name, column.name, column.kind);
            columns.slots.insert(column.name.to_owned(), at);
            if !column.paths.is_empty() {
                columns.deeper.push((at, column.paths));
            }
            match column.name {
                LINK_KEY if matches!(spec.key, Key::Link(_)) => columns.link_key = Some(at),
                CHOICE_VALUES => columns.choice_values = Some(at),
                _ => {}
            }
        }
        columns
    }

    /// The columns, in order.
    pub fn infos(&self) -> &[FieldInfo] {
        &self.infos
    }

    /// The names of the columns, in order.
    pub fn names(&self) -> Arc<[String]> {
        self.names.clone()
    }

    fn add(&mut self, name: &str, original: &str, kind: &str) -> usize {
        let at = self.infos.len();
        self.infos.push(FieldInfo { name: name.into(), original: original.into(), kind: kind.into() });
        self.names = self.infos.iter().map(|info| info.name.clone()).collect();
        at
    }

    /// The column of a key that was not seen before: its normalised name, with a number behind it should
    /// another key have that name.
    fn declare(&mut self, key: &str, value: &str) -> usize {
        let name = match names::normalise(key) {
            name if name.is_empty() => "_".to_owned(),
            name => name,
        };
        let is_free = |name: &String| self.infos.iter().all(|info| info.name != *name);
        let name = std::iter::once(name.clone())
            .chain((2u64..).map(|n| format!("{name}_{n}")))
            .find(is_free)
            .unwrap_or(name);
        let kind = match infer_kind(value) {
            "text" | "unknown" if dates::is_named_so(&name) => "date",
            kind => kind,
        };
        let at = self.add(&name, key, kind);
        self.slots.insert(key.to_owned(), at);
        at
    }

    /// The values of a record. A key that was not seen before becomes a column.
    pub fn record(&mut self, shown: &Shown) -> Converted {
        let mut record: Record = vec![None; self.infos.len()];
        for (key, value) in shown.row.members() {
            let at = match self.slots.get(json::unquoted(key)).filter(|_| !key.contains('\\')) {
                Some(at) => *at,
                None => match json::string(key) {
                    Some(key) => match self.slots.get(&key) {
                        Some(at) => *at,
                        None => self.declare(&key, value),
                    },
                    None => return unreadable(shown, &names::normalise(json::unquoted(key)), value),
                },
            };
            if record.len() <= at {
                record.resize(at + 1, None);
            }
            record[at] = match json::cell(value) {
                Cell::Null => None,
                Cell::Text(text) => self.value(at, text),
                Cell::Bad => return unreadable(shown, &self.infos[at].name, value),
            };
        }
        self.fill(&mut record, shown);
        Converted::Record(record)
    }

    /// The text that a column keeps. A time is RFC 3339 however it was written, and an empty one is none.
    fn value(&self, at: usize, text: String) -> Option<String> {
        match self.infos[at].kind.as_str() {
            "date" if text.is_empty() => None,
            "date" => Some(dates::rfc3339(&text).unwrap_or(text)),
            _ => Some(text),
        }
    }

    /// What the record does not show at its top: values from deeper inside, from where it stood, and what is
    /// made of others.
    fn fill(&self, record: &mut Record, shown: &Shown) {
        for (at, paths) in &self.deeper {
            if record[*at].is_none() {
                record[*at] = shown.row.scalar(paths);
            }
        }
        for (column, value) in &shown.given {
            if let Some(at) = self.slots.get(*column).filter(|at| record[**at].is_none()) {
                record[*at] = Some(value.clone());
            }
        }
        if let Some(at) = self.link_key {
            record[at] = Some(shown.key.clone());
        }
        if let Some(at) = self.choice_values {
            record[at] = shown.row.at("choices").and_then(choices::values);
        }
    }
}

fn unreadable(shown: &Shown, field: &str, value: &str) -> Converted {
    Converted::Unreadable(Unreadable {
        id: shown.key.clone(),
        field: field.to_owned(),
        value: value.to_owned(),
        code: RejectCode::BadText,
    })
}

/// What a value seems to be.
fn infer_kind(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'"') => "text",
        Some(b't' | b'f') => "boolean",
        Some(b'[') => "list",
        Some(b'{') => "object",
        Some(b'n') | None => "unknown",
        Some(_) => "number",
    }
}

/// The columns as records of a sample show them.
pub fn of_sample(spec: &Spec, sample: &[Shown]) -> Columns {
    let mut columns = Columns::new(spec);
    for one in sample {
        columns.record(one);
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::shown;
    use crate::streams::List;
    use crate::wire::{Listing, Row};

    /// `name=value` of what is not null.
    fn show(stream: &str, parent: Option<&str>, raw: &str) -> String {
        let spec = Spec::named(stream).expect("a stream");
        let listing = Listing {
            rows: vec![Row::parse(raw).expect("an object")],
            page: None,
            per_page: None,
            more: false,
            count: None,
            date: None,
        };
        let mut columns = Columns::new(spec);
        let mut out = Vec::new();
        let list = List { at: 0, parent: parent.map(str::to_owned) };
        for one in shown(spec, &list, listing) {
            out.push(match columns.record(&one) {
                Converted::Record(values) => {
                    let names = columns.names();
                    let pairs = names.iter().zip(values).filter_map(|(n, v)| Some(format!("{n}={}", v?)));
                    pairs.collect::<Vec<_>>().join(" ")
                }
                Converted::Unreadable(bad) => format!("! {} {} {}", bad.id, bad.field, bad.value),
            });
        }
        out.join(" | ")
    }

    #[test]
    fn values_become_text_and_what_matters_inside_gets_a_column() {
        for (stream, parent, raw, expected) in [
            (
                "posts",
                None,
                r#"{"id":1,"body":{"id":9,"body":"<p>Hi</p>"},"tiptap_body":{"body": {"type":"doc"}}}"#,
                r#"id=1 body={"id":9,"body":"<p>Hi</p>"} body_html=<p>Hi</p> tiptap_body={"body":{"type":"doc"}}"#,
            ),
            ("posts", None, r#"{"id":1,"body":"<p>"}"#, "id=1 body=<p> body_html=<p>"),
            (
                "posts",
                None,
                r#"{"id":1,"space":{"id":40},"user_id":7001}"#,
                r#"id=1 space_id=40 user_id=7001 space={"id":40}"#,
            ),
            (
                "comments",
                Some("40"),
                r#"{"id":2,"user":{"id":7001,"email":"a@x.test"},"post":{"id":8},"body":{"body":"b"},
                    "replies":[{"id":3,"post_id":9}]}"#,
                concat!(
                    r#"id=2 post_id=8 space_id=40 user_id=7001 user_email=a@x.test "#,
                    r#"user={"id":7001,"email":"a@x.test"} body={"body":"b"} body_html=b post={"id":8} | "#,
                    r#"id=3 parent_comment_id=2 post_id=9 space_id=40"#
                ),
            ),
            (
                "space_members",
                Some("40"),
                r#"{"moderator":true,"community_member":{"id":5001,"user_id":7001,"email":"a"}}"#,
                concat!(
                    "_key=40-m5001 space_id=40 community_member_id=5001 user_id=7001 user_email=a ",
                    r#"moderator=true community_member={"id":5001,"user_id":7001,"email":"a"}"#
                ),
            ),
            (
                "members",
                None,
                r#"{"id":"5001","activity_score":{"activity_score":"23.0"},"posts_count":"2","big":1.10}"#,
                concat!(
                    r#"id=5001 posts_count=2 activity_score={"activity_score":"23.0"} "#,
                    "activity_score_value=23.0 big=1.10"
                ),
            ),
            (
                "profile_fields",
                None,
                r#"{"id":1,"choices":[{"id":4,"value":"A"}]}"#,
                r#"id=1 choices=[{"id":4,"value":"A"}] choice_values=["A"]"#,
            ),
        ] {
            assert_eq!(show(stream, parent, raw), expected, "{stream} {raw}");
        }
    }

    #[test]
    fn times_are_written_one_way_and_an_empty_one_is_none() {
        for (raw, expected) in [
            (r#""2025-02-01 10:04:59 UTC""#, "id=1 accepted_invitation=2025-02-01T10:04:59Z"),
            (r#""""#, "id=1"),
            ("null", "id=1"),
            (r#""2025-02-01T10:04:59.000Z""#, "id=1 accepted_invitation=2025-02-01T10:04:59.000Z"),
            (r#""some day""#, "id=1 accepted_invitation=some day"),
        ] {
            let raw = format!(r#"{{"id":1,"accepted_invitation":{raw}}}"#);
            assert_eq!(show("members", None, &raw), expected, "{raw}");
        }
        let raw =
            r#"{"id":1,"name":"","note":"2025-02-01 10:04:59 UTC","left_at":"2025-02-01 10:04:59 UTC"}"#;
        assert_eq!(
            show("members", None, raw),
            "id=1 name= note=2025-02-01 10:04:59 UTC left_at=2025-02-01T10:04:59Z"
        );
    }

    #[test]
    fn a_key_that_nobody_documented_becomes_a_column_whatever_it_is_called() {
        for (raw, expected) in [
            (r#"{"id":1,"New?":true,"list":["x"],"none":null}"#, r#"id=1 new=true list=["x"]"#),
            (r#"{"id":1,"Name":"a","name":"b"}"#, "id=1 name=b name_2=a"),
            (r#"{"id":1,"":"a","%":"b"}"#, "id=1 _=a __2=b"),
            (r#"{"id":1,"\u006eame":"b"}"#, "id=1 name=b"),
        ] {
            assert_eq!(show("topics", None, raw), expected, "{raw}");
        }
        let mut columns = Columns::new(Spec::named("topics").expect("topics"));
        let count = columns.names().len();
        columns.declare("rsvp_at", r#""x""#);
        columns.declare("n", "1");
        columns.declare("gone_at", "null");
        let kinds: Vec<&str> = columns.infos()[count..].iter().map(|info| info.kind.as_str()).collect();
        assert_eq!(kinds, ["date", "number", "date"]);
    }

    #[test]
    fn a_record_that_no_text_can_hold_is_set_aside_by_name() {
        for (raw, expected) in [
            (r#"{"id":1,"name":"x\u0000"}"#, r#"! 1 name "x\u0000""#),
            (r#"{"name":["\ud83d"],"id":1}"#, r#"! 1 name ["\ud83d"]"#),
            (r#"{"id":1,"\ud83d":7}"#, "! 1 _ud83d 7"),
        ] {
            assert_eq!(show("topics", None, raw), expected, "{raw}");
        }
    }
}
