//! The texts of intervals: ISO 8601 (`P1Y2M3DT4H5M6.5S`) and PostgreSQL's own (`1 year 2 mons -3 days
//! 04:05:06`).

use crate::bad::Why;
use crate::interval::Interval;

/// The sums of an interval's parts while it is read; wide, so that only the end has to look at the range.
#[derive(Default)]
struct Sums {
    months: i128,
    days: i128,
    micros: i128,
}

/// What a unit counts, and how much of it.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Months(i128),
    Days(i128),
    Micros(i128),
}

const SECOND: i128 = 1_000_000;

/// PostgreSQL's words of units and the unit's place in [`Units`] (`deltatktbl` in `datetime.c`).
const WORDS: [(&[&str], Unit); 12] = [
    (&["us", "usec", "usecs", "useconds", "microsecon", "microsecond", "microseconds"], Unit::Micros(1)),
    (&["ms", "msec", "msecs", "mseconds", "millisecon", "millisecond", "milliseconds"], Unit::Micros(1000)),
    (&["s", "sec", "secs", "second", "seconds"], Unit::Micros(SECOND)),
    (&["m", "min", "mins", "minute", "minutes"], Unit::Micros(60 * SECOND)),
    (&["h", "hr", "hrs", "hour", "hours"], Unit::Micros(3600 * SECOND)),
    (&["d", "day", "days"], Unit::Days(1)),
    (&["w", "week", "weeks"], Unit::Days(7)),
    (&["mon", "mons", "month", "months"], Unit::Months(1)),
    (&["y", "yr", "yrs", "year", "years"], Unit::Months(12)),
    (&["dec", "decs", "decade", "decades"], Unit::Months(120)),
    (&["c", "cent", "century", "centuries"], Unit::Months(1200)),
    (&["mil", "mils", "millennia", "millennium"], Unit::Months(12_000)),
];

/// An unsigned decimal number in digits.
#[derive(Clone, Copy)]
struct Number<'a> {
    int: &'a [u8],
    frac: &'a [u8],
}

impl Number<'_> {
    /// The digits before the point; ten more than an i64 of microseconds has cannot be meant.
    fn whole(self) -> Result<i128, Why> {
        let digits = &self.int[self.int.iter().position(|d| *d != b'0').unwrap_or(self.int.len())..];
        if digits.len() > 20 {
            return Err(Why::OutOfRange);
        }
        Ok(digits.iter().fold(0, |n, d| n * 10 + i128::from(d - b'0')))
    }

    /// The number times `unit`, which must be whole.
    fn times(self, unit: i128) -> Result<i128, Why> {
        let end = self.frac.iter().rposition(|d| *d != b'0').map_or(0, |at| at + 1);
        // An hour of microseconds has eight factors of five: more decimals than that are never whole.
        if end > 18 {
            return Err(Why::FinerThanMicros);
        }
        let digits = self.frac[..end].iter().fold(0, |n, d| n * 10 + i128::from(d - b'0'));
        let power = 10i128.pow(end as u32);
        if digits * unit % power != 0 {
            return Err(Why::FinerThanMicros);
        }
        Ok(self.whole()? * unit + digits * unit / power)
    }

    fn is_whole(self) -> bool {
        self.frac.iter().all(|d| *d == b'0')
    }
}

impl Sums {
    fn add(&mut self, minus: bool, number: Number, unit: Unit) -> Result<(), Why> {
        let sign = if minus { -1 } else { 1 };
        if !matches!(unit, Unit::Micros(_)) && !number.is_whole() {
            return Err(Why::UnitFraction);
        }
        match unit {
            Unit::Months(n) => self.months += sign * n * number.whole()?,
            Unit::Days(n) => self.days += sign * n * number.whole()?,
            Unit::Micros(n) => self.micros += sign * number.times(n)?,
        }
        Ok(())
    }

    fn interval(self) -> Result<Interval, Why> {
        let narrow = |value: i128| i32::try_from(value).map_err(|_| Why::OutOfRange);
        Ok(Interval {
            months: narrow(self.months)?,
            days: narrow(self.days)?,
            micros: i64::try_from(self.micros).map_err(|_| Why::OutOfRange)?,
        })
    }
}

/// The interval of a text.
pub(crate) fn parse(text: &str) -> Result<Interval, Why> {
    match text.as_bytes() {
        [b'P', rest @ ..] => iso(rest),
        bytes => words(bytes),
    }
}

/// Takes digits, and a point and digits, off the front; at least one digit.
fn number(text: &[u8]) -> Option<(Number<'_>, &[u8])> {
    let (int, rest) = crate::decimal::digits(text);
    let (frac, rest) = match rest {
        [b'.', rest @ ..] => crate::decimal::digits(rest),
        _ => (&rest[..0], rest),
    };
    (!int.is_empty() || !frac.is_empty()).then_some((Number { int, frac }, rest))
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// Behind the `P`: units in falling order, each once.
fn iso(text: &[u8]) -> Result<Interval, Why> {
    const DATE: &[(u8, Unit)] =
        &[(b'Y', Unit::Months(12)), (b'M', Unit::Months(1)), (b'W', Unit::Days(7)), (b'D', Unit::Days(1))];
    const TIME: &[(u8, Unit)] = &[
        (b'H', Unit::Micros(3600 * SECOND)),
        (b'M', Unit::Micros(60 * SECOND)),
        (b'S', Unit::Micros(SECOND)),
    ];
    let mut sums = Sums::default();
    let (mut units, mut rest, mut timed) = (DATE, text, false);
    loop {
        if let [b'T', behind @ ..] = rest
            && !timed
        {
            (units, rest, timed) = (TIME, behind, true);
        } else if rest.is_empty() {
            return Err(Why::NotInterval);
        }
        let (minus, digits) = sign(rest);
        let (value, behind) = number(digits).ok_or(Why::NotInterval)?;
        let (letter, behind) = behind.split_first().ok_or(Why::NoUnit)?;
        let at = units.iter().position(|(unit, _)| unit == letter);
        let at = at.ok_or(Why::NotInterval)?;
        sums.add(minus, value, units[at].1)?;
        units = &units[at + 1..];
        rest = behind;
        if rest.is_empty() {
            return sums.interval();
        }
    }
}

/// Numbers with units, and at most one time, in any order, each unit once; `ago` at the end turns all around.
fn words(text: &[u8]) -> Result<Interval, Why> {
    let mut sums = Sums::default();
    let mut seen = [false; WORDS.len()];
    let (mut timed, mut any) = (false, false);
    let mut rest = text.trim_ascii();
    if let [b'@', behind @ ..] = rest {
        rest = behind.trim_ascii_start();
    }
    while !rest.is_empty() {
        if any && rest.eq_ignore_ascii_case(b"ago") {
            sums = Sums { months: -sums.months, days: -sums.days, micros: -sums.micros };
            break;
        }
        let (minus, digits) = sign(rest);
        let (value, behind) = number(digits).ok_or(Why::NotInterval)?;
        if let [b':', behind @ ..] = behind {
            if timed || seen[..5].contains(&true) || !value.frac.is_empty() {
                return Err(Why::NotInterval);
            }
            rest = clock(&mut sums, minus, value, behind)?;
            timed = true;
        } else {
            let behind = behind.trim_ascii_start();
            let end = behind.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(behind.len());
            let (word, behind) = behind.split_at(end);
            if word.is_empty() {
                return Err(if behind.is_empty() { Why::NoUnit } else { Why::NotInterval });
            }
            let is = |name: &&str| word.eq_ignore_ascii_case(name.as_bytes());
            let at = WORDS.iter().position(|(names, _)| names.iter().any(is)).ok_or(Why::NotInterval)?;
            if seen[at] || (timed && at < 5) {
                return Err(Why::NotInterval);
            }
            seen[at] = true;
            sums.add(minus, value, WORDS[at].1)?;
            rest = behind;
        }
        any = true;
        rest = rest.trim_ascii_start();
    }
    if any { sums.interval() } else { Err(Why::NotInterval) }
}

/// Behind `HH:`: `MM` or `MM:SS.fraction`.
fn clock<'a>(sums: &mut Sums, minus: bool, hours: Number, text: &'a [u8]) -> Result<&'a [u8], Why> {
    let sixty = |text: &'a [u8]| {
        let (value, rest) = crate::civil::two(text)?;
        (value < 60).then_some((&text[..2], rest))
    };
    let (minutes, rest) = sixty(text).ok_or(Why::NotInterval)?;
    let (seconds, frac, rest) = match rest {
        [b':', rest @ ..] => {
            let (seconds, rest) = sixty(rest).ok_or(Why::NotInterval)?;
            match rest {
                [b'.', rest @ ..] => {
                    let (frac, rest) = crate::decimal::digits(rest);
                    (seconds, frac, rest)
                }
                _ => (seconds, &rest[..0], rest),
            }
        }
        _ => (&rest[..0], &rest[..0], rest),
    };
    if !matches!(rest, [] | [b' ' | b'\t' | b'\n' | b'\r', ..]) {
        return Err(Why::NotInterval);
    }
    sums.add(minus, hours, Unit::Micros(3600 * SECOND))?;
    sums.add(minus, Number { int: minutes, frac: &[] }, Unit::Micros(60 * SECOND))?;
    sums.add(minus, Number { int: seconds, frac }, Unit::Micros(SECOND))?;
    Ok(rest)
}
