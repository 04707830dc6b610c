//! Texts, and what is sent as text: bytes as they are. Also `boolean` and `bytea`, which are words in text.

use crate::bad::{Malformed, Why};

/// Appends a text of at most `max` characters (Unicode scalar values, as PostgreSQL counts in UTF-8).
#[inline]
pub(crate) fn encode(text: &str, max: Option<u32>, out: &mut Vec<u8>) -> Result<(), Why> {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(Why::Nul);
    }
    if let Some(max) = max {
        // No text has more characters than bytes.
        if text.len() > max as usize && text.chars().nth(max as usize).is_some() {
            return Err(Why::TooLong { max });
        }
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Reads a text.
pub(crate) fn read(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|_| Malformed::new("UTF-8"))
}

/// A `char(n)` without the blanks that do not count.
pub(crate) fn unpadded(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|b| *b != b' ').map_or(0, |at| at + 1);
    &bytes[..end]
}

/// The truth of a word.
#[inline]
pub(crate) fn boolean(text: &str) -> Result<bool, Why> {
    match text {
        "1" => Ok(true),
        "0" => Ok(false),
        _ if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes") => Ok(true),
        _ if text.eq_ignore_ascii_case("false") || text.eq_ignore_ascii_case("no") => Ok(false),
        _ => Err(Why::NotBoolean),
    }
}

/// Appends the bytes of `\x` and pairs of hex digits. On failure the caller drops what was appended.
pub(crate) fn bytea(text: &str, out: &mut Vec<u8>) -> Result<(), Why> {
    let hex = text.as_bytes().strip_prefix(b"\\x").ok_or(Why::NotBytea)?;
    if hex.len() % 2 != 0 {
        return Err(Why::NotBytea);
    }
    out.reserve(hex.len() / 2);
    for pair in hex.chunks_exact(2) {
        match (hex_digit(pair[0]), hex_digit(pair[1])) {
            (Some(high), Some(low)) => out.push(high << 4 | low),
            _ => return Err(Why::NotBytea),
        }
    }
    Ok(())
}

/// Appends bytes as `\x` and hex digits.
pub(crate) fn show_bytea(bytes: &[u8], out: &mut String) {
    out.push_str("\\x");
    for byte in bytes {
        push_hex(*byte, out);
    }
}

/// The value of a hex digit.
#[inline]
pub(crate) fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Appends two hex digits.
pub(crate) fn push_hex(byte: u8, out: &mut String) {
    for digit in [byte >> 4, byte & 15] {
        out.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
    }
}
