//! What a request asks for, and the page that it gets.

use super::refusal::Refusal;
use super::scenario::{NextFlag, PageCount, Paging};
use crate::serve::answer::Answer;
use crate::serve::query::pairs;
use serde_json::{Map, Value, json};
use std::cell::RefCell;

/// The parameters of a query. What nobody asks for is ignored, as the service does, and counted.
pub(super) struct Params {
    pairs: Vec<(String, String)>,
    asked: RefCell<Vec<String>>,
}

/// Which page is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub number: u64,
    pub size: u64,
}

impl Params {
    pub fn read(query: &str) -> Result<Self, Refusal> {
        let malformed = || Refusal::Malformed("the query is not properly encoded".to_owned());
        // It does no harm, as the token names the community.
        let asked = RefCell::new(vec!["community_id".to_owned()]);
        Ok(Self { pairs: pairs(query).ok_or_else(malformed)?, asked })
    }

    /// The value of a parameter; the last one when it is given twice, as in Rails.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.asked.borrow_mut().push(name.to_owned());
        self.pairs.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// All values of a parameter, given as `NAME[]` or once as `NAME`.
    pub fn numbers(&self, name: &'static str) -> Result<Vec<u64>, Refusal> {
        let list = format!("{name}[]");
        self.asked.borrow_mut().extend([name.to_owned(), list.clone()]);
        let values = self.pairs.iter().filter(|(other, _)| other == name || *other == list);
        values.map(|(_, value)| number(name, value)).collect()
    }

    pub fn number(&self, name: &'static str) -> Result<Option<u64>, Refusal> {
        self.text(name).map(|value| number(name, value)).transpose()
    }

    /// A number that must be there.
    pub fn required(&self, name: &'static str) -> Result<u64, Refusal> {
        self.number(name)?.ok_or_else(|| Refusal::Malformed(format!("{name} is required")))
    }

    /// `true` or `false`.
    pub fn flag(&self, name: &'static str) -> Result<bool, Refusal> {
        self.choice(name, &[("false", false), ("true", true)], false)
    }

    /// One of a few words.
    pub fn choice<T: Copy>(
        &self,
        name: &'static str,
        choices: &[(&'static str, T)],
        default: T,
    ) -> Result<T, Refusal> {
        let Some(word) = self.text(name) else { return Ok(default) };
        let found = choices.iter().find(|(choice, _)| *choice == word);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let valid = choices.iter().map(|(choice, _)| *choice).collect();
            Refusal::Choice { name, valid }
        })
    }

    /// The page that is wanted; a size beyond the largest is cut without a word.
    pub fn page(&self, paging: &Paging) -> Result<Page, Refusal> {
        let number = self.number("page")?.unwrap_or(1);
        let size = self.number("per_page")?.unwrap_or(paging.default_per_page);
        if number == 0 || size == 0 {
            return Err(Refusal::Malformed("page and per_page begin at 1".to_owned()));
        }
        Ok(Page { number, size: size.min(paging.max_per_page) })
    }

    /// How many parameters nobody asked for.
    pub fn unknown(&self) -> usize {
        let asked = self.asked.borrow();
        self.pairs.iter().filter(|(name, _)| !asked.contains(name)).count()
    }
}

fn number(name: &'static str, value: &str) -> Result<u64, Refusal> {
    let number = value.bytes().all(|b| b.is_ascii_digit()).then(|| value.parse().ok()).flatten();
    number.ok_or_else(|| Refusal::Malformed(format!("{name} is not a whole number")))
}

impl Page {
    /// The part of `all` that is on it.
    pub fn of<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let start = (self.number - 1).saturating_mul(self.size).min(all.len() as u64);
        let end = start.saturating_add(self.size).min(all.len() as u64);
        &all[start as usize..end as usize]
    }

    /// The standard envelope around the records of this page, of `total` in all.
    pub fn envelope(&self, paging: &Paging, total: u64, records: Vec<Value>) -> Map<String, Value> {
        let more = self.number.saturating_mul(self.size) < total;
        let mut body = Map::new();
        body.insert("page".to_owned(), json!(self.number));
        body.insert("per_page".to_owned(), json!(self.size));
        match paging.next_flag {
            NextFlag::Right => drop(body.insert("has_next_page".to_owned(), json!(more))),
            NextFlag::Stuck => drop(body.insert("has_next_page".to_owned(), json!(true))),
            NextFlag::Absent => {}
        }
        body.insert("count".to_owned(), json!(total));
        let page_count = match paging.page_count {
            PageCount::Total => total,
            PageCount::Pages => total.div_ceil(self.size),
            PageCount::One => 1,
        };
        body.insert("page_count".to_owned(), json!(page_count));
        body.insert("records".to_owned(), Value::Array(records));
        body
    }

    /// The page of `all` as an answer.
    pub fn answer<T>(&self, paging: &Paging, all: &[T], show: impl Fn(&T) -> Value) -> Answer {
        let records = self.of(all).iter().map(show).collect();
        Answer::json(200, &Value::Object(self.envelope(paging, all.len() as u64, records)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_divide_a_list_and_lie_about_nothing_by_default() {
        let all: Vec<u64> = (0..25).collect();
        let paging = Paging::default();
        for (number, size, part, more) in [
            (1, 10, 0..10, true),
            (3, 10, 20..25, false),
            (4, 10, 25..25, false),
            (1, 25, 0..25, false),
            (u64::MAX, 100, 25..25, false),
        ] {
            let page = Page { number, size };
            assert_eq!(page.of(&all), &all[part], "{page:?}");
            let body = page.envelope(&paging, 25, Vec::new());
            assert_eq!(body["has_next_page"], more, "{page:?}");
            assert_eq!((&body["count"], &body["page_count"]), (&json!(25), &json!(25)), "{page:?}");
        }
    }

    #[test]
    fn the_wanted_page_is_read_strictly() {
        let paging = Paging::default();
        for (query, expected) in [
            ("", Some((1, 10))),
            ("page=2&per_page=100", Some((2, 100))),
            ("per_page=1000", Some((1, 100))),
            ("page=1&page=7", Some((7, 10))),
            ("page=0", None),
            ("per_page=0", None),
            ("page=-1", None),
            ("page=two", None),
            ("page=", None),
        ] {
            let page = Params::read(query).and_then(|params| params.page(&paging));
            assert_eq!(page.ok().map(|page| (page.number, page.size)), expected, "{query}");
        }
    }
}
