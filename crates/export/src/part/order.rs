//! Orders as bytes: what sorts first has the smaller bytes.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// The instant of a time as sources write it, in nanoseconds since 1970: ISO 8601 with a zone; without one it
/// is taken as UTC, which is good enough for an order; 12 or 13 digits are milliseconds.
pub(super) fn instant(text: &[u8]) -> Option<i128> {
    let text = std::str::from_utf8(text).ok()?.trim();
    if matches!(text.len(), 12 | 13) && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse::<i128>().ok().map(|ms| ms * 1_000_000);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_nanosecond());
    }
    let time = text.parse::<DateTime>().ok()?;
    Offset::UTC.to_timestamp(time).ok().map(Timestamp::as_nanosecond)
}

/// Instants in their order, then what has none.
pub(super) fn put_instant(out: &mut Vec<u8>, instant: Option<i128>) {
    match instant {
        Some(instant) => {
            out.push(0);
            put_integer(out, instant);
        }
        None => out.push(1),
    }
}

/// Keys in the order of their bytes, then NULL.
pub(super) fn put_key(out: &mut Vec<u8>, key: Option<&[u8]>) {
    match key {
        Some(key) => {
            out.push(0);
            put_text(out, key);
        }
        None => out.push(1),
    }
}

/// Versions, older first: NULL, other text, integers, times.
pub(super) fn put_version(out: &mut Vec<u8>, version: Option<&[u8]>) {
    let Some(version) = version else { return out.push(0) };
    if let Some(instant) = instant(version) {
        out.push(3);
        return put_integer(out, instant);
    }
    match std::str::from_utf8(version).ok().and_then(|text| text.trim().parse::<i128>().ok()) {
        Some(integer) => {
            out.push(2);
            put_integer(out, integer);
        }
        None => {
            out.push(1);
            put_text(out, version);
        }
    }
}

fn put_integer(out: &mut Vec<u8>, integer: i128) {
    out.extend_from_slice(&(integer as u128 ^ (1 << 127)).to_be_bytes());
}

/// Text with an end that sorts before every continuation.
fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    let mut rest = text;
    while let Some(nul) = memchr::memchr(0, rest) {
        out.extend_from_slice(&rest[..=nul]);
        out.push(0xFF);
        rest = &rest[nul + 1..];
    }
    out.extend_from_slice(rest);
    out.extend_from_slice(&[0, 0]);
}

/// Eight bytes of a number, as an end that makes keys differ.
pub(super) fn put_number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_be_bytes());
}

/// The number that [`put_number`] appended last.
pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes.last_chunk::<8>().map_or(0, |last| u64::from_be_bytes(*last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(put: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out);
        out
    }

    #[test]
    fn times_are_read_in_every_form_that_sources_write() {
        for (text, expected) in [
            ("1970-01-01T00:00:01Z", Some(1_000_000_000)),
            ("1970-01-01T00:00:00.001Z", Some(1_000_000)),
            ("1970-01-01T01:00:01+01:00", Some(1_000_000_000)),
            ("1970-01-01 00:00:01+00", Some(1_000_000_000)),
            ("1970-01-01 00:00:01", Some(1_000_000_000)),
            ("1970-01-02", Some(86_400_000_000_000)),
            ("1700000000000", Some(1_700_000_000_000_000_000)),
            ("170000000000", Some(170_000_000_000_000_000)),
            ("17000000000", None),
            ("1969-12-31T23:59:59Z", Some(-1_000_000_000)),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(instant(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn bytes_sort_as_what_they_stand_for() {
        let instants = [Some(i128::MIN), Some(-5), Some(-1), Some(0), Some(1), Some(1 << 70), None];
        let keys: [Option<&[u8]>; 7] =
            [Some(b""), Some(b"\0"), Some(b"a"), Some(b"a\0"), Some(b"a\0b"), Some(b"ab"), None];
        let versions: [Option<&[u8]>; 9] = [
            None,
            Some(b""),
            Some(b"v1"),
            Some(b"-2"),
            Some(b"9"),
            Some(b"10"),
            Some(b"1970-01-01T00:00:00Z"),
            Some(b"2024-01-01T00:00:00+01:00"),
            Some(b"1800000000000"),
        ];
        let lists = [
            instants.iter().map(|v| bytes(|out| put_instant(out, *v))).collect::<Vec<_>>(),
            keys.iter().map(|v| bytes(|out| put_key(out, *v))).collect(),
            versions.iter().map(|v| bytes(|out| put_version(out, *v))).collect(),
        ];
        for list in lists {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
        assert_eq!(number(&bytes(|out| put_number(out, 7))), 7);
    }
}
