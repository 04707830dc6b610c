//! List requests as data.

use jiff::Timestamp;
use serde_json::{Value, json};

/// Records in one answer at most; the service cuts larger requests down to this without a word.
pub const PAGE_MAX: usize = 100;

/// The names that the built-in fields go by, exactly as records show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The time of creation.
    pub created: String,
    /// The time of the last change.
    pub modified: String,
}

impl Default for Keys {
    fn default() -> Self {
        Self { created: "Created Date".into(), modified: "Modified Date".into() }
    }
}

impl Keys {
    /// The names that these keys of a record suggest: the usual ones, else what is normalised to the same.
    pub fn seen_in<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        let usual = Self::default();
        let (mut created, mut modified) = (false, false);
        for key in keys {
            let name = base::names::normalise(key);
            if name == "created_date" && !created {
                found.created = key.to_owned();
            } else if name == "modified_date" && !modified {
                found.modified = key.to_owned();
            }
            created |= key == usual.created;
            modified |= key == usual.modified;
        }
        found
    }
}

/// The field that identifies a record.
pub const ID: &str = "_id";

/// A comparison; all of them are strict, the service knows no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `greater than`
    Greater,
    /// `less than`
    Less,
}

/// One condition of a request; the service joins them by "and".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// The field, as records show it.
    pub key: String,
    /// The comparison.
    pub compare: Compare,
    /// The value, as text.
    pub value: String,
}

impl Constraint {
    /// `key` later than the millisecond `ms`.
    pub fn after(key: &str, ms: i64) -> Self {
        Self { key: key.to_owned(), compare: Compare::Greater, value: iso(ms) }
    }
    /// `key` earlier than the millisecond `ms`.
    pub fn before(key: &str, ms: i64) -> Self {
        Self { key: key.to_owned(), compare: Compare::Less, value: iso(ms) }
    }
    /// `_id` greater than `id`.
    pub fn id_above(id: &str) -> Self {
        Self { key: ID.to_owned(), compare: Compare::Greater, value: id.to_owned() }
    }
    fn json(&self) -> Value {
        let compare = match self.compare {
            Compare::Greater => "greater than",
            Compare::Less => "less than",
        };
        json!({"key": self.key, "constraint_type": compare, "value": self.value})
    }
}

/// A list request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Conditions.
    pub constraints: Vec<Constraint>,
    /// Fields to sort by, each with whether it descends; empty: the service's own order.
    pub sort: Vec<(String, bool)>,
    /// Rows to leave out.
    pub cursor: usize,
    /// Rows wanted, 1 to [`PAGE_MAX`]; always sent, because the service's default is not sure.
    pub limit: usize,
}

impl Query {
    /// The parameters of the request, not yet encoded.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut out = vec![("limit", self.limit.to_string()), ("cursor", self.cursor.to_string())];
        if let Some((field, descending)) = self.sort.first() {
            out.push(("sort_field", field.clone()));
            out.push(("descending", descending.to_string()));
        }
        if self.sort.len() > 1 {
            let more = self.sort[1..].iter().map(|(f, d)| json!({"sort_field": f, "descending": d}));
            out.push(("additional_sort_fields", Value::Array(more.collect()).to_string()));
        }
        if !self.constraints.is_empty() {
            let all = self.constraints.iter().map(Constraint::json);
            out.push(("constraints", Value::Array(all.collect()).to_string()));
        }
        out
    }
}

/// A millisecond since 1970 as the service writes it. A time outside the calendar becomes its edge.
pub fn iso(ms: i64) -> String {
    let edge = if ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(ms).unwrap_or(edge).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_as_the_manual_shows_it() {
        let query = Query {
            constraints: vec![
                Constraint::after("Created Date", 1_740_787_200_000),
                Constraint::id_above("1x2"),
            ],
            sort: vec![("Created Date".into(), false), ("_id".into(), false)],
            cursor: 0,
            limit: 100,
        };
        let expected = [
            ("limit", "100"),
            ("cursor", "0"),
            ("sort_field", "Created Date"),
            ("descending", "false"),
            ("additional_sort_fields", r#"[{"sort_field":"_id","descending":false}]"#),
            (
                "constraints",
                "[{\"key\":\"Created Date\",\"constraint_type\":\"greater than\",\
                 \"value\":\"2025-03-01T00:00:00.000Z\"},\
                 {\"key\":\"_id\",\"constraint_type\":\"greater than\",\"value\":\"1x2\"}]",
            ),
        ];
        let written = query.parameters();
        assert_eq!(written.iter().map(|(k, v)| (*k, v.as_str())).collect::<Vec<_>>(), expected);
        let plain = Query { limit: 1, ..Query::default() };
        assert_eq!(plain.parameters(), [("limit", "1".to_owned()), ("cursor", "0".to_owned())]);
    }

    #[test]
    fn milliseconds_are_written_as_dates() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_700_000_000_001, "2023-11-14T22:13:20.001Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(iso(ms), text);
        }
    }

    #[test]
    fn built_in_fields_are_known_by_the_names_that_records_show() {
        for (keys, created, modified) in [
            (vec![], "Created Date", "Modified Date"),
            (vec!["_id", "Created Date", "Modified Date"], "Created Date", "Modified Date"),
            (vec!["created_date", "modified_date"], "created_date", "modified_date"),
            (vec!["created date", "Created Date", "created-date"], "Created Date", "Modified Date"),
        ] {
            let found = Keys::seen_in(keys.iter().copied());
            assert_eq!((found.created.as_str(), found.modified.as_str()), (created, modified), "{keys:?}");
        }
    }
}
