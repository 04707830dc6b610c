//! Moments as the service writes and reads them.

use crate::time;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds since 1970; on the wire ISO 8601, UTC, with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub i64);

impl Moment {
    /// A text of a request: a date with time and zone, nothing else.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |_| format!("DateTime cannot represent an invalid date-time-string {text}.");
        text.parse::<jiff::Timestamp>().map(|at| Self(at.as_millisecond())).map_err(wrong)
    }

    /// Later by so many milliseconds.
    pub fn plus(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&time::iso(self.0))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
