//! Ids: ten letters and digits that mean nothing, and how a request may write one.

use crate::rng::Rng;
use serde::{Deserialize, Deserializer};

/// Characters of an id: 62^10 of them are enough to never meet twice.
const LENGTH: usize = 10;

const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Makes ids, the same ones in the same order for the same seed.
pub(crate) struct Ids(Rng);

impl Ids {
    pub fn new(seed: u64) -> Self {
        Self(Rng::new(seed, "bettermode ids"))
    }

    /// An id that was not there before; the first character is a letter.
    pub fn next(&mut self) -> String {
        let first = LETTERS[self.0.index(52)] as char;
        std::iter::once(first).chain((1..LENGTH).map(|_| LETTERS[self.0.index(62)] as char)).collect()
    }
}

/// GraphQL's `ID` in an input: a text or a whole number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Id(pub String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Number(i64),
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Text(text) => text,
            Written::Number(number) => number.to_string(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_repeatable_and_never_the_same() {
        let draw = |seed| -> Vec<String> {
            let mut ids = Ids::new(seed);
            (0..1000).map(|_| ids.next()).collect()
        };
        let ids = draw(1);
        assert_eq!(ids, draw(1));
        assert_ne!(ids, draw(2));
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert!(ids.iter().all(|id| id.len() == LENGTH && id.as_bytes()[0].is_ascii_alphabetic()));
    }
}
