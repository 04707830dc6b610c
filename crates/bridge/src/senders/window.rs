//! How far a signed time may be from ours.

use crate::sender::Refused;
use jiff::{SignedDuration, Timestamp};

/// How far a webhook's time may be from ours, to both sides: what the libraries of Standard Webhooks, Stripe
/// and Slack take.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// Digits of a time at most: seconds since 1970 until the year 33658.
const DIGITS_MAX: usize = 12;

/// Seconds since 1970 as a header says them: digits and nothing else.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= DIGITS_MAX && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Whether a signed time is within [`WINDOW`] of now.
pub(super) fn within(timestamp: &str, now: Timestamp) -> Result<(), Refused> {
    let sent = seconds(timestamp).ok_or(Refused::NotBelieved("the timestamp cannot be read"))?;
    // Whole seconds: a sender whose second has just begun is not early.
    if sent.abs_diff(now.as_second()) > WINDOW.as_secs().unsigned_abs() {
        return Err(Refused::NotBelieved("the timestamp is more than five minutes away"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_counts_for_five_minutes_on_both_sides() {
        let now = Timestamp::from_second(1_700_000_000).expect("a moment");
        let (odd, far) = ("the timestamp cannot be read", "the timestamp is more than five minutes away");
        for (timestamp, expected) in [
            ("1700000000", None),
            ("1699999700", None),
            ("1700000300", None),
            ("1699999699", Some(far)),
            ("1700000301", Some(far)),
            ("0", Some(far)),
            ("999999999999", Some(far)),
            ("1700000000000", Some(odd)),
            ("", Some(odd)),
            ("-1700000000", Some(odd)),
            ("+1700000000", Some(odd)),
            (" 1700000000", Some(odd)),
            ("1700000000.0", Some(odd)),
            ("-9223372036854775808", Some(odd)),
            ("99999999999999999999", Some(odd)),
            ("2023-11-14T22:13:20Z", Some(odd)),
            ("١٧٠٠", Some(odd)),
        ] {
            assert_eq!(within(timestamp, now).err(), expected.map(Refused::NotBelieved), "{timestamp:?}");
        }
    }
}
