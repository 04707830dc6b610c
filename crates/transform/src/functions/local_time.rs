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
    null_gives_null: true,
    body: local_time,
};

fn local_time(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let (Some(text), Some(zone)) = (arguments[0], arguments[1]) else { return Ok(None) };
    let zone = TimeZone::get(zone).map_err(|_| "not a known time zone".to_string())?;
    let local: DateTime = text.parse().map_err(|_| "not a date-time without zone".to_string())?;
    let instant = zone
        .to_ambiguous_zoned(local)
        .unambiguous()
        .map_err(|_| "the zone skips this time or shows it twice".to_string())?;
    Ok(Some(instant.timestamp().to_string()))
}
