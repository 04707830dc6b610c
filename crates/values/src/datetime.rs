//! `date`, `time`, `timestamp`, `timestamptz`: ISO 8601 and RFC 3339, nothing looser.

use crate::bad::{Malformed, Why};
use crate::cell::Context;
use crate::civil::{self, DAY, precise, take_day, take_time, two};
use jiff::tz::AmbiguousOffset;

/// From 1970-01-01 to 2000-01-01, in microseconds.
const UNIX_TO_2000: i64 = 946_684_800_000_000;
/// 4714-11-24 BC, the first day that PostgreSQL has (`datatype/timestamp.h`).
const FIRST_DAY: i64 = -2_451_545;
/// 5874898-06-03, the first day that a `date` does not have.
const END_DAY: i64 = 2_145_031_949;
/// The first moment that a timestamp has: [`FIRST_DAY`], midnight.
const FIRST_MOMENT: i64 = -211_813_488_000_000_000;
/// 294277-01-01, the first moment that it does not have.
const END_MOMENT: i64 = 9_223_371_331_200_000_000;
/// PostgreSQL knows offsets below sixteen hours (`MAX_TZDISP_HOUR`).
const OFFSET_HOURS_MAX: u8 = 15;

/// Microseconds since 2000-01-01 UTC of a date-time.
#[inline]
pub(crate) fn timestamp(text: &str, precision: Option<u8>, cx: &Context) -> Result<i64, Why> {
    let bytes = text.as_bytes();
    let moment = match usual(bytes) {
        Some(moment) => moment,
        None => any(bytes, cx)?,
    };
    precise(moment, precision)?;
    Ok(moment)
}

/// The form that nearly all sources write: `2024-05-06T07:08:09.123Z`. `None`: something else, perhaps wrong.
#[inline]
fn usual(text: &[u8]) -> Option<i64> {
    let text: &[u8; 24] = text.try_into().ok()?;
    let marks = text[4] == b'-' && text[7] == b'-' && text[10] == b'T' && text[13] == b':';
    if !(marks && text[16] == b':' && text[19] == b'.' && text[23] == b'Z') {
        return None;
    }
    let mut seen = 0;
    let mut digit = |at: usize| {
        let digit = text[at].wrapping_sub(b'0');
        // Beyond 9 the addition reaches 16 or more, or the digit did.
        seen |= digit.wrapping_add(6) | digit;
        u32::from(digit)
    };
    let mut pair = |at: usize| digit(at) * 10 + digit(at + 1);
    let (year, month, day) = (pair(0) * 100 + pair(2), pair(5), pair(8));
    let (hour, minute, second) = (pair(11), pair(14), pair(17));
    let milli = pair(20) * 10 + digit(22);
    // The 29th to 31st go the long way.
    let plain = (1..=12).contains(&month) && (1..=28).contains(&day) && year > 0;
    if seen > 15 || !plain || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = civil::days(year.into(), month as u8, day as u8);
    let seconds = days * 86_400 + i64::from(hour * 3600 + minute * 60 + second);
    Some(seconds * 1_000_000 + i64::from(milli) * 1000)
}

fn any(text: &[u8], cx: &Context) -> Result<i64, Why> {
    if let Some(moment) = milliseconds(text) {
        return Ok(moment);
    }
    let (days, micros, zone) = parts(text)?;
    let offset = match zone {
        Some(offset) => offset,
        None => offset_of(days, micros, cx)?,
    };
    let moment = days.checked_mul(DAY).and_then(|d| d.checked_add(micros - offset * 1_000_000));
    match moment {
        Some(moment) if (FIRST_MOMENT..END_MOMENT).contains(&moment) => Ok(moment),
        _ => Err(Why::OutOfRange),
    }
}

/// Twelve or thirteen digits: milliseconds since 1970.
fn milliseconds(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if !matches!(digits.len(), 12 | 13) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = digits.iter().fold(0i64, |n, d| n * 10 + i64::from(d - b'0'));
    let size = if digits.len() < text.len() { -size } else { size };
    Some(size * 1000 - UNIX_TO_2000)
}

/// Day, microsecond of the day, and the zone's offset in seconds if one stands there.
fn parts(text: &[u8]) -> Result<(i64, i64, Option<i64>), Why> {
    let (days, rest) = take_day(text)?.ok_or(Why::NotDateTime)?;
    let rest = match rest {
        [] => return Err(Why::DateForDateTime),
        [b'T' | b't' | b' ', rest @ ..] => rest,
        _ => return Err(Why::NotDateTime),
    };
    let (micros, rest) = take_time(rest)?.ok_or(Why::NotDateTime)?;
    let zone = match rest {
        [] => None,
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let (hours, rest) = two(rest).ok_or(Why::NotDateTime)?;
            let minutes = match rest {
                [] => 0,
                _ => match two(rest.strip_prefix(b":").unwrap_or(rest)) {
                    Some((minutes, [])) => minutes,
                    _ => return Err(Why::NotDateTime),
                },
            };
            if hours > OFFSET_HOURS_MAX || minutes > 59 {
                return Err(Why::NotOffset);
            }
            let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => return Err(Why::NotDateTime),
    };
    Ok((days, micros, zone))
}

/// The offset in seconds of the declared zone at a local time.
fn offset_of(days: i64, micros: i64, cx: &Context) -> Result<i64, Why> {
    let zone = cx.time_zone.as_ref().ok_or(Why::NoZone)?;
    let (year, month, day) = civil::civil(days);
    let year = i16::try_from(year).map_err(|_| Why::OutOfRange)?;
    let seconds = micros / 1_000_000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    // Zones change at whole seconds.
    let local =
        jiff::civil::DateTime::new(year, month as i8, day as i8, hour as i8, minute as i8, second as i8, 0)
            .map_err(|_| Why::OutOfRange)?;
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => Ok(offset.seconds().into()),
        AmbiguousOffset::Gap { .. } => Err(Why::Gap),
        AmbiguousOffset::Fold { .. } => Err(Why::Fold),
    }
}

/// Days since 2000-01-01 of a date.
pub(crate) fn date(text: &str) -> Result<i32, Why> {
    let bytes = text.as_bytes();
    match take_day(bytes)? {
        Some((days, [])) if (FIRST_DAY..END_DAY).contains(&days) => Ok(days as i32),
        Some((_, [])) => Err(Why::OutOfRange),
        Some(_) if parts(bytes).is_ok() => Err(Why::DateTimeForDate),
        None if milliseconds(bytes).is_some() => Err(Why::DateTimeForDate),
        _ => Err(Why::NotDate),
    }
}

/// Microseconds since midnight of a time of day.
pub(crate) fn time(text: &str, precision: Option<u8>) -> Result<i64, Why> {
    match take_time(text.as_bytes())? {
        Some((micros, [])) => precise(micros, precision).map(|()| micros),
        _ => Err(Why::NotTime),
    }
}

/// Appends a date as PostgreSQL prints it with `DateStyle` ISO.
pub(crate) fn show_date(bytes: &[u8], out: &mut String) -> Result<(), Malformed> {
    let days = i32::from_be_bytes(bytes.try_into().map_err(|_| Malformed::new("a date"))?);
    match days {
        i32::MAX => out.push_str("infinity"),
        i32::MIN => out.push_str("-infinity"),
        _ => {
            if civil::show_day(days.into(), out) {
                out.push_str(" BC");
            }
        }
    }
    Ok(())
}

/// Appends a time of day.
pub(crate) fn show_time(bytes: &[u8], out: &mut String) -> Result<(), Malformed> {
    const MALFORMED: Malformed = Malformed::new("a time");
    let micros = i64::from_be_bytes(bytes.try_into().map_err(|_| MALFORMED)?);
    // PostgreSQL has 24:00:00.
    if !(0..=DAY).contains(&micros) {
        return Err(MALFORMED);
    }
    civil::show_time(micros as u64, out);
    Ok(())
}

/// Appends a timestamp; `zoned` with the offset of UTC.
pub(crate) fn show_timestamp(bytes: &[u8], zoned: bool, out: &mut String) -> Result<(), Malformed> {
    let moment = i64::from_be_bytes(bytes.try_into().map_err(|_| Malformed::new("a timestamp"))?);
    match moment {
        i64::MAX => out.push_str("infinity"),
        i64::MIN => out.push_str("-infinity"),
        _ => {
            let before = civil::show_day(moment.div_euclid(DAY), out);
            out.push(' ');
            civil::show_time(moment.rem_euclid(DAY) as u64, out);
            if zoned {
                out.push_str("+00");
            }
            if before {
                out.push_str(" BC");
            }
        }
    }
    Ok(())
}
