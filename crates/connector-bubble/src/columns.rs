//! The columns of a stream and the values of its records.

use crate::query::{ID, Keys};
use crate::schema::Declared;
use crate::wire;
use base::{Fault, RejectCode, names};
use connect::json::{self, Cell};
use connect::{FieldInfo, Record, Unreadable};
use std::collections::HashMap;
use std::sync::Arc;

/// The stream of an application's users, whose e-mail stands in a nested object.
pub const USER: &str = "user";
/// The nested object of users: log-ins of all kinds. Only the e-mail leaves the connector.
const AUTHENTICATION: &str = "authentication";
const EMAIL: &str = "email";
/// A custom e-mail that differs from the one that the user logs in with.
const EMAIL_CUSTOM: &str = "email_custom";

/// Where a key of a record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Column(usize),
    CustomEmail,
    Authentication,
}

/// The columns known so far; unknown keys are added behind them.
#[derive(Debug, Clone)]
pub struct Columns {
    stream: String,
    infos: Vec<FieldInfo>,
    names: Arc<[String]>,
    slots: HashMap<String, Slot>,
    by_name: HashMap<String, usize>,
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
    /// The built-in columns, then what the service declares. `sample` are keys that records show: they decide
    /// whether fields go by their display names or their internal ids.
    pub fn new(
        stream: &str,
        keys: &Keys,
        declared: &[Declared],
        sample: &[Vec<String>],
    ) -> Result<Self, Fault> {
        let mut columns = Self {
            stream: stream.to_owned(),
            infos: Vec::new(),
            names: Arc::from([]),
            slots: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (key, kind) in
            [(ID, "text"), (&keys.created, "date"), (&keys.modified, "date"), ("Created By", "user")]
        {
            columns.declare(key, kind)?;
        }
        if stream == USER {
            columns.slots.insert(AUTHENTICATION.into(), Slot::Authentication);
            columns.add_column(EMAIL, "authentication.email.email", "text");
        }
        let seen = |key: &str| sample.iter().any(|record| record.iter().any(|k| k == key));
        let by_display = declared.iter().filter(|d| seen(&d.display) && !seen(&d.id)).count();
        let by_id = declared.iter().filter(|d| seen(&d.id) && !seen(&d.display)).count();
        for field in declared {
            columns.declare(if by_id > by_display { &field.id } else { &field.display }, &field.kind)?;
        }
        // Should the other names come after all, they mean the same columns; names in use come first, because
        // the id of one field may be the display name of another.
        for field in declared {
            let (used, other) =
                if by_id > by_display { (&field.id, &field.display) } else { (&field.display, &field.id) };
            if let Some(slot) = columns.slots.get(used).copied() {
                columns.slots.entry(other.clone()).or_insert(slot);
            }
        }
        Ok(columns)
    }

    /// The columns, in order.
    pub fn infos(&self) -> &[FieldInfo] {
        &self.infos
    }

    /// The names of the columns, in order.
    pub fn names(&self) -> Arc<[String]> {
        self.names.clone()
    }

    /// Makes room for a key that records may show.
    fn declare(&mut self, key: &str, kind: &str) -> Result<Slot, Fault> {
        if let Some(slot) = self.slots.get(key) {
            return Ok(*slot);
        }
        let name = match names::normalise(key) {
            name if name.is_empty() => "_".to_owned(),
            name => name,
        };
        if self.stream == USER && name == EMAIL {
            self.slots.insert(key.to_owned(), Slot::CustomEmail);
            return Ok(Slot::CustomEmail);
        }
        if let Some(at) = self.by_name.get(&name) {
            return Err(self.collision(&self.infos[*at].original, key, &name));
        }
        let slot = Slot::Column(self.add_column(&name, key, kind));
        self.slots.insert(key.to_owned(), slot);
        Ok(slot)
    }

    fn add_column(&mut self, name: &str, original: &str, kind: &str) -> usize {
        let at = self.infos.len();
        self.infos.push(FieldInfo { name: name.into(), original: original.into(), kind: kind.into() });
        self.names = self.infos.iter().map(|info| info.name.clone()).collect();
        self.by_name.insert(name.to_owned(), at);
        at
    }

    fn collision(&self, one: &str, other: &str, name: &str) -> Fault {
        Fault::usage(format!(
            "the fields {one:?} and {other:?} of {} would both be the column {name}",
            self.stream
        ))
        .hint("rename one of them in the Bubble editor (Data, Data types), deploy, and export again")
    }

    /// The values of a record. A key that was not seen before becomes a column, unless another one has its
    /// name.
    pub fn record(&mut self, fields: &json::Fields) -> Result<Converted, Fault> {
        let mut record: Record = vec![None; self.infos.len()];
        let (mut auth, mut custom) = (None, None);
        for (key, value) in fields {
            let slot = match self.slots.get(json::unquoted(key)).filter(|_| !key.contains('\\')) {
                Some(slot) => *slot,
                None => match json::string(key) {
                    Some(key) => self.declare(&key, infer_kind(value))?,
                    None => return Ok(unreadable(fields, &names::normalise(json::unquoted(key)), value)),
                },
            };
            match slot {
                Slot::Authentication => auth = auth_email(value),
                Slot::CustomEmail => custom = Some(*value),
                Slot::Column(at) => {
                    if record.len() <= at {
                        record.resize(at + 1, None);
                    }
                    match json::cell(value) {
                        Cell::Null => record[at] = None,
                        Cell::Text(text) => record[at] = Some(text),
                        Cell::Bad => return Ok(unreadable(fields, &self.infos[at].name, value)),
                    }
                }
            }
        }
        if self.stream == USER
            && let Some(bad) = self.emails(&mut record, auth, custom)?
        {
            let (field, value) = bad;
            return Ok(unreadable(fields, field, value));
        }
        Ok(Converted::Record(record))
    }

    /// The e-mail to log in with, else the custom one; the custom one also by itself where it differs in any
    /// byte. Gives back the field whose value cannot be text.
    fn emails<'v>(
        &mut self,
        record: &mut Record,
        auth: Option<&'v str>,
        custom: Option<&'v str>,
    ) -> Result<Option<(&'static str, &'v str)>, Fault> {
        let mut texts = [None, None];
        for (at, value, field) in [(0, auth, EMAIL), (1, custom, EMAIL_CUSTOM)] {
            match value.map_or(Cell::Null, json::cell) {
                Cell::Bad => return Ok(Some((field, value.unwrap_or_default()))),
                Cell::Null => {}
                Cell::Text(text) => texts[at] = Some(text),
            }
        }
        let [auth, custom] = texts;
        let at = self.by_name.get(EMAIL).copied().unwrap_or_default();
        // An emptied e-mail may arrive as the empty text: nobody logs in with that.
        let Some(auth) = auth.filter(|text| !text.is_empty()) else {
            record[at] = custom;
            return Ok(None);
        };
        if let Some(custom) = custom.filter(|custom| *custom != auth) {
            let at = match self.by_name.get(EMAIL_CUSTOM) {
                Some(at) if self.infos[*at].original == EMAIL => *at,
                Some(at) => return Err(self.collision(&self.infos[*at].original, EMAIL, EMAIL_CUSTOM)),
                None => self.add_column(EMAIL_CUSTOM, EMAIL, "text"),
            };
            record.resize(record.len().max(at + 1), None);
            record[at] = Some(custom);
        }
        record[at] = Some(auth);
        Ok(None)
    }
}

/// `authentication.email.email` as JSON.
fn auth_email(raw: &str) -> Option<&str> {
    let inside = |raw: &str| -> Option<std::ops::Range<usize>> {
        let fields = json::fields(raw)?;
        let (_, value) = fields.into_iter().rfind(|(key, _)| json::unquoted(key) == "email")?;
        let start = value.as_ptr() as usize - raw.as_ptr() as usize;
        Some(start..start + value.len())
    };
    let email = &raw[inside(raw)?];
    Some(&email[inside(email)?])
}

fn unreadable(fields: &json::Fields, field: &str, value: &str) -> Converted {
    let id = fields.iter().rfind(|(key, _)| json::unquoted(key) == ID).map_or("", |(_, raw)| raw);
    let id = match json::cell(id) {
        Cell::Text(text) => text,
        Cell::Null => String::new(),
        Cell::Bad => id.to_owned(),
    };
    Converted::Unreadable(Unreadable {
        id,
        field: field.to_owned(),
        value: value.to_owned(),
        code: RejectCode::BadText,
    })
}

/// What a value seems to be, in the service's words.
pub fn infer_kind(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'"') if raw.len() > 20 && !digits(raw) && wire::instant(raw).is_some() => "date",
        Some(b'"') => "text",
        Some(b't' | b'f') => "boolean",
        Some(b'[') => "list",
        Some(b'{') => "object",
        Some(b'n') | None => "unknown",
        Some(_) => "number",
    }
}

fn digits(raw: &str) -> bool {
    raw.trim_matches('"').bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(id: &str, display: &str) -> Declared {
        Declared { id: id.into(), display: display.into(), kind: "text".into() }
    }

    fn columns(stream: &str, declared: &[Declared], sample: &[&str]) -> Columns {
        let sample = vec![sample.iter().map(|s| (*s).to_owned()).collect()];
        Columns::new(stream, &Keys::default(), declared, &sample).expect("columns")
    }

    /// `name=value` of what is not null.
    fn show(columns: &mut Columns, raw: &str) -> String {
        match columns.record(&json::fields(raw).expect("an object")).expect("no collision") {
            Converted::Record(values) => {
                let pairs = columns
                    .names()
                    .iter()
                    .zip(values)
                    .filter_map(|(n, v)| Some(format!("{n}={}", v?)))
                    .collect::<Vec<_>>();
                pairs.join(" ")
            }
            Converted::Unreadable(bad) => format!("! {} {} {}", bad.id, bad.field, bad.value),
        }
    }

    #[test]
    fn values_find_their_columns_under_either_name() {
        let fields = [declared("unit_name_text", "Unit name"), declared("rent__number", "Rent %")];
        for sample in [&[][..], &["Unit name"], &["unit_name_text"]] {
            let mut c = columns("unit", &fields, sample);
            let id_mode = sample == ["unit_name_text"];
            let (unit, rent) =
                if id_mode { ("unit_name_text", "rent_number") } else { ("unit_name", "rent") };
            let expected = format!("_id=1x1 {unit}=Flat 4 {rent}=12.50");
            assert_eq!(show(&mut c, r#"{"_id":"1x1","Unit name":"Flat 4","Rent %":12.50}"#), expected);
            assert_eq!(
                show(&mut c, r#"{"_id":"1x1","unit_name_text":"Flat 4","rent__number":12.50}"#),
                expected
            );
        }
    }

    #[test]
    fn a_key_that_nobody_declared_becomes_a_column() {
        let mut c = columns("unit", &[declared("a_text", "A")], &[]);
        assert_eq!(
            show(&mut c, r#"{"_id":"1","New?":true,"A":null,"Tags":["x"]}"#),
            r#"_id=1 new=true tags=["x"]"#
        );
        let names = c.names();
        assert_eq!(
            *names,
            ["_id", "created_date", "modified_date", "created_by", "a", "new", "tags"].map(String::from)
        );
        assert_eq!(c.infos()[5].kind, "boolean");
        assert_eq!(c.infos()[6].original, "Tags");
    }

    #[test]
    fn a_user_has_one_email_and_nothing_else_of_the_log_in() {
        for (raw, expected) in [
            (
                r#"{"_id":"1","authentication":{"email":{"email":"a@x","a":true},"Google":{"b":"c"}}}"#,
                "_id=1 email=a@x",
            ),
            (r#"{"_id":"1","authentication":{"email":{"email":"a@x"}},"email":"a@x"}"#, "_id=1 email=a@x"),
            (
                r#"{"_id":"1","email":"A@x","authentication":{"email":{"email":"a@x"}}}"#,
                "_id=1 email=a@x email_custom=A@x",
            ),
            (
                r#"{"_id":"1","Email":"a@x ","authentication":{"email":{"email":"a@x"}}}"#,
                "_id=1 email=a@x email_custom=a@x ",
            ),
            (r#"{"_id":"1","email":"a@x","authentication":{"Google":{}}}"#, "_id=1 email=a@x"),
            (r#"{"_id":"1","email":"a@x","authentication":{"email":{"email":""}}}"#, "_id=1 email=a@x"),
            (r#"{"_id":"1","email":"a@x"}"#, "_id=1 email=a@x"),
            (r#"{"_id":"1","authentication":{"email":null}}"#, "_id=1"),
            (r#"{"_id":"1","authentication":{"email":{"email":"a\u0000"}}}"#, r#"! 1 email "a\u0000""#),
        ] {
            assert_eq!(show(&mut columns(USER, &[declared("email", "email")], &[]), raw), expected, "{raw}");
        }
        assert_eq!(show(&mut columns("lead", &[], &[]), r#"{"_id":"1","email":"a"}"#), "_id=1 email=a");
    }

    #[test]
    fn a_record_that_no_text_can_hold_is_set_aside_by_name() {
        for (raw, expected) in [
            (r#"{"_id":"1","A":"x\u0000"}"#, r#"! 1 a "x\u0000""#),
            (r#"{"A":["\ud83d"],"_id":"1"}"#, r#"! 1 a ["\ud83d"]"#),
            (r#"{"_id":"1","B\u0000 c":7}"#, "! 1 b_u0000_c 7"),
            (r#"{"_id":"1","\ud83d":7}"#, "! 1 _ud83d 7"),
            (r#"{"_id":"\ud83d"}"#, r#"! "\ud83d" _id "\ud83d""#),
            (r#"{"\u0041":1}"#, "a=1"),
            (r#"{"A":1}"#, "a=1"),
        ] {
            assert_eq!(show(&mut columns("unit", &[], &[]), raw), expected, "{raw}");
        }
    }

    #[test]
    fn two_keys_of_one_name_are_refused_by_both_names() {
        let two = [declared("a_text", "Rent %"), declared("b_text", "Rent?")];
        let fault = Columns::new("unit", &Keys::default(), &two, &[]).expect_err("they collide");
        assert!(fault.what.contains(r#""Rent %""#) && fault.what.contains(r#""Rent?""#), "{fault}");
        let mut c = columns("unit", &two[..1], &[]);
        let fault = c.record(&json::fields(r#"{"Rent?":1}"#).expect("an object")).expect_err("they collide");
        assert!(fault.what.contains(r#""Rent %""#) && fault.what.contains(r#""Rent?""#), "{fault}");
        let mut c = columns(USER, &[declared("x", "Email custom")], &[]);
        let both = r#"{"email":"b","authentication":{"email":{"email":"a"}}}"#;
        let both = json::fields(both).expect("an object");
        assert!(c.record(&both).expect_err("they collide").what.contains("Email custom"));
    }

    #[test]
    fn kinds_are_inferred_from_values() {
        for (raw, kind) in [
            (r#""2023-11-14T22:13:20.000Z""#, "date"),
            (r#""17000000000000000000000""#, "text"),
            (r#""x""#, "text"),
            ("1.5", "number"),
            ("true", "boolean"),
            ("[1]", "list"),
            ("{}", "object"),
            ("null", "unknown"),
        ] {
            assert_eq!(infer_kind(raw), kind, "{raw}");
        }
    }
}
