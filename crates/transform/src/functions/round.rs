//! `round`: a number with fewer decimals, because the mapping says so.

use super::Function;

/// `round(value, places)`.
pub(super) const FUNCTION: Function = Function {
    name: "round",
    usage: "round(value [, places])",
    doc: "A decimal number rounded to so many places (default 0), a half away from zero, never through a \
    float. \
          Without it a number with more decimals than its column is a reject.",
    examples: &[
        ("round('25.005', 2)", "25.01"),
        ("round('-25.005', 2)", "-25.01"),
        ("round('2.4')", "2"),
        ("round('99.99', 1)", "100.0"),
        ("round('7', 2)", "7"),
        ("round(NULL, 2)", "NULL"),
    ],
    arguments: (1, 2),
    in_pairs: false,
    null_gives_null: true,
    body: round,
};

/// More decimals than any column of numbers has.
const PLACES_MAX: usize = 1_000;

fn round(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let Some(text) = arguments[0] else { return Ok(None) };
    let places = match arguments.get(1) {
        None => 0,
        Some(Some(p)) => p.parse().ok().filter(|p| *p <= PLACES_MAX).ok_or("round to how many places?")?,
        Some(None) => return Ok(None),
    };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return Err("not a plain decimal number".into());
    }
    if fraction.len() <= places {
        return Ok(Some(text.to_owned()));
    }
    let up = fraction.as_bytes()[places] >= b'5';
    let mut kept: Vec<u8> = [whole.as_bytes(), &fraction.as_bytes()[..places]].concat();
    if up && !increment(&mut kept) {
        kept.insert(0, b'1');
    }
    let point = kept.len() - places;
    let mut result = String::with_capacity(kept.len() + 2);
    result.push_str(sign);
    result.extend(kept[..point].iter().map(|b| char::from(*b)));
    if point == 0 {
        result.push('0');
    }
    if places > 0 {
        result.push('.');
        result.extend(kept[point..].iter().map(|b| char::from(*b)));
    }
    Ok(Some(result))
}

/// Adds one to a number of ASCII digits; false when it overflows to all zeros.
fn increment(digits: &mut [u8]) -> bool {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return true;
        }
        *digit = b'0';
    }
    false
}
