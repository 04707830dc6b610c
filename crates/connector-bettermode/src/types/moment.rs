//! Points in time, as the service writes them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A point in time as ISO 8601 text, kept to the letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(String);

impl Moment {
    /// A moment as the service wrote it, or as a record has it already.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The instant; `None`: the text is none.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.0.parse().ok()
    }

    /// Whether both are the same instant, however they are written. Texts that are no instants are compared
    /// as texts.
    pub fn is(&self, other: &Moment) -> bool {
        match (self.timestamp(), other.timestamp()) {
            (Some(one), Some(two)) => one == two,
            _ => self.0 == other.0,
        }
    }
}

impl From<Timestamp> for Moment {
    /// With milliseconds and `Z`, as the service itself does.
    fn from(at: Timestamp) -> Self {
        Self(at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_the_service_does_and_compared_as_instants() {
        let at: Timestamp = "2023-01-01T00:00:00Z".parse().expect("a timestamp");
        assert_eq!(Moment::from(at).as_str(), "2023-01-01T00:00:00.000Z");
        let moment = |text: &str| Moment::new(text);
        assert!(moment("2023-01-01T00:00:00.000Z").is(&moment("2023-01-01T01:00:00+01:00")));
        assert!(!moment("2023-01-01T00:00:00.001Z").is(&moment("2023-01-01T00:00:00Z")));
        assert!(moment("soon").is(&moment("soon")) && !moment("soon").is(&moment("later")));
        assert_eq!(moment("2023-01-01").timestamp(), None);
    }
}
