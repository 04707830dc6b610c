//! Days of the calendar and times of day, read and printed. PostgreSQL counts days from 2000-01-01 in the
//! Gregorian calendar, carried back before its invention.

use crate::bad::Why;

/// Microseconds of a day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// Days from 0000-03-01 to 2000-01-01.
const DAYS_TO_2000: i64 = 730_425;
/// Days of 400 years, after which the calendar repeats.
const ERA: i64 = 146_097;

/// A year may have this many digits: PostgreSQL's dates end in 5874897.
const YEAR_DIGITS_MAX: usize = 7;

/// Days since 2000-01-01; the year is astronomical (0 is 1 BC).
/// After Howard Hinnant, "chrono-compatible low-level date algorithms".
pub(crate) fn days(year: i64, month: u8, day: u8) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let month = i64::from((month + 9) % 12);
    let of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_2000
}

/// Year (astronomical), month and day of a number of days since 2000-01-01.
pub(crate) fn civil(days: i64) -> (i64, u8, u8) {
    let days = days + DAYS_TO_2000;
    let era = days.div_euclid(ERA);
    let of_era = days.rem_euclid(ERA);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month as u8, day as u8)
}

/// How many days a month has.
fn month_days(year: i64, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Two digits.
#[inline]
pub(crate) fn two(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', rest @ ..] => Some(((a - b'0') * 10 + b - b'0', rest)),
        _ => None,
    }
}

/// Takes a day off the front: `YYYY-MM-DD`, with a sign up to seven digits of the (astronomical) year.
/// `Ok(None)`: no day stands there.
pub(crate) fn take_day(text: &[u8]) -> Result<Option<(i64, &[u8])>, Why> {
    let (sign, rest) = match text {
        [sign @ (b'+' | b'-'), rest @ ..] => (Some(*sign), rest),
        _ => (None, text),
    };
    let (digits, rest) = crate::decimal::digits(rest);
    let long = if sign.is_some() { YEAR_DIGITS_MAX } else { 4 };
    let fields = || {
        let (month, rest) = two(rest.strip_prefix(b"-")?)?;
        let (day, rest) = two(rest.strip_prefix(b"-")?)?;
        (4..=long).contains(&digits.len()).then_some((month, day, rest))
    };
    let Some((month, day, rest)) = fields() else { return Ok(None) };
    let year = digits.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0'));
    let year = match sign {
        Some(b'-') => -year,
        // Some databases write 0000-00-00 for "none"; only a signed year 0 is one.
        None if year == 0 => return Err(Why::NoSuchDay),
        _ => year,
    };
    if !(1..=12).contains(&month) || day == 0 || day > month_days(year, month) {
        return Err(Why::NoSuchDay);
    }
    Ok(Some((days(year, month, day), rest)))
}

/// Takes a time of day off the front: `HH:MM`, `HH:MM:SS`, `HH:MM:SS.fraction`. `Ok(None)`: none stands
/// there.
pub(crate) fn take_time(text: &[u8]) -> Result<Option<(i64, &[u8])>, Why> {
    let minutes = || {
        let (hour, rest) = two(text)?;
        let (minute, rest) = two(rest.strip_prefix(b":")?)?;
        (hour <= 24 && minute <= 59).then_some((hour, minute, rest))
    };
    let Some((hour, minute, rest)) = minutes() else { return Ok(None) };
    let (second, rest) = match rest {
        [b':', rest @ ..] => match two(rest) {
            Some((second, rest)) if second <= 60 => (second, rest),
            _ => return Ok(None),
        },
        _ => (0, rest),
    };
    if hour == 24 {
        return Err(Why::Hour24);
    }
    if second == 60 {
        return Err(Why::LeapSecond);
    }
    let whole = (i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second)) * 1_000_000;
    // A fraction needs its seconds.
    match rest {
        [b'.', rest @ ..] if text.get(5) == Some(&b':') => {
            let (fraction, rest) = crate::decimal::digits(rest);
            if fraction.is_empty() { Ok(None) } else { Ok(Some((whole + micros(fraction)?, rest))) }
        }
        _ => Ok(Some((whole, rest))),
    }
}

/// The microseconds of a fraction of a second, digits only.
fn micros(fraction: &[u8]) -> Result<i64, Why> {
    if fraction.iter().skip(6).any(|d| *d != b'0') {
        return Err(Why::FinerThanMicros);
    }
    Ok((0..6).fold(0, |n, at| n * 10 + fraction.get(at).map_or(0, |d| i64::from(d - b'0'))))
}

/// Whether microseconds fit a column that keeps `precision` decimals of a second.
#[inline]
pub(crate) fn precise(micros: i64, precision: Option<u8>) -> Result<(), Why> {
    match precision {
        Some(digits @ 0..=5) if micros % 10i64.pow(6 - u32::from(digits)) != 0 => {
            Err(Why::FinerThan { digits })
        }
        _ => Ok(()),
    }
}

/// Appends `YYYY-MM-DD`; whether ` BC` belongs at the end.
pub(crate) fn show_day(days: i64, out: &mut String) -> bool {
    let (year, month, day) = civil(days);
    let before = year <= 0;
    let year = if before { 1 - year } else { year };
    push_padded(year, 4, out);
    out.push('-');
    push_padded(month.into(), 2, out);
    out.push('-');
    push_padded(day.into(), 2, out);
    before
}

/// Appends `HH:MM:SS` and the fraction without its trailing zeros; hours may be more than 24.
pub(crate) fn show_time(micros: u64, out: &mut String) {
    let seconds = micros / 1_000_000;
    push_padded((seconds / 3600) as i64, 2, out);
    out.push(':');
    push_padded((seconds / 60 % 60) as i64, 2, out);
    out.push(':');
    push_padded((seconds % 60) as i64, 2, out);
    let fraction = micros % 1_000_000;
    if fraction != 0 {
        out.push('.');
        push_padded(fraction as i64, 6, out);
        while out.ends_with('0') {
            out.pop();
        }
    }
}

fn push_padded(value: i64, width: usize, out: &mut String) {
    use std::fmt::Write;
    // Writing to a String cannot fail.
    let _ = write!(out, "{value:0width$}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_calendar_are_inverse_over_all_of_postgresqls_range() {
        assert_eq!(days(2000, 1, 1), 0);
        assert_eq!(days(1970, 1, 1), -10_957);
        // Julian day 0, where PostgreSQL begins, is -4713-11-24.
        assert_eq!(days(-4713, 11, 24), -2_451_545);
        let mut day = -2_451_545;
        while day < 2_145_031_949 {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
            assert!((1..=12).contains(&month) && (1..=month_days(year, month)).contains(&of_month), "{day}");
            day += if day < 400_000 { 1 } else { 7_919 };
        }
    }
}
