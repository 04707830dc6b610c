//! What can be done with one cell of any type.

use crate::bad::{Bad, Malformed, Why};
use crate::interval::Interval;
use crate::kind::{Kind, PgType};
use crate::{array, datetime, decimal, float, interval_text, json, numeric, text, uuid};

/// What a text alone does not say.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The zone of date-times without one; `None`: such a date-time is [`Bad`].
    pub time_zone: Option<jiff::tz::TimeZone>,
}

/// In which of PostgreSQL's two ways a value is printed; they differ for `boolean` and `char(n)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Style {
    /// As the cast to `text` does: `true`, no blanks at the end.
    Cast,
    /// As the type's output function does, which prints the elements of arrays: `t`, blanks kept.
    Output,
}

impl PgType {
    /// Appends the wire bytes of the value that `text` is, without their length. On failure `out` is as
    /// before.
    ///
    /// Strict: a text that is not exactly a value of the type is [`Bad`]; nothing is rounded, cut or trimmed.
    /// The `null` of a cell is not for here, and neither are the checks of a domain.
    #[inline]
    pub fn encode(&self, text: &str, cx: &Context, out: &mut Vec<u8>) -> Result<(), Bad> {
        let before = out.len();
        self.put(text, cx, out).map_err(|why| {
            out.truncate(before);
            why.into()
        })
    }

    /// [`Self::encode`] that may leave a half-written value behind when it fails.
    pub(crate) fn put(&self, text: &str, cx: &Context, out: &mut Vec<u8>) -> Result<(), Why> {
        match &self.kind {
            Kind::Bool => out.push(text::boolean(text)?.into()),
            Kind::Int2 => {
                let value = decimal::integer(text, i16::MIN.into(), i16::MAX.into())?;
                out.extend_from_slice(&(value as i16).to_be_bytes());
            }
            Kind::Int4 => {
                let value = decimal::integer(text, i32::MIN.into(), i32::MAX.into())?;
                out.extend_from_slice(&(value as i32).to_be_bytes());
            }
            Kind::Int8 => {
                let value = decimal::integer(text, i64::MIN, i64::MAX)?;
                out.extend_from_slice(&value.to_be_bytes());
            }
            Kind::Numeric(size) => numeric::encode(text, *size, out)?,
            Kind::Float4 => out.extend_from_slice(&float::parse4(text)?.to_be_bytes()),
            Kind::Float8 => out.extend_from_slice(&float::parse8(text)?.to_be_bytes()),
            Kind::Text | Kind::Citext => text::encode(text, None, out)?,
            Kind::Varchar(max) | Kind::Bpchar(max) => text::encode(text, *max, out)?,
            Kind::Uuid => out.extend_from_slice(&uuid::parse(text)?),
            Kind::Bytea => text::bytea(text, out)?,
            Kind::Date => out.extend_from_slice(&datetime::date(text)?.to_be_bytes()),
            Kind::Time(precision) => out.extend_from_slice(&datetime::time(text, *precision)?.to_be_bytes()),
            Kind::Timestamp(precision) | Kind::Timestamptz(precision) => {
                out.extend_from_slice(&datetime::timestamp(text, *precision, cx)?.to_be_bytes());
            }
            Kind::Interval => {
                let interval = interval_text::parse(text)?;
                interval.fits(&self.name)?;
                interval.write(out);
            }
            Kind::Json => json::encode_json(text, out)?,
            Kind::Jsonb => json::encode_jsonb(text, out)?,
            Kind::Enum(labels) => {
                if !labels.iter().any(|label| label == text) {
                    return Err(Why::NotLabel);
                }
                out.extend_from_slice(text.as_bytes());
            }
            Kind::Array(element) if self.loadable() => array::encode(element, text, cx, out)?,
            Kind::Domain { base, .. } => base.put(text, cx, out)?,
            Kind::Array(_) | Kind::Other => return Err(Why::NotLoadable),
        }
        Ok(())
    }

    /// The text that PostgreSQL's cast to `text` makes of the value, with `DateStyle` ISO, `TimeZone` UTC,
    /// `IntervalStyle` postgres and `bytea_output` hex. Of a type that is not loaded: its bytes in hex.
    pub fn show(&self, bytes: &[u8]) -> Result<String, Malformed> {
        let mut out = String::new();
        self.print(bytes, Style::Cast, &mut out)?;
        Ok(out)
    }

    /// Appends a value's text.
    pub(crate) fn print(&self, bytes: &[u8], style: Style, out: &mut String) -> Result<(), Malformed> {
        use std::fmt::Write;
        match &self.kind {
            Kind::Bool => out.push_str(match (boolean(bytes)?, style) {
                (true, Style::Cast) => "true",
                (false, Style::Cast) => "false",
                (true, Style::Output) => "t",
                (false, Style::Output) => "f",
            }),
            Kind::Int2 | Kind::Int4 | Kind::Int8 => {
                // Writing to a String cannot fail.
                let _ = write!(out, "{}", self.integer(bytes)?);
            }
            Kind::Numeric(_) => numeric::show(bytes, out)?,
            Kind::Float4 => float::show4(float::read4(bytes)?, out),
            Kind::Float8 => float::show8(float::read8(bytes)?, out),
            Kind::Text | Kind::Varchar(_) | Kind::Citext | Kind::Json | Kind::Enum(_) => {
                out.push_str(text::read(bytes)?);
            }
            Kind::Bpchar(_) if style == Style::Cast => out.push_str(text::read(text::unpadded(bytes))?),
            Kind::Bpchar(_) => out.push_str(text::read(bytes)?),
            Kind::Uuid => uuid::show(bytes, out)?,
            Kind::Bytea | Kind::Other => text::show_bytea(bytes, out),
            Kind::Date => datetime::show_date(bytes, out)?,
            Kind::Time(_) => datetime::show_time(bytes, out)?,
            Kind::Timestamp(_) => datetime::show_timestamp(bytes, false, out)?,
            Kind::Timestamptz(_) => datetime::show_timestamp(bytes, true, out)?,
            Kind::Interval => Interval::read(bytes)?.show(out),
            Kind::Jsonb => out.push_str(json::read_jsonb(bytes)?),
            Kind::Array(element) => array::show(element, bytes, out)?,
            Kind::Domain { base, .. } => base.print(bytes, style, out)?,
        }
        Ok(())
    }

    /// Whether equal values always have equal wire bytes. False for a type does not mean that they differ
    /// often: what [`Self::encode`] writes is nearly always what the server sends back.
    pub fn bytes_are_canonical(&self) -> bool {
        match &self.kind {
            Kind::Numeric(_)
            | Kind::Float4
            | Kind::Float8
            | Kind::Bpchar(_)
            | Kind::Citext
            | Kind::Interval
            | Kind::Jsonb => false,
            // The server may say that there are NULLs after the last one is gone.
            Kind::Array(_) => false,
            Kind::Domain { base, .. } => base.bytes_are_canonical(),
            Kind::Bool
            | Kind::Int2
            | Kind::Int4
            | Kind::Int8
            | Kind::Text
            | Kind::Varchar(_)
            | Kind::Uuid
            | Kind::Bytea
            | Kind::Date
            | Kind::Time(_)
            | Kind::Timestamp(_)
            | Kind::Timestamptz(_)
            | Kind::Json
            | Kind::Enum(_)
            | Kind::Other => true,
        }
    }

    /// Appends a form of the value that is equal to another's iff PostgreSQL's `=` calls the values equal.
    ///
    /// Texts are compared by bytes, as every deterministic collation does. `json`, which has no `=`, is
    /// compared by its text. `citext` compares what the database's locale makes lower case of the texts;
    /// that cannot be known exactly here, so Unicode's lower case stands in for it: it agrees with a UTF-8
    /// locale but for a few letters whose lower case depends on the place (final sigma, dotted I).
    pub fn canonical(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        match &self.kind {
            Kind::Numeric(_) => return numeric::canonical(bytes, out),
            Kind::Float4 => out.extend_from_slice(&float::same4(float::read4(bytes)?).to_be_bytes()),
            Kind::Float8 => out.extend_from_slice(&float::same8(float::read8(bytes)?).to_be_bytes()),
            Kind::Bpchar(_) => out.extend_from_slice(text::unpadded(bytes)),
            Kind::Citext => out.extend_from_slice(text::read(bytes)?.to_lowercase().as_bytes()),
            Kind::Interval => out.extend_from_slice(&Interval::read(bytes)?.span().to_be_bytes()),
            Kind::Jsonb => return json::canonical(bytes, out),
            Kind::Array(element) => return array::canonical(element, bytes, out),
            Kind::Domain { base, .. } => return base.canonical(bytes, out),
            Kind::Bool => out.push(boolean(bytes)?.into()),
            Kind::Int2 => out.extend_from_slice(&fixed::<2>(bytes, "an int2")?),
            Kind::Int4 => out.extend_from_slice(&fixed::<4>(bytes, "an int4")?),
            Kind::Int8 => out.extend_from_slice(&fixed::<8>(bytes, "an int8")?),
            Kind::Date => out.extend_from_slice(&fixed::<4>(bytes, "a date")?),
            Kind::Time(_) => out.extend_from_slice(&fixed::<8>(bytes, "a time")?),
            Kind::Timestamp(_) | Kind::Timestamptz(_) => {
                out.extend_from_slice(&fixed::<8>(bytes, "a timestamp")?);
            }
            Kind::Uuid => out.extend_from_slice(&fixed::<16>(bytes, "a uuid")?),
            Kind::Text | Kind::Varchar(_) | Kind::Bytea | Kind::Json | Kind::Enum(_) | Kind::Other => {
                out.extend_from_slice(bytes);
            }
        }
        Ok(())
    }

    /// Whether PostgreSQL's `=` calls two values equal, with the limits that [`Self::canonical`] names.
    /// Malformed bytes are equal to themselves only.
    #[inline]
    pub fn equal(&self, a: &[u8], b: &[u8]) -> bool {
        a == b || (!self.bytes_are_canonical() && self.equal_value(a, b))
    }

    fn equal_value(&self, a: &[u8], b: &[u8]) -> bool {
        match &self.kind {
            Kind::Bpchar(_) => text::unpadded(a) == text::unpadded(b),
            Kind::Interval => match (Interval::read(a), Interval::read(b)) {
                (Ok(a), Ok(b)) => a.span() == b.span(),
                _ => false,
            },
            Kind::Domain { base, .. } => base.equal_value(a, b),
            _ => {
                let (mut left, mut right) = (Vec::new(), Vec::new());
                self.canonical(a, &mut left).is_ok() && self.canonical(b, &mut right).is_ok() && left == right
            }
        }
    }

    fn integer(&self, bytes: &[u8]) -> Result<i64, Malformed> {
        Ok(match self.kind {
            Kind::Int2 => i16::from_be_bytes(fixed(bytes, "an int2")?).into(),
            Kind::Int4 => i32::from_be_bytes(fixed(bytes, "an int4")?).into(),
            _ => i64::from_be_bytes(fixed(bytes, "an int8")?),
        })
    }
}

fn boolean(bytes: &[u8]) -> Result<bool, Malformed> {
    fixed::<1>(bytes, "a boolean").map(|[byte]| byte != 0)
}

fn fixed<const N: usize>(bytes: &[u8], what: &'static str) -> Result<[u8; N], Malformed> {
    bytes.try_into().map_err(|_| Malformed::new(what))
}
