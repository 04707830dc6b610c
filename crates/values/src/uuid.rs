//! `uuid`: sixteen bytes.

use crate::bad::{Malformed, Why};
use crate::text::push_hex;

/// Where the hyphens stand in the usual form.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The UUID of a text: 8-4-4-4-12 hex digits, or 32 of them without hyphens, in braces or not, in any case.
#[inline]
pub(crate) fn parse(text: &str) -> Result<[u8; 16], Why> {
    let bytes = text.as_bytes();
    let bytes = match bytes {
        [b'{', inner @ .., b'}'] => inner,
        _ => bytes,
    };
    match bytes.len() {
        36 if HYPHENS.iter().all(|at| bytes[*at] == b'-') => {
            let mut digits = [0; 32];
            digits[..8].copy_from_slice(&bytes[..8]);
            digits[8..12].copy_from_slice(&bytes[9..13]);
            digits[12..16].copy_from_slice(&bytes[14..18]);
            digits[16..20].copy_from_slice(&bytes[19..23]);
            digits[20..].copy_from_slice(&bytes[24..]);
            hex(&digits)
        }
        32 => hex(bytes),
        _ => Err(Why::NotUuid),
    }
}

/// 255 where the byte is no hex digit.
const DIGITS: [u8; 256] = {
    let mut table = [255; 256];
    let mut at = 0;
    while at < 10 {
        table[b'0' as usize + at] = at as u8;
        at += 1;
    }
    while at < 16 {
        table[b'a' as usize + at - 10] = at as u8;
        table[b'A' as usize + at - 10] = at as u8;
        at += 1;
    }
    table
};

#[inline]
fn hex(digits: &[u8]) -> Result<[u8; 16], Why> {
    let mut uuid = [0; 16];
    let mut seen = 0;
    for (byte, pair) in uuid.iter_mut().zip(digits.chunks_exact(2)) {
        let (high, low) = (DIGITS[pair[0] as usize], DIGITS[pair[1] as usize]);
        seen |= high | low;
        *byte = high << 4 | low;
    }
    if seen > 15 { Err(Why::NotUuid) } else { Ok(uuid) }
}

/// Appends the usual form.
pub(crate) fn show(bytes: &[u8], out: &mut String) -> Result<(), Malformed> {
    let uuid: &[u8; 16] = bytes.try_into().map_err(|_| Malformed::new("a uuid"))?;
    for (at, byte) in uuid.iter().enumerate() {
        if [4, 6, 8, 10].contains(&at) {
            out.push('-');
        }
        push_hex(*byte, out);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hex_digit;

    #[test]
    fn the_table_of_digits_agrees_with_the_rule() {
        for byte in 0..=255u8 {
            assert_eq!(hex_digit(byte).unwrap_or(255), DIGITS[byte as usize], "{byte}");
        }
    }
}
