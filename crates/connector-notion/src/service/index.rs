//! Which pages hold a value: one scan, kept for the run.
//!
//! Whether the service's filters heed capitals is not documented, so that a look-up by an e-mail address
//! cannot rely on them. One scan costs a request for each hundred pages; a query a record costs more than
//! that as soon as one page in a hundred is looked up.

use crate::types::PropertyKind;
use std::collections::HashMap;

/// Pages that are kept at most: with a hundred bytes or so each, what a small machine spares.
pub(super) const INDEX_PAGES_MAX: usize = 1_000_000;

/// Pages by the value of one column.
#[derive(Debug, Default)]
pub(super) struct Index {
    folds_case: bool,
    by_value: HashMap<String, Vec<String>>,
    by_page: HashMap<String, String>,
}

impl Index {
    /// Of a property; only capitals of e-mail addresses do not count.
    pub fn of(kind: &PropertyKind) -> Self {
        Self { folds_case: folds_case(kind), ..Self::default() }
    }

    /// How many pages have a value.
    pub fn len(&self) -> usize {
        self.by_page.len()
    }

    /// Notes what a page holds now.
    pub fn put(&mut self, page: &str, value: Option<&str>) {
        if let Some(before) = self.by_page.remove(page)
            && let Some(pages) = self.by_value.get_mut(&before)
        {
            pages.retain(|other| other != page);
        }
        let Some(value) = value else { return };
        let form = self.form(value);
        self.by_page.insert(page.to_owned(), form.clone());
        self.by_value.entry(form).or_default().push(page.to_owned());
    }

    /// The pages that hold a value.
    pub fn pages(&self, value: &str) -> Vec<String> {
        self.by_value.get(&self.form(value)).cloned().unwrap_or_default()
    }

    /// Whether two values are the same.
    pub fn is_same(&self, a: &str, b: &str) -> bool {
        self.form(a) == self.form(b)
    }

    fn form(&self, value: &str) -> String {
        if self.folds_case { value.to_lowercase() } else { value.to_owned() }
    }
}

/// Whether capitals do not count in values of this kind.
pub(super) fn folds_case(kind: &PropertyKind) -> bool {
    *kind == PropertyKind::Email
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_by_what_it_holds_now_and_only_once() {
        let mut index = Index::of(&PropertyKind::Email);
        index.put("p1", Some("Ada@x.test"));
        index.put("p2", Some("ada@X.test"));
        index.put("p2", Some("ada@X.test"));
        index.put("p3", None);
        assert_eq!((index.pages("ADA@x.test"), index.len()), (vec!["p1".into(), "p2".into()], 2));
        index.put("p1", Some("grace@x.test"));
        index.put("p2", None);
        assert_eq!(index.pages("ada@x.test"), Vec::<String>::new());
        assert_eq!(index.pages("grace@x.test"), ["p1"]);
        let mut exact = Index::of(&PropertyKind::RichText);
        exact.put("p1", Some("A"));
        assert_eq!((exact.pages("a").len(), exact.pages("A").len()), (0, 1));
        assert!(!exact.is_same("a", "A"));
    }
}
