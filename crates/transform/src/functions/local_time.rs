//! `local_time`: a date-time without zone, and the zone that it was meant in.

use super::Function;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `local_time(value, zone)`.
pub(super) const FUNCTION: Function = Function {
    name: "local_time",
    usage: "local_time(value, zone)",
    doc: "A date-time without zone, read in an IANA time zone and given as UTC. A time that the zone skips \
    or shows twice \
          rejects the record.",
    examples: &[
        ("local_time('2025-07-01 09:00:00', 'Europe/Berlin')", "2025-07-01T07:00:00Z"),
        ("local_time('2025-01-01T09:00', 'America/New_York')", "2025-01-01T14:00:00Z"),
        ("local_time(NULL, 'UTC')", "NULL"),
    ],
    arguments: (2, 2),
    in_pairs: false,
    null_gives_null: true,
    body: local_time,
};

fn local_time(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let (Some(text), Some(zone)) = (arguments[0], arguments[1]) else { return Ok(None) };
    let zone = TimeZone::get(zone).map_err(|_| "not a known time zone".to_string())?;
    let local = civil(text).ok_or("not a date-time without zone")?;
    let instant = zone
        .to_ambiguous_zoned(local)
        .unambiguous()
        .map_err(|_| "the zone skips this time or shows it twice".to_string())?;
    Ok(Some(instant.timestamp().to_string()))
}

/// jiff also takes a date alone, drops an offset and makes second 59 of second 60; all of that is guessing.
fn civil(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(['T', ' '])?;
    let plain = |part: &str, marks: &[u8]| part.bytes().all(|b| b.is_ascii_digit() || marks.contains(&b));
    let seconds = time.split(':').nth(2).unwrap_or("00");
    let as_written = plain(date, b"-") && plain(time, b":.") && !seconds.starts_with("60");
    as_written.then(|| text.parse().ok())?
}
