//! `real` and `double precision`: the one kind of number that a decimal text only approximates.

use crate::bad::{Malformed, Why};
use crate::decimal::Decimal;

/// The `double precision` nearest to the text.
pub(crate) fn parse8(text: &str) -> Result<f64, Why> {
    match Decimal::parse(text.as_bytes()) {
        Some(decimal) => {
            let value: f64 = text.parse().map_err(|_| Why::NotNumber)?;
            in_range(&decimal, value.is_infinite(), value == 0.0).map(|()| value)
        }
        None => special(text),
    }
}

/// The `real` nearest to the text; not by way of a double, which would round twice.
pub(crate) fn parse4(text: &str) -> Result<f32, Why> {
    match Decimal::parse(text.as_bytes()) {
        Some(decimal) => {
            let value: f32 = text.parse().map_err(|_| Why::NotNumber)?;
            in_range(&decimal, value.is_infinite(), value == 0.0).map(|()| value)
        }
        None => special(text).map(|value| value as f32),
    }
}

fn in_range(decimal: &Decimal, infinite: bool, zero: bool) -> Result<(), Why> {
    if infinite {
        Err(Why::OutOfRange)
    } else if zero && decimal.significant().is_some() {
        Err(Why::Underflow)
    } else {
        Ok(())
    }
}

fn special(text: &str) -> Result<f64, Why> {
    let (negative, word) = match text.as_bytes() {
        [b'-', word @ ..] => (true, word),
        [b'+', word @ ..] => (false, word),
        word => (false, word),
    };
    if text.eq_ignore_ascii_case("nan") {
        Ok(f64::NAN)
    } else if word.eq_ignore_ascii_case(b"infinity") {
        Ok(if negative { f64::NEG_INFINITY } else { f64::INFINITY })
    } else {
        Err(Why::NotNumber)
    }
}

/// Reads the wire form of a `double precision`.
pub(crate) fn read8(bytes: &[u8]) -> Result<f64, Malformed> {
    Ok(f64::from_be_bytes(bytes.try_into().map_err(|_| Malformed::new("a float8"))?))
}

/// Reads the wire form of a `real`.
pub(crate) fn read4(bytes: &[u8]) -> Result<f32, Malformed> {
    Ok(f32::from_be_bytes(bytes.try_into().map_err(|_| Malformed::new("a float4"))?))
}

/// The bits that stand for all values that PostgreSQL's `=` calls equal: one zero, one NaN.
pub(crate) fn same8(value: f64) -> f64 {
    if value.is_nan() {
        f64::NAN
    } else if value == 0.0 {
        0.0
    } else {
        value
    }
}

/// [`same8`] for `real`.
pub(crate) fn same4(value: f32) -> f32 {
    if value.is_nan() {
        f32::NAN
    } else if value == 0.0 {
        0.0
    } else {
        value
    }
}

/// Appends what `float8out` prints: the fewest digits that lead back to the value; from 1e15 on with an
/// exponent.
pub(crate) fn show8(value: f64, out: &mut String) {
    let bits = value.to_bits();
    let edges = edges(bits & ((1 << 52) - 1), (bits >> 52 & 0x7FF) as i32, 52, 1075);
    let exactly = |n: usize| format!("{value:.n$e}");
    let digits =
        shortest(&format!("{value:e}"), 17, exactly, |t| t.parse() == Ok(value) && !on_edge(t, edges));
    layout(&digits, 15, out);
}

/// Appends what `float4out` prints; from 1e6 on with an exponent.
pub(crate) fn show4(value: f32, out: &mut String) {
    let bits = value.to_bits();
    let edges = edges(u64::from(bits & ((1 << 23) - 1)), (bits >> 23 & 0xFF) as i32, 23, 150);
    let exactly = |n: usize| format!("{value:.n$e}");
    let digits =
        shortest(&format!("{value:e}"), 9, exactly, |t| t.parse() == Ok(value) && !on_edge(t, edges));
    layout(&digits, 6, out);
}

/// The digits that PostgreSQL's printer chooses. Rust's are the fewest that lead back, but of two equally
/// near ones it takes the upper, and it takes those on an edge: so the same number of digits is tried once
/// more, rounded half to even, and then more digits.
fn shortest(
    rust: &str,
    most: usize,
    exactly: impl Fn(usize) -> String,
    good: impl Fn(&str) -> bool,
) -> String {
    let digits = rust.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return rust.to_owned();
    }
    let same = exactly(digits - 1);
    if good(&same) {
        return same;
    }
    if good(rust) {
        return rust.to_owned();
    }
    (digits..most).map(exactly).find(|text| good(text)).unwrap_or_else(|| rust.to_owned())
}

/// The edges of the interval that rounds to a float, as (integer, power of two): half-way to its neighbours.
fn edges(fraction: u64, exponent: i32, fraction_bits: u32, bias: i32) -> [(u64, i32); 2] {
    let (mantissa, power) = match exponent {
        0 => (fraction, 1 - bias),
        _ => (fraction | 1 << fraction_bits, exponent - bias),
    };
    // Below a power of two the neighbour is only half as far.
    let below = if fraction == 0 && exponent > 1 { 1 } else { 2 };
    [(4 * mantissa + 2, power - 2), ((4 * mantissa).saturating_sub(below), power - 2)]
}

/// Whether a decimal text stands exactly on an edge. It leads back to the float there only because ties
/// round to even, and PostgreSQL's printer does not rely on the reader's way of rounding (`acceptBounds`
/// in `d2s.c`).
fn on_edge(text: &str, edges: [(u64, i32); 2]) -> bool {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let point = mantissa.find('.').map_or(0, |at| mantissa.len() - at - 1);
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).fold(0u64, |n, d| n * 10 + u64::from(d - b'0'));
    let power = exponent.parse::<i32>().unwrap_or(0) - point as i32;
    edges.iter().any(|(edge, two)| same_number(digits, power, *edge, *two))
}

/// Whether `digits × 10^ten = edge × 2^two`.
fn same_number(digits: u64, ten: i32, edge: u64, two: i32) -> bool {
    if digits == 0 || edge == 0 {
        return digits == edge;
    }
    // 10^ten = 5^ten × 2^ten; the odd parts and the powers of two must agree. 5^27 is the last that fits
    // 64 bits.
    let (left, right) = match 5u128.checked_pow(ten.unsigned_abs()) {
        Some(fives) if ten.abs() <= 27 => match ten >= 0 {
            true => (u128::from(digits) * fives, u128::from(edge)),
            false => (u128::from(digits), u128::from(edge) * fives),
        },
        _ => return false,
    };
    let (left_twos, right_twos) = (left.trailing_zeros(), right.trailing_zeros());
    left >> left_twos == right >> right_twos && ten + left_twos as i32 == two + right_twos as i32
}

/// Lays out shortest digits of the form `d.ddde-7` the way PostgreSQL does: plain between 1e-4 and
/// 10^`plain`.
fn layout(digits: &str, plain: i32, out: &mut String) {
    use std::fmt::Write;
    let Some((mantissa, exponent)) = digits.split_once('e') else {
        // Rust's words are NaN, inf and -inf.
        out.push_str(match digits {
            "inf" => "Infinity",
            "-inf" => "-Infinity",
            other => other,
        });
        return;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..plain).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        // Writing to a String cannot fail.
        let _ = write!(out, "{mantissa}e{sign}{:02}", exponent.abs());
        return;
    }
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    out.push_str(sign);
    if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-exponent - 1) as usize));
        out.push_str(&digits);
        return;
    }
    let before = exponent as usize + 1;
    if digits.len() <= before {
        out.push_str(&digits);
        out.extend(std::iter::repeat_n('0', before - digits.len()));
    } else {
        out.push_str(&digits[..before]);
        out.push('.');
        out.push_str(&digits[before..]);
    }
}
