//! `interval`: months, days and microseconds, kept apart because months and days have no fixed length.

use crate::bad::{Malformed, Why};
use crate::civil::{self, DAY, precise};

/// An interval as PostgreSQL keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Interval {
    pub months: i32,
    pub days: i32,
    pub micros: i64,
}

impl Interval {
    /// Appends the wire form: microseconds, days, months.
    pub fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.micros.to_be_bytes());
        out.extend_from_slice(&self.days.to_be_bytes());
        out.extend_from_slice(&self.months.to_be_bytes());
    }

    /// Reads the wire form.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes: &[u8; 16] = bytes.try_into().map_err(|_| Malformed::new("an interval"))?;
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *bytes;
        Ok(Self {
            micros: i64::from_be_bytes([a, b, c, d, e, f, g, h]),
            days: i32::from_be_bytes([i, j, k, l]),
            months: i32::from_be_bytes([m, n, o, p]),
        })
    }

    /// What PostgreSQL compares: microseconds with months of 30 days and days of 24 hours.
    pub fn span(self) -> i128 {
        (i128::from(self.months) * 30 + i128::from(self.days)) * i128::from(DAY) + i128::from(self.micros)
    }

    /// Appends what PostgreSQL prints with `IntervalStyle` postgres (`EncodeInterval`).
    pub fn show(self, out: &mut String) {
        use std::fmt::Write;
        let (mut any, mut minus) = (false, false);
        let mut part = |value: i32, unit: &str, out: &mut String| {
            if value == 0 {
                return;
            }
            let blank = if any { " " } else { "" };
            let plus = if minus && value > 0 { "+" } else { "" };
            let many = if value == 1 { "" } else { "s" };
            // Writing to a String cannot fail.
            let _ = write!(out, "{blank}{plus}{value} {unit}{many}");
            minus = value < 0;
            any = true;
        };
        part(self.months / 12, "year", out);
        part(self.months % 12, "mon", out);
        part(self.days, "day", out);
        if any && self.micros == 0 {
            return;
        }
        if any {
            out.push(' ');
        }
        if self.micros < 0 {
            out.push('-');
        } else if minus {
            out.push('+');
        }
        civil::show_time(self.micros.unsigned_abs(), out);
    }

    /// Whether a column of that type name keeps all of it: the server would round or cut the rest.
    pub fn fits(self, name: &str) -> Result<(), Why> {
        let Some(modifier) = name.strip_prefix("interval").map(str::trim).filter(|m| !m.is_empty()) else {
            return Ok(());
        };
        let (fields, precision) = match modifier.split_once('(') {
            Some((fields, digits)) => (fields.trim(), digits.trim_end_matches(')').trim().parse().ok()),
            None => (modifier, None),
        };
        let last = fields.rsplit(' ').next().unwrap_or_default();
        let kept = match last {
            "year" => self.months % 12 == 0 && self.days == 0 && self.micros == 0,
            "month" => self.days == 0 && self.micros == 0,
            "day" => self.micros == 0,
            "hour" => self.micros % 3_600_000_000 == 0,
            "minute" => self.micros % 60_000_000 == 0,
            _ => true,
        };
        if kept { precise(self.micros, precision) } else { Err(Why::FinerThanFields) }
    }
}
