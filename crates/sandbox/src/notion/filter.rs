//! Filters and sorts of a query.

use super::cells::{self, Cell};
use super::check::{At, Checked};
use super::property::{Kind, Property};
use super::refusal::Refusal;
use super::richtext::{moment, plain};
use super::store::{Page, Source, Store};
use crate::time::DAY;
use serde_json::Value;
use std::cmp::Ordering;

/// Groups within groups at most: a bound of the stand-in.
const DEPTH_MAX: usize = 10;

/// Which pages are found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    /// The column's id, and what must hold of its value.
    Property(String, Test),
    Created(Test),
    Edited(Test),
}

/// What must hold of a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Empty(bool),
    Text(TextTest, String),
    Number(Compare, f64),
    Flag(bool),
    /// An option of that name, or, when false, none of that name.
    Option(bool, String),
    /// A reference of that id, or, when false, none.
    Reference(bool, String),
    /// A moment, and whether it is a whole day.
    Moment(Compare, i64, bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextTest {
    Equals,
    EqualsNot,
    Contains,
    ContainsNot,
    Starts,
    Ends,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    Unequal,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
}

const TEXT_TESTS: &[(&str, TextTest)] = &[
    ("equals", TextTest::Equals),
    ("does_not_equal", TextTest::EqualsNot),
    ("contains", TextTest::Contains),
    ("does_not_contain", TextTest::ContainsNot),
    ("starts_with", TextTest::Starts),
    ("ends_with", TextTest::Ends),
];

const NUMBER_TESTS: &[(&str, Compare)] = &[
    ("equals", Compare::Equal),
    ("does_not_equal", Compare::Unequal),
    ("greater_than", Compare::Greater),
    ("less_than", Compare::Less),
    ("greater_than_or_equal_to", Compare::GreaterOrEqual),
    ("less_than_or_equal_to", Compare::LessOrEqual),
];

const DATE_TESTS: &[(&str, Compare)] = &[
    ("equals", Compare::Equal),
    ("after", Compare::Greater),
    ("before", Compare::Less),
    ("on_or_after", Compare::GreaterOrEqual),
    ("on_or_before", Compare::LessOrEqual),
];

impl Filter {
    pub fn read(at: &At<'_>, source: &Source) -> Checked<Self> {
        Self::within(at, source, DEPTH_MAX)
    }

    fn within(at: &At<'_>, source: &Source, depth: usize) -> Checked<Self> {
        let (key, inner) = at.one_of(&["and", "or", "property", "timestamp"])?;
        match key {
            "and" | "or" => {
                at.only(&[key])?;
                if depth == 0 {
                    return Err(at.wrong("a filter with fewer groups within groups"));
                }
                let all = inner.list(100)?;
                let all =
                    all.iter().map(|part| Self::within(part, source, depth - 1)).collect::<Checked<_>>()?;
                Ok(if key == "and" { Filter::And(all) } else { Filter::Or(all) })
            }
            "property" => {
                let property = find(source, &inner)?;
                let kind = property.kind.word();
                at.only(&["property", "type", kind])?;
                at.tagged(kind)?;
                Ok(Filter::Property(property.id.clone(), test(property.kind, &at.required(kind)?)?))
            }
            _ => {
                let kind = inner.word(&[
                    ("created_time", Kind::CreatedTime),
                    ("last_edited_time", Kind::LastEditedTime),
                ])?;
                at.only(&["timestamp", kind.word()])?;
                let test = test(kind, &at.required(kind.word())?)?;
                Ok(if kind == Kind::CreatedTime { Filter::Created(test) } else { Filter::Edited(test) })
            }
        }
    }

    pub fn finds(&self, page: &Page, source: &Source, store: &Store, ignores_case: bool) -> bool {
        let holds = |filter: &Filter| filter.finds(page, source, store, ignores_case);
        match self {
            Filter::And(all) => all.iter().all(holds),
            Filter::Or(all) => all.iter().any(holds),
            Filter::Created(test) => test.holds_of_moment(Some(page.created)),
            Filter::Edited(test) => test.holds_of_moment(Some(page.edited)),
            Filter::Property(id, test) => {
                let property = source.properties.iter().find(|property| property.id == *id);
                property.is_some_and(|property| test.holds(property, page, store, ignores_case))
            }
        }
    }
}

/// The column that a filter or sort means.
fn find<'s>(source: &'s Source, at: &At<'_>) -> Checked<&'s Property> {
    let key = at.text()?;
    let found = source.properties.iter().find(|property| property.is(key));
    found.ok_or_else(|| Refusal::Invalid(format!("Could not find property with name or id: {key}")))
}

fn test(kind: Kind, at: &At<'_>) -> Checked<Test> {
    let entries = at.entries()?;
    let [(word, operand)] = &entries[..] else { return Err(at.wrong("an object with one condition")) };
    if matches!(*word, "is_empty" | "is_not_empty") && kind != Kind::Checkbox {
        operand.word_true()?;
        return Ok(Test::Empty(*word == "is_empty"));
    }
    let unknown = || operand.wrong("not present");
    Ok(match kind {
        Kind::Title | Kind::RichText | Kind::Url | Kind::Email | Kind::PhoneNumber => {
            Test::Text(of(TEXT_TESTS, word).ok_or_else(unknown)?, operand.text()?.to_owned())
        }
        Kind::Number | Kind::UniqueId => {
            let with = operand.value.as_f64().ok_or_else(|| operand.wrong("a number"))?;
            Test::Number(of(NUMBER_TESTS, word).ok_or_else(unknown)?, with)
        }
        Kind::Checkbox => {
            Test::Flag(operand.flag()? == wanted(word, ["equals", "does_not_equal"]).ok_or_else(unknown)?)
        }
        Kind::Select | Kind::Status => {
            let wanted = wanted(word, ["equals", "does_not_equal"]).ok_or_else(unknown)?;
            Test::Option(wanted, operand.text()?.to_owned())
        }
        Kind::MultiSelect => {
            let wanted = wanted(word, ["contains", "does_not_contain"]).ok_or_else(unknown)?;
            Test::Option(wanted, operand.text()?.to_owned())
        }
        Kind::People | Kind::Relation | Kind::CreatedBy | Kind::LastEditedBy => {
            let wanted = wanted(word, ["contains", "does_not_contain"]).ok_or_else(unknown)?;
            Test::Reference(wanted, operand.id()?.to_string())
        }
        Kind::Date | Kind::CreatedTime | Kind::LastEditedTime => {
            let text = moment(operand)?;
            let compare = of(DATE_TESTS, word).ok_or_else(unknown)?;
            Test::Moment(compare, instant(text), text.len() == 10)
        }
        Kind::Files | Kind::Formula | Kind::Rollup => return Err(unknown()),
    })
}

fn of<T: Copy>(words: &[(&str, T)], word: &str) -> Option<T> {
    words.iter().find(|(other, _)| *other == word).map(|(_, test)| *test)
}

/// Whether the first of two words is meant; `None` for neither.
fn wanted(word: &str, words: [&str; 2]) -> Option<bool> {
    words.iter().position(|other| *other == word).map(|at| at == 0)
}

impl At<'_> {
    /// Conditions without an operand are written with `true`.
    fn word_true(&self) -> Checked<()> {
        if self.flag()? { Ok(()) } else { Err(self.wrong("`true`")) }
    }
}

impl Test {
    fn holds(&self, property: &Property, page: &Page, store: &Store, ignores_case: bool) -> bool {
        let value = cells::value(property, page, store);
        let cell = page.cells.get(&property.id);
        match self {
            Test::Empty(empty) => is_empty(property.kind, &value) == *empty,
            Test::Text(test, with) => {
                let text = match cell {
                    Some(Cell::RichText(items)) => plain(items),
                    Some(Cell::Text(text)) => text.clone(),
                    _ => String::new(),
                };
                if ignores_case {
                    test.holds(&text.to_lowercase(), &with.to_lowercase())
                } else {
                    test.holds(&text, with)
                }
            }
            Test::Number(compare, with) => {
                let number = value.as_f64().or_else(|| value["number"].as_f64());
                match number {
                    Some(number) => compare.holds(number.partial_cmp(with)),
                    None => *compare == Compare::Unequal,
                }
            }
            Test::Flag(wanted) => value == *wanted,
            Test::Option(wanted, name) => {
                let named = |option: &Value| option["name"] == *name;
                let has = named(&value) || value.as_array().is_some_and(|all| all.iter().any(named));
                has == *wanted
            }
            Test::Reference(wanted, id) => {
                let is = |thing: &Value| thing["id"] == *id;
                let has = is(&value) || value.as_array().is_some_and(|all| all.iter().any(is));
                has == *wanted
            }
            Test::Moment(..) => {
                let text = value["start"].as_str().or_else(|| value.as_str());
                self.holds_of_moment(text.map(instant))
            }
        }
    }

    fn holds_of_moment(&self, at: Option<i64>) -> bool {
        match (self, at) {
            (Test::Empty(empty), at) => at.is_none() == *empty,
            (Test::Moment(compare, with, true), Some(at)) => {
                compare.holds(at.div_euclid(DAY).partial_cmp(&with.div_euclid(DAY)))
            }
            (Test::Moment(compare, with, false), Some(at)) => compare.holds(at.partial_cmp(with)),
            _ => false,
        }
    }
}

impl TextTest {
    fn holds(self, text: &str, with: &str) -> bool {
        match self {
            TextTest::Equals => text == with,
            TextTest::EqualsNot => text != with,
            TextTest::Contains => text.contains(with),
            TextTest::ContainsNot => !text.contains(with),
            TextTest::Starts => text.starts_with(with),
            TextTest::Ends => text.ends_with(with),
        }
    }
}

impl Compare {
    fn holds(self, order: Option<Ordering>) -> bool {
        let Some(order) = order else { return false };
        match self {
            Compare::Equal => order.is_eq(),
            Compare::Unequal => order.is_ne(),
            Compare::Greater => order.is_gt(),
            Compare::Less => order.is_lt(),
            Compare::GreaterOrEqual => order.is_ge(),
            Compare::LessOrEqual => order.is_le(),
        }
    }
}

fn is_empty(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::UniqueId => value["number"].is_null(),
        Kind::Title | Kind::RichText => value.as_array().is_none_or(|items| plain(items).is_empty()),
        _ => value.is_null() || value.as_array().is_some_and(Vec::is_empty),
    }
}

/// A day's beginning or a moment, in milliseconds since 1970; without an offset it is that of UTC.
fn instant(text: &str) -> i64 {
    let moment = text.parse::<jiff::Timestamp>().ok();
    let local = || text.parse::<jiff::civil::DateTime>().ok();
    let day = || text.parse::<jiff::civil::Date>().ok().map(jiff::civil::DateTime::from);
    let utc = |at: jiff::civil::DateTime| at.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|at| at.timestamp());
    moment.or_else(|| local().or_else(day).and_then(utc)).map_or(0, jiff::Timestamp::as_millisecond)
}

/// What to sort by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sort {
    by: By,
    descending: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum By {
    Property(String),
    Created,
    Edited,
}

impl Sort {
    pub fn read(at: &At<'_>, source: &Source) -> Checked<Self> {
        at.only(&["property", "timestamp", "direction"])?;
        let descending = at.required("direction")?.word(&[("ascending", false), ("descending", true)])?;
        let by = match at.one_of(&["property", "timestamp"])? {
            ("property", property) => By::Property(find(source, &property)?.id.clone()),
            (_, timestamp) => timestamp
                .word(&[("created_time", false), ("last_edited_time", true)])
                .map(|edited| if edited { By::Edited } else { By::Created })?,
        };
        Ok(Self { by, descending })
    }

    pub fn order(&self, a: &Page, b: &Page, source: &Source, store: &Store) -> Ordering {
        let order = match &self.by {
            By::Created => a.created.cmp(&b.created),
            By::Edited => a.edited.cmp(&b.edited),
            By::Property(id) => {
                let Some(property) = source.properties.iter().find(|property| property.id == *id) else {
                    return Ordering::Equal;
                };
                let key = |page| Key::of(property, page, store);
                match (key(a), key(b)) {
                    // What is empty is last, in either direction.
                    (None, None) => return Ordering::Equal,
                    (None, _) => return Ordering::Greater,
                    (_, None) => return Ordering::Less,
                    (Some(a), Some(b)) => a.cmp(&b),
                }
            }
        };
        if self.descending { order.reverse() } else { order }
    }
}

/// What values are ordered by.
enum Key {
    Number(f64),
    Text(String),
}

impl Key {
    fn of(property: &Property, page: &Page, store: &Store) -> Option<Self> {
        let value = cells::value(property, page, store);
        if is_empty(property.kind, &value) {
            return None;
        }
        Some(match property.kind {
            Kind::Number => Key::Number(value.as_f64()?),
            Kind::UniqueId => Key::Number(value["number"].as_f64()?),
            Kind::Checkbox => Key::Number(f64::from(u8::from(value == true))),
            Kind::Date => Key::Number(instant(value["start"].as_str()?) as f64),
            Kind::Title | Kind::RichText => Key::Text(plain(value.as_array()?)),
            // Options are ordered as they are listed.
            Kind::Select | Kind::Status => {
                Key::Number(property.choices.iter().position(|choice| value["id"] == choice.id)? as f64)
            }
            _ => Key::Text(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
        })
    }

    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            (Key::Number(_), Key::Text(_)) => Ordering::Less,
            (Key::Text(_), Key::Number(_)) => Ordering::Greater,
        }
    }
}
