//! Why a text is not a value of its column, without the value.

use base::RejectCode;

/// A text that is not a value of the column's type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Bad {
    /// The reject's code.
    pub code: RejectCode,
    /// What is wrong, for people; holds nothing of the value.
    pub why: Why,
}

impl From<Why> for Bad {
    fn from(why: Why) -> Self {
        Self { code: why.code(), why }
    }
}

/// What is wrong with a text; words without the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Why {
    /// The type is one that is not loaded.
    #[error("columns of this type cannot be loaded")]
    NotLoadable,
    /// No text of PostgreSQL's can hold it.
    #[error("a NUL character")]
    Nul,
    /// More characters than `varchar(max)` or `char(max)` takes.
    #[error("longer than {max} characters")]
    TooLong {
        /// The column's length in characters.
        max: u32,
    },
    /// Longer than the type takes at all.
    #[error("longer than {max} bytes")]
    TooManyBytes {
        /// The type's bound in bytes.
        max: usize,
    },
    /// None of true, false, yes, no, 1, 0.
    #[error("not one of true, false, yes, no, 1, 0")]
    NotBoolean,
    /// Not a decimal number.
    #[error("not a number")]
    NotNumber,
    /// A fraction for an integer column.
    #[error("not a whole number")]
    NotWhole,
    /// More non-zero decimals than the column keeps.
    #[error("more than {scale} decimals")]
    Decimals {
        /// The column's scale.
        scale: i16,
    },
    /// Non-zero digits below the negative scale of a `numeric(p,-s)`.
    #[error("not a multiple of 10^{power}")]
    NotMultiple {
        /// The column's scale without its sign.
        power: u16,
    },
    /// Outside what the column's type takes.
    #[error("outside the range of the type")]
    OutOfRange,
    /// More digits before the point than `numeric(p,s)` takes.
    #[error("outside numeric({precision},{scale})")]
    Precision {
        /// The column's precision.
        precision: u16,
        /// The column's scale.
        scale: i16,
    },
    /// A number other than zero that the float type would turn into zero.
    #[error("too near to zero for the type")]
    Underflow,
    /// Not a UUID.
    #[error("not a UUID")]
    NotUuid,
    /// Not `\x` and pairs of hex digits.
    #[error("not \\x and pairs of hex digits")]
    NotBytea,
    /// Not a date of the form `YYYY-MM-DD`.
    #[error("not a date")]
    NotDate,
    /// A day that the calendar does not have.
    #[error("no such day in the calendar")]
    NoSuchDay,
    /// A date-time where a date is wanted.
    #[error("a date-time for a date: the mapping must say in which zone")]
    DateTimeForDate,
    /// A date where a date-time is wanted.
    #[error("a date alone is not a date-time")]
    DateForDateTime,
    /// Not an ISO 8601 date-time.
    #[error("not a date-time")]
    NotDateTime,
    /// Not a time of day.
    #[error("not a time of day")]
    NotTime,
    /// Second 60.
    #[error("a leap second")]
    LeapSecond,
    /// 24:00.
    #[error("24:00 is not a time of day")]
    Hour24,
    /// More than six decimals of a second.
    #[error("finer than microseconds")]
    FinerThanMicros,
    /// More decimals of a second than the column keeps.
    #[error("more than {digits} decimals of a second")]
    FinerThan {
        /// The column's precision.
        digits: u8,
    },
    /// No zone in the text, and none declared.
    #[error("no time zone, and the source declares none")]
    NoZone,
    /// Clocks were put forward over it.
    #[error("a time that does not exist in the source's time zone")]
    Gap,
    /// Clocks were put back over it.
    #[error("a time that exists twice in the source's time zone")]
    Fold,
    /// An offset that no zone has.
    #[error("not an offset of a time zone")]
    NotOffset,
    /// Not an interval.
    #[error("not an interval")]
    NotInterval,
    /// A number in an interval without its unit.
    #[error("a number without a unit is not an interval")]
    NoUnit,
    /// A fraction of days, weeks, months or years: their length is not fixed.
    #[error("a fraction of a unit longer than an hour")]
    UnitFraction,
    /// Finer than an `interval` column with fields keeps.
    #[error("finer than the fields of the interval column")]
    FinerThanFields,
    /// Not JSON.
    #[error("not JSON")]
    NotJson,
    /// Nested too deeply.
    #[error("nested deeper than {max} levels")]
    TooDeep {
        /// The bound.
        max: usize,
    },
    /// A key twice in one object.
    #[error("a key stands twice in the object")]
    KeyTwice,
    /// Half of a surrogate pair.
    #[error("a lone surrogate")]
    LoneSurrogate,
    /// `\u0000`, which no jsonb and no text holds.
    #[error("a NUL character")]
    EscapedNul,
    /// `[` but not a JSON array.
    #[error("not a JSON array")]
    NotArray,
    /// Nested lists that make no rectangle.
    #[error("nested lists of different lengths or depths, or empty ones")]
    Ragged,
    /// More dimensions than PostgreSQL's arrays have.
    #[error("more than {max} dimensions")]
    Dimensions {
        /// The bound.
        max: usize,
    },
    /// A JSON object as an element of an array of something else.
    #[error("an object in a list of plain values")]
    ObjectElement,
    /// None of the enum's labels.
    #[error("not one of the labels")]
    NotLabel,
    /// What is wrong with one element of an array.
    #[error("element {position}: {why}")]
    Element {
        /// Which, from 1, in the order of the text.
        position: usize,
        /// What is wrong with it.
        why: Box<Why>,
    },
}

impl Why {
    /// The reject's code.
    pub fn code(&self) -> RejectCode {
        match self {
            Self::Nul | Self::EscapedNul | Self::LoneSurrogate => RejectCode::BadText,
            Self::TooLong { .. } | Self::TooManyBytes { .. } => RejectCode::TooLong,
            Self::OutOfRange | Self::Precision { .. } | Self::Underflow => RejectCode::OutOfRange,
            Self::Element { why, .. } => why.code(),
            _ => RejectCode::BadValue,
        }
    }
}

/// Bytes that are not what PostgreSQL sends for the type; holds nothing of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server sent bytes that are not {what}")]
pub struct Malformed {
    /// What they should have been: `an int4`, `a row of binary COPY`.
    pub what: &'static str,
}

impl Malformed {
    /// Bytes that should have been `what`.
    pub(crate) const fn new(what: &'static str) -> Self {
        Self { what }
    }
}
