//! Circle's two ways to write a time, made one.
//!
//! Almost every time is RFC 3339 with `Z`; `accepted_invitation` is `2025-02-01 10:04:59 UTC`, and the empty
//! text where nobody accepted.

use jiff::Timestamp;

/// How Ruby writes a time that nobody told it how to write; the zone is `UTC` or an offset.
const RUBY: &str = "%Y-%m-%d %H:%M:%S%.f %z";

/// The time in RFC 3339: as it is, if it is that already; `None`: it is no time.
pub fn rfc3339(text: &str) -> Option<String> {
    let is_rfc3339 = text.as_bytes().get(10) == Some(&b'T') && text.parse::<Timestamp>().is_ok();
    if is_rfc3339 {
        return Some(text.to_owned());
    }
    ruby(text).map(|at| at.to_string())
}

/// The time in milliseconds since 1970, finer digits cut; `None`: it is no time.
pub fn millis(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().or_else(|| ruby(text)).map(|at| at.as_millisecond())
}

fn ruby(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix("UTC").map_or_else(|| text.to_owned(), |text| format!("{text}+0000"));
    Timestamp::strptime(RUBY, text).ok()
}

/// Whether a field of that name holds a time, as far as the service's habits say.
pub fn is_named_so(name: &str) -> bool {
    name.ends_with("_at") || name.ends_with("_date") || name == "accepted_invitation"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_write_a_time_become_one() {
        for (text, expected, ms) in [
            ("2025-02-01T10:00:00.123Z", Some("2025-02-01T10:00:00.123Z"), Some(1_738_404_000_123)),
            ("2025-02-01T10:00:00Z", Some("2025-02-01T10:00:00Z"), Some(1_738_404_000_000)),
            ("2025-02-01T11:00:00.5+01:00", Some("2025-02-01T11:00:00.5+01:00"), Some(1_738_404_000_500)),
            ("2025-02-01 10:00:00 UTC", Some("2025-02-01T10:00:00Z"), Some(1_738_404_000_000)),
            ("2025-02-01 10:00:00.25 UTC", Some("2025-02-01T10:00:00.25Z"), Some(1_738_404_000_250)),
            ("2025-02-01 11:00:00 +0100", Some("2025-02-01T10:00:00Z"), Some(1_738_404_000_000)),
            ("2025-02-01", None, None),
            ("2025-02-01 10:00:00", None, None),
            ("2025-02-30 10:00:00 UTC", None, None),
            ("soon UTC", None, None),
            ("UTC", None, None),
            ("", None, None),
            ("1738404000", None, None),
        ] {
            assert_eq!(rfc3339(text).as_deref(), expected, "{text}");
            assert_eq!(millis(text), ms, "{text}");
        }
    }

    #[test]
    fn names_tell_times() {
        for (name, is_time) in [
            ("created_at", true),
            ("rsvp_date", true),
            ("accepted_invitation", true),
            ("name", false),
            ("format", false),
            ("at", false),
        ] {
            assert_eq!(is_named_so(name), is_time, "{name}");
        }
    }
}
