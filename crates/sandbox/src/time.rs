//! Dates as the service writes and reads them.

/// Milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;

/// Appends `ms` since 1970 as ISO 8601, UTC, with milliseconds and `Z` (the wire's form of a date).
///
/// Written out because a data set of a million bookings has eight million dates.
pub(crate) fn push_iso(out: &mut Vec<u8>, ms: i64) {
    let days = ms.div_euclid(DAY);
    let rest = ms.rem_euclid(DAY);
    let (year, month, day) = civil(days);
    digits(out, year, 4);
    out.push(b'-');
    digits(out, month, 2);
    out.push(b'-');
    digits(out, day, 2);
    out.push(b'T');
    digits(out, rest / 3_600_000, 2);
    out.push(b':');
    digits(out, rest / 60_000 % 60, 2);
    out.push(b':');
    digits(out, rest / 1000 % 60, 2);
    out.push(b'.');
    digits(out, rest % 1000, 3);
    out.push(b'Z');
}

/// The same as text.
pub(crate) fn iso(ms: i64) -> String {
    let mut out = Vec::with_capacity(24);
    push_iso(&mut out, ms);
    String::from_utf8_lossy(&out).into_owned()
}

/// Appends the last `width` decimal digits of `value`.
pub(crate) fn digits(out: &mut Vec<u8>, value: i64, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    let mut left = value.unsigned_abs();
    for slot in out[start..].iter_mut().rev() {
        *slot = b'0' + (left % 10) as u8;
        left /= 10;
    }
}

/// The day of the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms",
/// `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let doe = shifted.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

/// A date of a request or a record: ISO 8601 with zone, or milliseconds since 1970 as digits.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    text.parse::<jiff::Timestamp>().ok().map(|at| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_equal_those_of_a_calendar_library() {
        for ms in [
            0,
            1,
            951_782_400_000,
            1_709_164_799_999,
            1_740_787_201_000,
            4_102_444_800_000,
            -1,
            -2_208_988_800_000,
        ] {
            let expected = jiff::Timestamp::from_millisecond(ms).expect("in range");
            assert_eq!(iso(ms), format!("{expected:.3}"), "{ms}");
            assert_eq!(parse(&iso(ms)), Some(ms));
        }
    }

    #[test]
    fn dates_are_read_in_both_forms_and_no_other() {
        for (text, expected) in [
            ("2025-03-01T00:00:01.000Z", Some(1_740_787_201_000)),
            ("2025-03-01T01:00:01+01:00", Some(1_740_787_201_000)),
            ("1740787201000", Some(1_740_787_201_000)),
            ("2025-03-01", None),
            ("soon", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
