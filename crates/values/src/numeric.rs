//! `numeric`: groups of four decimal digits on the wire.
//!
//! The wire form (`numeric_send` in PostgreSQL's `numeric.c`): four 16-bit words — number of groups,
//! weight of the first group as a power of 10,000, sign, digits to show behind the point — and the groups.

use crate::bad::{Malformed, Why};
use crate::decimal::Decimal;
use crate::kind::NumericSize;

const MALFORMED: Malformed = Malformed::new("a numeric");

/// Most digits before the point (PostgreSQL's manual, "Numeric types").
const DIGITS_BEFORE_MAX: i64 = 131_072;
/// Most digits behind the point.
const DIGITS_BEHIND_MAX: i64 = 16_383;
/// PostgreSQL takes no exponent from this on, even of zero (`set_var_from_str`: half of the largest int).
const EXPONENT_LIMIT: i64 = i32::MAX as i64 / 2;

const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITE: u16 = 0xD000;
const MINUS_INFINITE: u16 = 0xF000;
/// What `numeric_send` writes as the scale of an infinity: a bit of its header that shows through.
const INFINITE_SCALE: i16 = 0x20;

/// Appends the wire form.
pub(crate) fn encode(text: &str, size: Option<NumericSize>, out: &mut Vec<u8>) -> Result<(), Why> {
    let Some(decimal) = Decimal::parse(text.as_bytes()) else {
        return special(text, size, out);
    };
    let scale = shown_scale(&decimal, size)?;
    let Some((first, last)) = decimal.significant() else {
        head(out, 0, 0, POSITIVE, scale);
        return Ok(());
    };
    let (first, last, point) = (first as i64, last as i64, decimal.point());
    let weight = (point - 1 - first).div_euclid(4);
    let lowest = (point - last).div_euclid(4);
    let groups = weight - lowest + 1;
    head(out, groups as u16, weight as i16, if decimal.negative { NEGATIVE } else { POSITIVE }, scale);
    let mut index = point - 4 * (weight + 1);
    for _ in 0..groups {
        let mut group = 0u16;
        for _ in 0..4 {
            let digit = if (first..last).contains(&index) { decimal.digit(index as usize) } else { 0 };
            group = group * 10 + u16::from(digit);
            index += 1;
        }
        out.extend_from_slice(&group.to_be_bytes());
    }
    Ok(())
}

/// How many digits behind the point PostgreSQL shows of `decimal`, once it is known to fit.
pub(crate) fn shown_scale(decimal: &Decimal, size: Option<NumericSize>) -> Result<i16, Why> {
    if decimal.exponent.abs() >= EXPONENT_LIMIT {
        return Err(match (decimal.significant(), size) {
            (Some(_), Some(size)) if decimal.exponent < 0 => too_fine(size.scale),
            _ => Why::OutOfRange,
        });
    }
    let point = decimal.point();
    let written = (decimal.frac.len() as i64 - decimal.exponent).max(0);
    let Some(size) = size else {
        if written > DIGITS_BEHIND_MAX {
            return Err(Why::OutOfRange);
        }
        if decimal.significant().is_some_and(|(first, _)| point - first as i64 > DIGITS_BEFORE_MAX) {
            return Err(Why::OutOfRange);
        }
        return Ok(written as i16);
    };
    if let Some((first, last)) = decimal.significant() {
        if last as i64 - point > i64::from(size.scale) {
            return Err(too_fine(size.scale));
        }
        if point - first as i64 > i64::from(size.precision) - i64::from(size.scale) {
            return Err(Why::Precision { precision: size.precision, scale: size.scale });
        }
    }
    Ok(size.scale.max(0))
}

fn too_fine(scale: i16) -> Why {
    if scale < 0 { Why::NotMultiple { power: scale.unsigned_abs() } } else { Why::Decimals { scale } }
}

fn head(out: &mut Vec<u8>, groups: u16, weight: i16, sign: u16, scale: i16) {
    let mut head = [0; 8];
    head[0..2].copy_from_slice(&groups.to_be_bytes());
    head[2..4].copy_from_slice(&weight.to_be_bytes());
    head[4..6].copy_from_slice(&sign.to_be_bytes());
    head[6..8].copy_from_slice(&scale.to_be_bytes());
    out.extend_from_slice(&head);
}

/// `NaN`, and `Infinity` where no precision is declared.
fn special(text: &str, size: Option<NumericSize>, out: &mut Vec<u8>) -> Result<(), Why> {
    if text.eq_ignore_ascii_case("nan") {
        head(out, 0, 0, NAN, 0);
        return Ok(());
    }
    let (sign, word) = match text.as_bytes() {
        [b'-', word @ ..] => (MINUS_INFINITE, word),
        [b'+', word @ ..] => (INFINITE, word),
        word => (INFINITE, word),
    };
    if !word.eq_ignore_ascii_case(b"infinity") {
        return Err(Why::NotNumber);
    }
    if let Some(size) = size {
        return Err(Why::Precision { precision: size.precision, scale: size.scale });
    }
    head(out, 0, 0, sign, INFINITE_SCALE);
    Ok(())
}

/// The parts of a wire form.
struct Wire<'a> {
    weight: i16,
    sign: u16,
    scale: u16,
    groups: &'a [u8],
}

impl<'a> Wire<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (head, groups) = bytes.split_first_chunk::<8>().ok_or(MALFORMED)?;
        let word = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
        let wire = Self { weight: word(2) as i16, sign: word(4), scale: word(6), groups };
        let signs = [POSITIVE, NEGATIVE, NAN, INFINITE, MINUS_INFINITE];
        let whole = groups.len() == 2 * usize::from(word(0))
            && signs.contains(&wire.sign)
            && i64::from(wire.scale) <= DIGITS_BEHIND_MAX
            && groups.chunks_exact(2).all(|g| u16::from_be_bytes([g[0], g[1]]) < 10_000);
        if whole { Ok(wire) } else { Err(MALFORMED) }
    }

    /// The group of that power of 10,000.
    fn group(&self, power: i32) -> u16 {
        let at = i32::from(self.weight) - power;
        usize::try_from(at)
            .ok()
            .and_then(|at| self.groups.get(2 * at..2 * at + 2))
            .map_or(0, |g| u16::from_be_bytes([g[0], g[1]]))
    }
}

/// Appends what `numeric_out` prints.
pub(crate) fn show(bytes: &[u8], out: &mut String) -> Result<(), Malformed> {
    let wire = Wire::read(bytes)?;
    match wire.sign {
        NAN => out.push_str("NaN"),
        INFINITE => out.push_str("Infinity"),
        MINUS_INFINITE => out.push_str("-Infinity"),
        sign => {
            if sign == NEGATIVE {
                out.push('-');
            }
            let digit =
                |group: u16, place: usize| char::from(b'0' + (group / [1000, 100, 10, 1][place] % 10) as u8);
            let mut leading = true;
            for power in (0..=i32::from(wire.weight)).rev() {
                for place in 0..4 {
                    let d = digit(wire.group(power), place);
                    leading &= d == '0';
                    if !leading {
                        out.push(d);
                    }
                }
            }
            if leading {
                out.push('0');
            }
            if wire.scale > 0 {
                out.push('.');
            }
            for place in 0..usize::from(wire.scale) {
                out.push(digit(wire.group(-1 - (place / 4) as i32), place % 4));
            }
        }
    }
    Ok(())
}

/// Appends a form that does not know how many zeros are shown: sign, weight, groups without zeros around
/// them.
pub(crate) fn canonical(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let wire = Wire::read(bytes)?;
    out.extend_from_slice(&wire.sign.to_be_bytes());
    if wire.sign != POSITIVE && wire.sign != NEGATIVE {
        return Ok(());
    }
    let zeros = wire.groups.chunks_exact(2).take_while(|g| *g == [0, 0]).count();
    let used = wire.groups.chunks_exact(2).rposition(|g| g != [0, 0]).map_or(zeros, |at| at + 1);
    if zeros == used {
        // Zero has no sign.
        out.truncate(out.len() - 2);
        out.extend_from_slice(&POSITIVE.to_be_bytes());
        return Ok(());
    }
    out.extend_from_slice(&(i32::from(wire.weight) - zeros as i32).to_be_bytes());
    out.extend_from_slice(&wire.groups[2 * zeros..2 * used]);
    Ok(())
}

/// Appends the number of a JSON text as jsonb prints it: what `numeric` prints of it, or with `by_value` the
/// same text for the same number.
pub(crate) fn reprint(text: &str, by_value: bool, out: &mut Vec<u8>) -> Result<(), Why> {
    let decimal = Decimal::parse(text.as_bytes()).ok_or(Why::NotJson)?;
    let scale = i64::from(shown_scale(&decimal, None)?);
    let Some((first, last)) = decimal.significant() else {
        out.push(b'0');
        if scale > 0 && !by_value {
            out.push(b'.');
            out.resize(out.len() + scale as usize, b'0');
        }
        return Ok(());
    };
    if !by_value && !text.contains(['e', 'E']) {
        // JSON has no leading zeros and no plus: without an exponent the text is what numeric prints.
        out.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    if decimal.negative {
        out.push(b'-');
    }
    let point = decimal.point();
    if point <= first as i64 {
        out.push(b'0');
    } else {
        put_digits(&decimal, first as i64, point, out);
    }
    let behind = if by_value { (last as i64 - point).max(0) } else { scale };
    if behind > 0 {
        out.push(b'.');
        put_digits(&decimal, point, point + behind, out);
    }
    Ok(())
}

/// Appends the digits at places `from` to `to` of all digits; beyond them are zeros.
fn put_digits(decimal: &Decimal, from: i64, to: i64, out: &mut Vec<u8>) {
    let (int, all) = (decimal.int.len() as i64, (decimal.int.len() + decimal.frac.len()) as i64);
    let part = |a: i64, b: i64| from.clamp(a, b) as usize..to.clamp(a, b) as usize;
    let before = to.min(0) - from.min(0);
    let behind = to.max(all) - from.max(all);
    out.resize(out.len() + before as usize, b'0');
    out.extend_from_slice(&decimal.int[part(0, int)]);
    let frac = part(int, all);
    out.extend_from_slice(&decimal.frac[frac.start - decimal.int.len()..frac.end - decimal.int.len()]);
    out.resize(out.len() + behind as usize, b'0');
}
