//! Decimal numbers as they are written: never through a float.

use crate::bad::Why;

/// Exponents saturate here: far outside of every type, near enough to add lengths without overflow.
const EXPONENT_MAX: i64 = 1 << 40;

/// A decimal number in parts: `±int.frac × 10^exponent`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decimal<'a> {
    /// A minus stands before it.
    pub negative: bool,
    /// Digits before the point, leading zeros included.
    pub int: &'a [u8],
    /// Digits behind the point, trailing zeros included.
    pub frac: &'a [u8],
    /// The power of ten, saturated at ±[`EXPONENT_MAX`].
    pub exponent: i64,
}

impl<'a> Decimal<'a> {
    /// `[+-] digits [. digits] [e [+-] digits]` and nothing else; digits on one side of the point are enough.
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let (negative, rest) = sign(text);
        let (int, rest) = digits(rest);
        let (frac, rest) = match rest {
            [b'.', rest @ ..] => digits(rest),
            _ => (&rest[..0], rest),
        };
        if int.is_empty() && frac.is_empty() {
            return None;
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => {
                let (below, rest) = sign(rest);
                let (power, rest) = digits(rest);
                if power.is_empty() || !rest.is_empty() {
                    return None;
                }
                let size = power.iter().fold(0, |n: i64, d| (n * 10 + i64::from(d - b'0')).min(EXPONENT_MAX));
                if below { -size } else { size }
            }
            _ => return None,
        };
        Some(Self { negative, int, frac, exponent })
    }

    /// The digit at `index` of all digits, `int` and then `frac`.
    #[inline]
    pub fn digit(&self, index: usize) -> u8 {
        if index < self.int.len() { self.int[index] - b'0' } else { self.frac[index - self.int.len()] - b'0' }
    }

    /// How many digits stand before the decimal point once the exponent is applied; negative: zeros behind
    /// it.
    #[inline]
    pub fn point(&self) -> i64 {
        self.int.len() as i64 + self.exponent
    }

    /// The places of the first digit that is not zero and behind the last one; `None`: the number is zero.
    #[inline]
    pub fn significant(&self) -> Option<(usize, usize)> {
        let nonzero = |d: &u8| *d != b'0';
        let first = match self.int.iter().position(nonzero) {
            Some(at) => at,
            None => self.int.len() + self.frac.iter().position(nonzero)?,
        };
        let last = match self.frac.iter().rposition(nonzero) {
            Some(at) => self.int.len() + at + 1,
            None => self.int.iter().rposition(nonzero)? + 1,
        };
        Some((first, last))
    }
}

/// Takes a sign off the front; whether it is a minus.
fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// Takes digits off the front.
pub(crate) fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// A whole number between `min` and `max`; `25.0` and `1e3` are whole.
#[inline]
pub(crate) fn integer(text: &str, min: i64, max: i64) -> Result<i64, Why> {
    let bytes = text.as_bytes();
    let (negative, plain) = sign(bytes);
    // 18 digits always fit an i64.
    if (1..=18).contains(&plain.len()) {
        let mut value = 0i64;
        let mut only_digits = true;
        for byte in plain {
            let digit = byte.wrapping_sub(b'0');
            only_digits &= digit < 10;
            value = value * 10 + i64::from(digit & 15);
        }
        if only_digits {
            let value = if negative { -value } else { value };
            return if (min..=max).contains(&value) { Ok(value) } else { Err(Why::OutOfRange) };
        }
    }
    long_integer(bytes, min, max)
}

fn long_integer(bytes: &[u8], min: i64, max: i64) -> Result<i64, Why> {
    let decimal = Decimal::parse(bytes).ok_or(Why::NotNumber)?;
    let Some((first, last)) = decimal.significant() else { return Ok(0) };
    let point = decimal.point();
    if point < last as i64 {
        return Err(Why::NotWhole);
    }
    // An i64 has 19 digits at most.
    if point - first as i64 > 19 {
        return Err(Why::OutOfRange);
    }
    let zeros = point - last as i64;
    let mut value = (first..last).fold(0i128, |n, i| n * 10 + i128::from(decimal.digit(i)));
    for _ in 0..zeros {
        value *= 10;
    }
    let value = if decimal.negative { -value } else { value };
    match i64::try_from(value) {
        Ok(value) if (min..=max).contains(&value) => Ok(value),
        _ => Err(Why::OutOfRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_in_every_spelling_and_nothing_else() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("-0", Ok(0)),
            ("+7", Ok(7)),
            ("007", Ok(7)),
            ("25.0", Ok(25)),
            ("25.", Ok(25)),
            (".0", Ok(0)),
            ("1e3", Ok(1000)),
            ("2.50E1", Ok(25)),
            ("2500e-2", Ok(25)),
            ("0e999999999999999999999", Ok(0)),
            ("00000000000000000000000000000042", Ok(42)),
            ("9223372036854775807", Ok(i64::MAX)),
            ("-9223372036854775808", Ok(i64::MIN)),
            ("9223372036854775808", Err(Why::OutOfRange)),
            ("-9223372036854775809", Err(Why::OutOfRange)),
            ("1e19", Err(Why::OutOfRange)),
            ("1e999999999", Err(Why::OutOfRange)),
            ("1e99999999999999999999999", Err(Why::OutOfRange)),
            ("1e-999999999", Err(Why::NotWhole)),
            ("25.5", Err(Why::NotWhole)),
            ("25e-1", Err(Why::NotWhole)),
            ("", Err(Why::NotNumber)),
            ("-", Err(Why::NotNumber)),
            (".", Err(Why::NotNumber)),
            ("e1", Err(Why::NotNumber)),
            ("1e", Err(Why::NotNumber)),
            ("1e+", Err(Why::NotNumber)),
            (" 1", Err(Why::NotNumber)),
            ("1 ", Err(Why::NotNumber)),
            ("--1", Err(Why::NotNumber)),
            ("1_000", Err(Why::NotNumber)),
            ("1,000", Err(Why::NotNumber)),
            ("0x10", Err(Why::NotNumber)),
            ("１", Err(Why::NotNumber)),
            ("NaN", Err(Why::NotNumber)),
        ] {
            assert_eq!(integer(text, i64::MIN, i64::MAX), expected, "{text:?}");
        }
        assert_eq!(integer("32768", i16::MIN.into(), i16::MAX.into()), Err(Why::OutOfRange));
        assert_eq!(integer("-32768", i16::MIN.into(), i16::MAX.into()), Ok(-32768));
    }
}
