//! What a page shows: its records, replies that stand inside other comments, and what the walk needs to know
//! of each.

use crate::dates;
use crate::streams::{Count, Key, List, Lists, Spec};
use crate::wire::{Listing, Row};
use connect::json;
use serde::Deserialize;
use serde_json::value::RawValue;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// Replies inside replies that are followed; the parser allows no more than twice as many.
const REPLIES_DEPTH_MAX: usize = 32;

/// Who a link may be with: the letter in front of the id, and where that stands.
const LINKED: [(&str, &[&str]); 4] = [
    ("", &["id"]),
    ("m", &["community_member_id", "community_member.id"]),
    ("l", &["lead_id"]),
    ("c", &["contact_id"]),
];

/// Where the address of a person without any id may stand.
const ADDRESSES: &[&str] = &["user_email", "member_email", "email", "community_member.email"];

/// A record of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The record, without the replies that were taken out of it.
    pub row: Row,
    /// Whether it stood inside another one rather than in the list.
    pub nested: bool,
    /// Columns that it has from where it stood, should it not show them itself.
    pub given: Vec<(&'static str, String)>,
    /// What identifies it among all of its stream; as the value of the key's column where the record has no
    /// such value itself.
    pub key: String,
    /// The same, shorter: its id, or a hash.
    pub id: u64,
    /// When it was made, milliseconds since 1970.
    pub created: Option<i64>,
    /// When it was changed last, milliseconds since 1970.
    pub updated: Option<i64>,
    /// Replies that it is said to have.
    pub replies: u64,
    /// Whether it is a reply.
    pub is_reply: bool,
    /// What it adds to the counts of its stream.
    pub counts: Vec<(&'static str, u64)>,
}

/// The records of a page of a list, in order, replies behind what they reply to.
pub fn shown(spec: &Spec, list: &List, listing: Listing) -> Vec<Shown> {
    let mut out = Vec::with_capacity(listing.rows.len());
    let given = match (&spec.lists, &list.parent) {
        (Lists::PerParent(about), Some(id)) => vec![(about.column, id.clone())],
        (Lists::WithArchived, _) if list.at > 0 => vec![("archived", "true".to_owned())],
        _ => Vec::new(),
    };
    for row in listing.rows {
        flatten(spec, row, &given, 0, &mut out);
    }
    out
}

fn flatten(spec: &Spec, mut row: Row, given: &[(&'static str, String)], depth: usize, out: &mut Vec<Shown>) {
    let replies = match spec.name {
        "comments" if depth < REPLIES_DEPTH_MAX => take_replies(&mut row),
        _ => Vec::new(),
    };
    let one = facts(spec, row, given.to_vec(), depth > 0);
    let mut below: Vec<(&'static str, String)> = ["post_id", "space_id"]
        .into_iter()
        .filter_map(|column| Some((column, one.row.scalar(&spec.paths(column))?)))
        .collect();
    below.push(("parent_comment_id", one.key.clone()));
    let inherited = given.iter().filter(|(column, _)| *column != "parent_comment_id");
    for (column, value) in inherited {
        if below.iter().all(|(known, _)| known != column) {
            below.push((column, value.clone()));
        }
    }
    out.push(one);
    for reply in replies {
        flatten(spec, reply, &below, depth + 1, out);
    }
}

/// Replies inside a comment, as a list or as a page of one; what is something else stays where it is.
fn take_replies(row: &mut Row) -> Vec<Row> {
    #[derive(Deserialize)]
    struct Records<'a> {
        #[serde(borrow)]
        records: Vec<&'a RawValue>,
    }
    let Some(raw) = row.at("replies") else { return Vec::new() };
    let list = serde_json::from_str::<Vec<&RawValue>>(raw)
        .or_else(|_| serde_json::from_str::<Records>(raw).map(|page| page.records));
    let Ok(list) = list else { return Vec::new() };
    let Some(rows) = list.iter().map(|one| Row::parse(one.get())).collect::<Option<Vec<Row>>>() else {
        return Vec::new();
    };
    row.take("replies");
    rows
}

fn facts(spec: &Spec, row: Row, given: Vec<(&'static str, String)>, nested: bool) -> Shown {
    let parent = match spec.key {
        Key::Id => None,
        Key::Link(column) => row
            .scalar(&spec.paths(column))
            .or_else(|| given.iter().find(|(name, _)| *name == column).map(|(_, id)| id.clone())),
    };
    let key = match spec.key {
        Key::Id => row.scalar(&["id"]).unwrap_or_else(|| content(&row)),
        Key::Link(_) => format!("{}-{}", parent.unwrap_or_default(), person(&row)),
    };
    let date = |name: &str| row.scalar(&[name]).and_then(|text| dates::millis(&text));
    let is_reply = nested || row.scalar(&["parent_comment_id"]).is_some();
    Shown {
        nested,
        id: key.parse().unwrap_or_else(|_| xxh3_64(key.as_bytes())),
        created: date("created_at"),
        updated: date("updated_at"),
        replies: if spec.declares("replies_count") { row.whole("replies_count").unwrap_or(0) } else { 0 },
        is_reply: spec.declares("parent_comment_id") && is_reply,
        counts: spec.counts.iter().filter_map(|count| Some((count.name(), adds(&row, *count)?))).collect(),
        key,
        row,
        given,
    }
}

/// Whom a link is with. An address is personal and keys are not, so of an address it is the hash, in the one
/// spelling that addresses have.
fn person(row: &Row) -> String {
    for (letter, paths) in LINKED {
        if let Some(id) = row.scalar(paths) {
            return format!("{letter}{id}");
        }
    }
    match row.scalar(ADDRESSES) {
        Some(address) => format!("e{:032x}", xxh3_128(address.trim().to_lowercase().as_bytes())),
        None => content(row),
    }
}

/// Something that tells a record without an id from others.
fn content(row: &Row) -> String {
    let whole: String = row.members().flat_map(|(key, value)| [key, ":", value, ","]).collect();
    format!("#{:032x}", xxh3_128(whole.as_bytes()))
}

/// What a record adds to a count; `None`: it has nothing to say about it.
fn adds(row: &Row, count: Count) -> Option<u64> {
    match count {
        Count::Sum(_, field) => row.whole(field),
        Count::Spaces(_, space_type) => (row.scalar(&["space_type"])? == space_type).then_some(1),
    }
}

/// The texts or numbers of a JSON list; `None`: it is none.
pub fn list(raw: &str) -> Option<Vec<String>> {
    let values: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
    let text = |raw: &RawValue| match json::cell(raw.get()) {
        json::Cell::Text(text) => Some(text),
        _ => None,
    };
    Some(values.into_iter().filter_map(text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(stream: &str, parent: Option<&str>, rows: &[&str]) -> Vec<Shown> {
        let rows = rows.iter().map(|raw| Row::parse(raw).expect("an object")).collect();
        let listing = Listing { rows, page: None, per_page: None, more: false, count: None, date: None };
        let list = List { at: 0, parent: parent.map(str::to_owned) };
        shown(Spec::named(stream).expect("a stream"), &list, listing)
    }

    /// `key<parent comment post space`, a `!` behind what is nested.
    fn comments(rows: &[&str]) -> String {
        let one = |shown: &Shown| {
            let value = |column: &str| {
                let given = shown.given.iter().find(|(name, _)| *name == column);
                let own = shown.row.scalar(&[column, &column.replace("_id", ".id")]);
                own.or(given.map(|(_, value)| value.clone())).unwrap_or_else(|| "-".into())
            };
            let mark = if shown.nested { "!" } else { "" };
            let [of, post, space] = ["parent_comment_id", "post_id", "space_id"].map(value);
            format!("{}{mark}<{of} {post} {space}", shown.key)
        };
        page("comments", Some("40"), rows).iter().map(one).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn replies_are_taken_out_of_what_they_reply_to_and_know_where_they_were() {
        for (rows, expected) in [
            (&[r#"{"id":1,"post_id":8}"#][..], "1<- 8 40"),
            (
                &[r#"{"id":1,"post":{"id":8},"replies":[{"id":2},{"id":3,"parent_comment_id":2}]}"#],
                "1<- 8 40, 2!<1 8 40, 3!<2 8 40",
            ),
            (
                &[r#"{"id":1,"post_id":8,"space":{"id":41},"replies":[{"id":2,"replies":[{"id":3}]}]}"#],
                "1<- 8 41, 2!<1 8 41, 3!<2 8 41",
            ),
            (&[r#"{"id":1,"replies":{"count":1,"records":[{"id":2}]}}"#], "1<- - 40, 2!<1 - 40"),
            (&[r#"{"id":1,"replies":[]}"#, r#"{"id":2,"parent_comment_id":1}"#], "1<- - 40, 2<1 - 40"),
            (&[r#"{"id":1,"replies":[2,3]}"#], "1<- - 40"),
            (&[r#"{"id":1,"replies":7}"#], "1<- - 40"),
            (&[r#"{"id":1,"replies":null}"#], "1<- - 40"),
        ] {
            assert_eq!(comments(rows), expected, "{rows:?}");
        }
        let strange = page("comments", None, &[r#"{"id":1,"replies":[2]}"#]);
        assert_eq!(strange[0].row.at("replies"), Some("[2]"), "what is not understood is kept");
        let other = page("posts", None, &[r#"{"id":1,"replies":[{"id":2}]}"#]);
        assert_eq!(other.len(), 1);
    }

    #[test]
    fn a_link_is_identified_by_what_it_links() {
        let hash = |text: &str| format!("{:032x}", xxh3_128(text.as_bytes()));
        for (stream, parent, raw, expected) in [
            ("space_members", Some("40"), r#"{"id":5}"#, "40-5".to_owned()),
            ("space_members", Some("40"), r#"{"community_member":{"id":5001}}"#, "40-m5001".into()),
            ("tagged_members", None, r#"{"member_tag_id":3,"community_member_id":5001}"#, "3-m5001".into()),
            ("tagged_members", None, r#"{"member_tag_id":3,"lead_id":9,"user_email":"a"}"#, "3-l9".into()),
            ("tagged_members", None, r#"{"member_tag_id":3,"contact_id":9,"lead_id":null}"#, "3-c9".into()),
            (
                "event_attendees",
                Some("31"),
                r#"{"member_email":" Ada@Example.test"}"#,
                format!("31-e{}", hash("ada@example.test")),
            ),
            ("event_attendees", Some("31"), r#"{"a":1}"#, format!("31-#{}", hash(r#""a":1,"#))),
            ("posts", None, r#"{"id":8801}"#, "8801".into()),
            ("posts", None, r#"{"a":1}"#, format!("#{}", hash(r#""a":1,"#))),
        ] {
            let shown = page(stream, parent, &[raw]);
            assert_eq!(shown[0].key, expected, "{stream} {raw}");
        }
        assert_eq!(page("posts", None, &[r#"{"id":"8801"}"#])[0].id, 8801);
    }

    #[test]
    fn what_cannot_be_moved_is_counted() {
        for (stream, raw, expected) in [
            ("posts", r#"{"id":1,"likes_count":"4"}"#, vec![("likes", 4)]),
            ("posts", r#"{"id":1,"likes_count":null}"#, vec![]),
            ("spaces", r#"{"id":1,"space_type":"chat"}"#, vec![("chat_spaces", 1)]),
            ("spaces", r#"{"id":1,"space_type":"basic"}"#, vec![]),
            ("spaces", r#"{"id":1}"#, vec![]),
            ("members", r#"{"id":1,"likes_count":4}"#, vec![]),
        ] {
            assert_eq!(page(stream, None, &[raw])[0].counts, expected, "{stream} {raw}");
        }
        let comment = &page("comments", None, &[r#"{"id":1,"replies_count":2,"likes_count":3}"#])[0];
        assert_eq!((comment.replies, comment.is_reply), (2, false));
        assert!(page("comments", None, &[r#"{"id":1,"parent_comment_id":2}"#])[0].is_reply);
    }

    #[test]
    fn both_kinds_of_dates_are_understood() {
        let raw =
            r#"{"id":1,"created_at":"2025-02-01T10:00:00.123Z","updated_at":"2025-02-01 10:00:00 UTC"}"#;
        let shown = &page("members", None, &[raw])[0];
        assert_eq!(shown.created, Some(1_738_404_000_123));
        assert_eq!(shown.updated, Some(1_738_404_000_000));
    }
}
