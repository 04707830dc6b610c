//! Kinds of properties.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// A property of a data source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Its id, as the service writes it: it may be percent-encoded. A renamed property keeps it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: PropertyKind,
}

/// What a property holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyKind {
    /// The page's title; each data source has exactly one.
    Title,
    /// Text.
    RichText,
    /// A number.
    Number,
    /// One option; a new name adds it.
    Select,
    /// Options; a new name adds one.
    MultiSelect,
    /// One of the options that a person has made.
    Status,
    /// A day or a moment, or from one to another.
    Date,
    /// Users of the workspace.
    People,
    /// Yes or no.
    Checkbox,
    /// An address.
    Url,
    /// An e-mail address.
    Email,
    /// A phone number.
    PhoneNumber,
    /// Pages of a data source.
    Relation,
    /// What the service fills, and what this program does not know.
    Other(String),
}

/// The kinds that are written, with their words.
const KINDS: [(PropertyKind, &str); 13] = [
    (PropertyKind::Title, "title"),
    (PropertyKind::RichText, "rich_text"),
    (PropertyKind::Number, "number"),
    (PropertyKind::Select, "select"),
    (PropertyKind::MultiSelect, "multi_select"),
    (PropertyKind::Status, "status"),
    (PropertyKind::Date, "date"),
    (PropertyKind::People, "people"),
    (PropertyKind::Checkbox, "checkbox"),
    (PropertyKind::Url, "url"),
    (PropertyKind::Email, "email"),
    (PropertyKind::PhoneNumber, "phone_number"),
    (PropertyKind::Relation, "relation"),
];

impl PropertyKind {
    /// The kind of the service's word.
    pub fn of(word: &str) -> Self {
        let known = KINDS.into_iter().find(|(_, known)| *known == word);
        known.map_or_else(|| Self::Other(word.to_owned()), |(kind, _)| kind)
    }

    /// The service's word.
    pub fn word(&self) -> &str {
        match self {
            Self::Other(word) => word,
            known => KINDS.iter().find(|(kind, _)| kind == known).map_or("", |(_, word)| word),
        }
    }

    /// Whether its values are written; else the service fills it, or it is not known.
    pub fn is_written(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// Whether its values are text that can be looked up.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Title | Self::RichText | Self::Url | Self::Email | Self::PhoneNumber)
    }

    /// What adds a property of this kind to a data source; `None`: it takes more than a name. A title is
    /// there already, a relation has to say where to, a status which options.
    pub fn config(&self) -> Option<Value> {
        match self {
            Self::Title | Self::Relation | Self::Status | Self::Other(_) => None,
            kind => Some(json!({ kind.word(): {} })),
        }
    }
}

/// A property's id without percent-encoding, to compare it and to put it into a path.
pub fn plain_id(id: &str) -> String {
    percent_decode_str(id).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_word() {
        for (kind, word) in KINDS {
            assert_eq!((PropertyKind::of(word), kind.word()), (kind.clone(), word));
            assert!(kind.is_written());
        }
        let odd = PropertyKind::of("unique_id");
        assert_eq!((odd.word(), odd.is_written(), odd.config()), ("unique_id", false, None));
        assert_eq!(PropertyKind::Email.config(), Some(json!({"email": {}})));
        assert_eq!(plain_id("a%3D%5B"), "a=[");
    }
}
