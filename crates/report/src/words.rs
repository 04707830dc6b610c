//! Numbers, times and codes as people read them.

use base::{RejectCode, SkipReason};
use jiff::Timestamp;

/// `2331` → `2,331`.
pub(crate) fn number(n: impl Into<u128>) -> String {
    let digits = n.into().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 record`, `2,331 records`.
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// `is` for one, `are` for all else.
pub(crate) fn is(n: u64) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

/// `was` for one, `were` for all else.
pub(crate) fn was(n: u64) -> &'static str {
    if n == 1 { "was" } else { "were" }
}

/// `480 ms`, `7.3 s`, `4 min 05 s`, `2 h 07 min`, `3 d 04 h`.
pub(crate) fn duration(seconds: f64) -> String {
    const DAYS_MAX: f64 = 1e9;
    if !seconds.is_finite() || seconds <= 0.0 {
        return "0 s".to_owned();
    }
    if seconds < 0.9995 {
        return format!("{:.0} ms", seconds * 1000.0);
    }
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded and positive")]
    let whole = seconds.min(DAYS_MAX * 86_400.0).round() as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min {:02} s", whole % 60),
        (0, _) => format!("{hours} h {minutes:02} min"),
        _ => format!("{} d {hours:02} h", number(days)),
    }
}

/// `512 B`, `1.2 MB`; thousands, as disks are sold.
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 7] = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    #[expect(clippy::cast_precision_loss, reason = "two digits for people")]
    let (mut size, mut unit) = (n as f64, 0);
    while size >= 999.5 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    if unit == 0 || size >= 99.95 {
        format!("{size:.0} {}", UNITS[unit])
    } else {
        format!("{size:.1} {}", UNITS[unit])
    }
}

/// `12,345/s`, `0.4/s`; nothing when it was not measured.
pub(crate) fn rate(per_second: f64) -> String {
    if !per_second.is_finite() || per_second <= 0.0 {
        return "–".to_owned();
    }
    if per_second < 9.95 {
        return format!("{per_second:.1}/s");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is positive")]
    let whole = per_second.round() as u64;
    format!("{}/s", number(whole))
}

/// `n` of `m` in percent, never 100 % or 0 % unless it is.
pub(crate) fn percent(n: u64, m: u64) -> String {
    if m == 0 {
        return "–".to_owned();
    }
    #[expect(clippy::cast_precision_loss, reason = "one digit for people")]
    let share = n as f64 * 100.0 / m as f64;
    if n == m || n == 0 { format!("{share:.0} %") } else { format!("{:.1} %", share.clamp(0.1, 99.9)) }
}

/// `21 Nov 2026, 10:15:00 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M:%S UTC").to_string()
}

/// `10:15:00`.
pub(crate) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// Why a record could not be carried, for someone who does not know the codes.
pub(crate) fn code(code: RejectCode) -> &'static str {
    match code {
        RejectCode::NoKey => "the record has no id",
        RejectCode::KeyTwice => "several records share this id and differ",
        RejectCode::ExistsDifferent => "the destination holds another content under this id",
        RejectCode::MatchMany => "more than one row matches",
        RejectCode::ParentRejected => "the record it belongs to was rejected",
        RejectCode::ParentMissing => "the record it belongs to is nowhere to be found",
        RejectCode::WhereUnknown => "the filter could not be decided",
        RejectCode::BadText => "the text holds something that no database text can",
        RejectCode::BadValue => "the value does not convert to the column's type",
        RejectCode::TooLong => "the text is longer than the column takes",
        RejectCode::OutOfRange => "the number or date is beyond what the column takes",
        RejectCode::NotNull => "a value is required and there is none",
        RejectCode::Unique => "another row has this value already",
        RejectCode::Check => "a rule of the destination says no",
        RejectCode::ForeignKey => "the destination has no row that it could refer to",
        RejectCode::Exclusion => "it overlaps with a row that is there",
    }
}

/// Why a record was left out on purpose, for someone who does not know the words.
pub(crate) fn reason(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Where => "the project's filter leaves it out",
        SkipReason::Limit => "it lies behind the limit of this run",
        SkipReason::Exists => "its row is there, and such rows are left alone",
        SkipReason::Duplicate => "it is the same as an earlier record",
        SkipReason::Superseded => "a newer version of it was moved",
        SkipReason::ParentSkipped => "the record it belongs to was left out",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        for (n, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (2_331, "2,331"),
            (123_456, "123,456"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(number(n), expected);
        }
    }

    #[test]
    fn durations_never_show_sixty_of_anything() {
        for (seconds, expected) in [
            (f64::NAN, "0 s"),
            (-1.0, "0 s"),
            (0.0004, "0 ms"),
            (0.48, "480 ms"),
            (0.9999, "1.0 s"),
            (7.31, "7.3 s"),
            (59.96, "1 min 00 s"),
            (245.2, "4 min 05 s"),
            (3_599.7, "1 h 00 min"),
            (7_620.0, "2 h 07 min"),
            (273_600.0, "3 d 04 h"),
            (1e300, "1,000,000,000 d 00 h"),
        ] {
            assert_eq!(duration(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn sizes_and_rates_and_shares() {
        for (n, expected) in
            [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (999_600, "1.0 MB"), (123_456_789, "123 MB")]
        {
            assert_eq!(bytes(n), expected);
        }
        assert_eq!(bytes(u64::MAX), "18.4 EB");
        for (r, expected) in [(0.0, "–"), (f64::NAN, "–"), (0.42, "0.4/s"), (12_345.4, "12,345/s")] {
            assert_eq!(rate(r), expected);
        }
        for ((n, m), expected) in [
            ((0, 0), "–"),
            ((0, 9), "0 %"),
            ((9, 9), "100 %"),
            ((1, 1_000_000), "0.1 %"),
            ((999_999, 1_000_000), "99.9 %"),
            ((1, 3), "33.3 %"),
        ] {
            assert_eq!(percent(n, m), expected);
        }
    }
}
