//! The query of a list: what is searched for, and where the page begins.

use axum::http::Uri;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// The parameters of a list that are not empty.
pub(super) struct Query(BTreeMap<String, String>);

impl Query {
    pub fn of(uri: &Uri) -> Self {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned();
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// What stands for a name.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// A number that stands for a name.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.parse().ok()
    }

    /// The same search, beginning below this number.
    pub fn below(&self, number: i64) -> String {
        let mut next = form_urlencoded::Serializer::new(String::new());
        next.extend_pairs(self.0.iter().filter(|(name, _)| *name != "before"));
        next.append_pair("before", &number.to_string());
        format!("?{}", next.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_the_search() {
        let query = Query::of(&"/x?kind=a%26b&state=&before=7&before=9".parse().unwrap());
        assert_eq!(query.get("kind").as_deref(), Some("a&b"));
        assert_eq!((query.get("state"), query.number("before")), (None, Some(9)));
        assert_eq!(query.below(3), "?kind=a%26b&before=3");
        assert_eq!(Query::of(&"/x?before=soon".parse().unwrap()).number("before"), None);
    }
}
