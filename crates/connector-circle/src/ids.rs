//! Sets of ids that a checkpoint can hold.
//!
//! Ids of one list rise together, so a checkpoint keeps the first and then the steps between them, as
//! hexadecimal numbers: three or four letters an id.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::collections::btree_set;

/// Ids, each once, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdSet(BTreeSet<u64>);

impl IdSet {
    /// Adds an id; `false`: it was there.
    pub fn insert(&mut self, id: u64) -> bool {
        self.0.insert(id)
    }

    /// Takes an id out; `false`: it was not there.
    pub fn remove(&mut self, id: u64) -> bool {
        self.0.remove(&id)
    }

    /// Whether an id is there.
    pub fn contains(&self, id: u64) -> bool {
        self.0.contains(&id)
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, ascending.
    pub fn iter(&self) -> std::iter::Copied<btree_set::Iter<'_, u64>> {
        self.0.iter().copied()
    }
}

impl Extend<u64> for IdSet {
    fn extend<I: IntoIterator<Item = u64>>(&mut self, ids: I) {
        self.0.extend(ids);
    }
}

impl FromIterator<u64> for IdSet {
    fn from_iter<I: IntoIterator<Item = u64>>(ids: I) -> Self {
        Self(ids.into_iter().collect())
    }
}

impl Serialize for IdSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(self.0.len() * 4);
        let mut last = 0;
        for id in &self.0 {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&format!("{:x}", id - last));
            last = *id;
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for IdSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut last = 0u64;
        text.split_whitespace()
            .map(|step| {
                let step = u64::from_str_radix(step, 16).map_err(D::Error::custom)?;
                last = last.checked_add(step).ok_or_else(|| D::Error::custom("an id beyond 64 bits"))?;
                Ok(last)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_comes_back_from_its_text_and_takes_few_letters_an_id() {
        for (ids, text) in [
            (vec![], ""),
            (vec![0], "0"),
            (vec![0, 1], "0 1"),
            (vec![5002, 5001, 5019], "1389 1 11"),
            (vec![u64::MAX, 1], "1 fffffffffffffffe"),
        ] {
            let set: IdSet = ids.into_iter().collect();
            let shown = serde_json::to_string(&set).expect("JSON");
            assert_eq!(shown, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<IdSet>(&shown).expect("a set"), set);
        }
        let many: IdSet = (0..10_000).map(|n| 7_000_000 + n * 200).collect();
        assert!(serde_json::to_string(&many).expect("JSON").len() < 40_000);
    }

    #[test]
    fn what_is_no_set_is_not_taken() {
        for text in ["\"x\"", "\"1 -1\"", "\"ffffffffffffffff 1\"", "[1]", "7"] {
            assert!(serde_json::from_str::<IdSet>(text).is_err(), "{text}");
        }
    }
}
